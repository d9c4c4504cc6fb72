"""`flask module …`: the skeleton of a new module, which keeps the contract of every module, and its migrations."""

import keyword
import re
from importlib import import_module
from pathlib import Path
from string import Template

import click
from alembic import command
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from portal import kit
from portal.cli.output import EXISTS, FAILED, USAGE, refuse
from portal.extensions import db
from portal.i18n import _
from portal.kit.discovery import PORTAL_PATHS
from portal.kit.module import GROUPS
from portal.migrations import configured, head
from portal.provisioning.template import opened_tree
from portal.settings import ROOT
from portal.tenancy.session import TENANT

SKELETON = Path(__file__).parent / "skeleton"
NAME = re.compile(r"[a-z][a-z0-9]*")
RECORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NEXT = """
Next:
  1. Give {model} its columns in modules/{name}/models.py; forms.py, views.py and the templates show them.
  2. flask module migrate {name}
  3. make test ARGS="tests/test_every_module.py tests/modules/test_{name}.py"
  4. make check"""

module = AppGroup("module", help="Modules of the hospital.")


@module.command("new")
@click.argument("name")
@click.option("--record", prompt=_("What one record is called, such as book"), help="What one record is called.")
@click.option("--label", help="What people read; by default the name.")
@click.option("--icon", default="list-check", show_default=True, help="An icon of portal/static/icons.svg.")
@click.option("--group", default="Business", show_default=True, help="Where it stands in the menu.")
@with_appcontext
def new(name: str, record: str, label: str | None, icon: str, group: str) -> None:
    """Write the skeleton of the module NAME: manifest, model, forms, views, templates and tests.

    NAME becomes the folder, the address and the prefix of the tables: one word, in the plural where it has one.
    """
    record = record.strip().lower().replace(" ", "_")
    problems = problems_of(name, record, icon, group)
    if problems:
        refuse(USAGE, *problems)
    words = words_for(name, record, label or name.capitalize(), icon, group)
    files = {place(path, name): path for path in sorted(SKELETON.rglob("*.txt"))}
    there = [str(target) for target in (Path("modules", name), *files) if (ROOT / target).exists()]
    if there:
        refuse(EXISTS, _("This is there already: {places}", places=", ".join(there)))
    for target, source in files.items():
        write(ROOT / target, Template(source.read_text()).substitute(words))
        click.echo(f"✓ {target}")
    click.echo(_(NEXT, name=name, model=words["Record"]))


@module.command("migrate")
@click.argument("name")
@click.option("--what", default="create", show_default=True, help="What the migration does, joined by _.")
@with_appcontext
def migrate(name: str, what: str) -> None:
    """Write the migration that brings the tables of the module NAME from the last migration to its models."""
    if name not in current_app.extensions["modules"]:
        refuse(USAGE, _("There is no module “{name}”", name=name))
    config = configured(TENANT)
    config.cmd_opts.autogenerate = True
    with opened_tree(TENANT) as connection:
        config.attributes["connection"] = connection
        revision = f"{int(head(TENANT)) + 1:04}"
        script = command.revision(config, f"{name}_{what}", autogenerate=True, rev_id=revision)
    if not script:
        refuse(FAILED, _("The models and the migrations agree; there is nothing to write"))
    tidy(Path(script.path), import_module(f"modules.{name}").__doc__)
    click.echo(_("Read it and correct it, then: ruff check --fix migrations && ruff format migrations"))


def tidy(path: Path, says: str) -> None:
    """Let a generated migration begin with what the module is for, and take out the generator's remarks."""
    text = re.sub(r"^ +# ###.*\n", "", path.read_text(), flags=re.M)
    path.write_text(re.sub(r'\A"""[^"]*"""', lambda found: f'"""{says}"""', text))


def problems_of(name: str, record: str, icon: str, group: str) -> list[str]:
    """What is wrong with the names, each in a sentence."""
    modules = current_app.extensions["modules"]
    taken = {table.partition("_")[0] for table in db.metadatas[TENANT].tables} - set(modules)
    icons = (Path(current_app.static_folder) / "icons.svg").read_text()
    problems = []
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        problems.append(_("“{name}” must be one word in small letters, and none of Python’s", name=name))
    if not RECORD.fullmatch(record) or keyword.iskeyword(record):
        problems.append(_("“{name}” must be small letters and numbers, and no word of Python’s", name=record))
    if name in PORTAL_PATHS | taken:
        problems.append(_("“{name}” belongs to the portal itself; choose another name", name=name))
    if hasattr(kit, class_name(record)):
        problems.append(_("“{name}” is a name of the kit; call the record something else", name=class_name(record)))
    if f'id="{icon}"' not in icons:
        problems.append(_("“{icon}” is not in portal/static/icons.svg; see scripts/make_icons.py", icon=icon))
    if group not in GROUPS:
        problems.append(_("The groups of the menu are {groups}", groups=", ".join(filter(None, GROUPS))))
    return problems


def words_for(name: str, record: str, label: str, icon: str, group: str) -> dict[str, str]:
    """What the skeleton says in place of its gaps."""
    words = record.replace("_", " ")
    return {
        "name": name,
        "label": label,
        "icon": icon,
        "group": group,
        "package": f"modules.{name}",
        "table": f"{name}_{record.replace('_', '')}",
        "id": record.replace("_", "-"),
        "record": record,
        "Record": class_name(record),
        "a": "an" if words[0] in "aeiou" else "a",
        "words": words,
        "Words": words.capitalize(),
        "records": plural(words),
        "Records": plural(words).capitalize(),
    }


def class_name(record: str) -> str:
    """The name of the model."""
    return record.title().replace("_", "")


def plural(words: str) -> str:
    """The usual English plural; whoever knows a better one edits it."""
    if re.search(r"[^aeiou]y$", words):
        return words[:-1] + "ies"
    return words + ("es" if re.search(r"(s|x|z|ch|sh)$", words) else "s")


def place(source: Path, name: str) -> Path:
    """Where a file of the skeleton goes, from the root."""
    inside = source.relative_to(SKELETON).with_suffix("")
    if inside.name == "test.py":
        return Path("tests", "modules", f"test_{name}.py")
    if inside.parts[0] == "templates":
        return Path("modules", name, "templates", name, inside.name)
    return Path("modules", name, inside)


def write(path: Path, text: str) -> None:
    """Write a new file and the folders it stands in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
