"""A tree of migrations that has grown by some revisions, as the next release brings them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal import migrations
from portal.migrations import head, revisions
from portal.tenancy import releases
from portal.tenancy.session import TENANT

NULLABLE = 'op.add_column("core_hospitalprofile", sa.Column("motto", sa.String(80), nullable=True))'
DEFAULTED = 'op.add_column("core_hospitalprofile", sa.Column("beds", sa.Integer, nullable=False, server_default="0"))'
REQUIRED = 'op.add_column("core_hospitalprofile", sa.Column("motto", sa.String(80), nullable=False))'
INDEX = 'op.create_index("ix_core_hospitalprofile_name", "core_hospitalprofile", ["name"])'
TABLE = """\
op.create_table(
    "core_shelf",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("profile_id", sa.Integer, sa.ForeignKey("core_hospitalprofile.id"), nullable=False),
    sa.Column("place", sa.String(20), nullable=False, unique=True),
)
op.create_index("ix_core_shelf_place", "core_shelf", ["place"], unique=True)"""


def write_revision(folder: Path, revision: str, before: str, body: str, *, additive: bool = True) -> None:
    """Put a revision into a folder of them."""
    lines = "\n    ".join(body.splitlines())
    mark = "additive = True\n" if additive else ""
    folder.joinpath(f"{revision}_core_grow.py").write_text(
        '"""grow"""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f"revision = {revision!r}\ndown_revision = {before!r}\n{mark}\n\ndef upgrade():\n    {lines}\n"
    )


@contextmanager
def grown(folder: Path, *bodies: str) -> Iterator[list[str]]:
    """This process is of a release with more revisions of the tenant tree; one not additive begins with “!”."""
    before, added = head(TENANT), []
    versions = folder / "grown" / TENANT / "versions"
    versions.mkdir(parents=True)
    for path in (migrations.FOLDER / TENANT / "versions").glob("*.py"):
        versions.joinpath(path.name).write_bytes(path.read_bytes())
    for body in bodies:
        revision = f"{int(before) + 1:04}"
        write_revision(versions, revision, before, body.removeprefix("!"), additive=not body.startswith("!"))
        before = revision
        added.append(revision)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "FOLDER", folder / "grown")
        _forget()
        try:
            yield added
        finally:
            patch.undo()
            _forget()


def _forget() -> None:
    """What is known of the tree is read anew."""
    revisions.cache_clear()
    releases._works_on.cache_clear()
