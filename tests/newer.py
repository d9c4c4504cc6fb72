"""A release with more migrations than this one, for the tests of migrating hospitals that are behind it."""

import shutil
from pathlib import Path

from portal import migrations
from portal.migrations import revisions
from portal.provisioning import schema, template
from portal.tenancy import releases

MODULES = {"tenant": "patients", "control": "control"}
ADD_COLUMN = """op.add_column("patients_patient", sa.Column("shoe_size", sa.String(10)))"""
POISON = "poisoned"
WHERE_POISONED = f"""
poisoned = sa.text("SELECT count(*) FROM core_sequence WHERE name = '{POISON}'")
if op.get_bind().execute(poisoned).scalar():
    """
FAILS_WHERE_POISONED = f"""{WHERE_POISONED}op.execute("INSERT INTO core_sequence (name) VALUES (NULL)")"""
INSERT_POISON = (
    "INSERT INTO core_sequence (name, width, value, period, period_key, prefix)"
    f" VALUES ('{POISON}', 1, 0, 'none', '', '')"
)
HEAL = f"DELETE FROM core_sequence WHERE name = '{POISON}'"


def write(folder: Path, *bodies: str) -> Path:
    """A copy of the migrations in this folder, with one revision more for each body of an `upgrade`.

    One that begins with “+” is marked additive.
    """
    shutil.copytree(migrations.FOLDER, folder)
    before = revisions("tenant")[-1][0]
    for body in bodies:
        before = add(folder, "tenant", before, body)
    return folder


def add(folder: Path, tree: str, before: str, body: str) -> str:
    """One revision more after `before` in a tree of this folder: its name."""
    revision = f"{int(before) + 1:04}"
    lines = "\n    ".join(body.removeprefix("+").strip().splitlines())
    mark = "additive = True\n" if body.startswith("+") else ""
    (folder / tree / "versions" / f"{revision}_{MODULES[tree]}_more.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f"revision = {revision!r}\ndown_revision = {before!r}\n{mark}\n\ndef upgrade():\n    {lines}\n"
    )
    return revision


def use(folder: Path) -> None:
    """From now on this process is of the release with these migrations."""
    migrations.FOLDER = folder
    forget()


def forget() -> None:
    """Read the migrations anew."""
    revisions.cache_clear()
    template._fingerprint.cache_clear()
    schema._in_memory.cache_clear()
    releases._works_on.cache_clear()
