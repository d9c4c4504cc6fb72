"""`flask module …`: what it writes keeps the contract of every module, and it overwrites nothing."""

import importlib
import os
import shutil
import subprocess
import sys

import pytest

from portal.cli.module import class_name, plural
from tests.processes import ROOT

USAGE, EXISTS, FAILED = 2, 3, 4
COPIED = (
    "modules",
    "portal",
    "migrations",
    "templates",
    "tests",
    "pyproject.toml",
    ".flaskenv",
    "wsgi.py",
    "worker.py",
)


@pytest.fixture
def flask(app, tmp_path, monkeypatch):
    """Runs a flask command in this process; what it writes goes to a folder of this test."""
    monkeypatch.setattr(importlib.import_module("portal.cli.module"), "ROOT", tmp_path / "written")
    return lambda *arguments: app.test_cli_runner().invoke(args=list(arguments))


def in_a_copy(folder, *arguments: str) -> str:
    """What a program prints that runs in the copy of the portal, and ends well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "FLASK"))}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def portal_copy(tmp_path):
    """A copy of the program in a folder of this test, without what belongs to an installation."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def test_a_new_module_keeps_the_contract_before_anybody_edits_it(portal_copy):
    printed = in_a_copy(portal_copy, "flask", "module", "new", "equipment", "--record", "infusion pump")
    assert "flask module migrate equipment" in printed
    in_a_copy(portal_copy, "flask", "module", "migrate", "equipment")
    in_a_copy(portal_copy, "ruff", "check", "--fix", "migrations")
    in_a_copy(portal_copy, "ruff", "format", "migrations")
    in_a_copy(portal_copy, "ruff", "check", "modules/equipment", "tests/modules", "migrations")
    in_a_copy(portal_copy, "ruff", "format", "--check", "modules/equipment", "tests/modules")
    ours = ["tests/modules/test_equipment.py", "tests/test_every_module.py", "tests/test_architecture.py"]
    chosen = "equipment or architecture"
    kept = in_a_copy(portal_copy, "pytest", "-q", "-p", "no:cacheprovider", *ours, "-k", chosen)
    assert " passed" in kept


def test_the_skeleton_is_written_where_the_module_belongs_and_nowhere_else(flask, tmp_path):
    assert flask("module", "new", "library", "--record", "book").exit_code == 0
    written = {path.relative_to(tmp_path / "written").as_posix() for path in (tmp_path / "written").rglob("*.*")}
    files = ("__init__.py", "models.py", "find.py", "forms.py", "panels.py", "views.py")
    templates = (f"templates/library/{name}.html" for name in ("index", "show", "_summary"))
    assert written == {"tests/modules/test_library.py", *(f"modules/library/{name}" for name in (*files, *templates))}


def test_what_is_there_already_is_never_overwritten(flask, tmp_path):
    flask("module", "new", "library", "--record", "book")
    models = tmp_path / "written" / "modules" / "library" / "models.py"
    models.write_text("mine")
    again = flask("module", "new", "library", "--record", "book")
    assert again.exit_code == EXISTS
    assert "modules/library" in again.output
    assert models.read_text() == "mine"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "Library"}, "“Library” must be one word in small letters"),
        ({"name": "../library"}, "“../library” must be one word in small letters"),
        ({"name": "two_words"}, "“two_words” must be one word in small letters"),
        ({"name": "class"}, "“class” must be one word in small letters"),
        ({"name": "auth"}, "“auth” belongs to the portal itself"),
        ({"name": "settings"}, "“settings” belongs to the portal itself"),
        ({"--record": "3 books"}, "“3_books” must be small letters and numbers"),
        ({"--record": "column"}, "“Column” is a name of the kit"),
        ({"--icon": "unicorn"}, "“unicorn” is not in portal/static/icons.svg"),
        ({"--group": "Elsewhere"}, "The groups of the menu are Front desk, Clinical"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_and_nothing_is_written(flask, tmp_path, changes, sentence):
    options = {"--record": "book"} | {name: value for name, value in changes.items() if name != "name"}
    words = [word for pair in options.items() for word in pair]
    refused = flask("module", "new", changes.get("name", "library"), *words)
    assert refused.exit_code == USAGE
    assert sentence in refused.output
    assert not (tmp_path / "written").exists()


def test_a_migration_without_a_change_is_not_written(flask):
    before = set((ROOT / "migrations" / "tenant" / "versions").iterdir())
    unchanged = flask("module", "migrate", "staff")
    assert unchanged.exit_code == FAILED
    assert "there is nothing to write" in unchanged.output
    assert flask("module", "migrate", "library").exit_code == USAGE
    assert set((ROOT / "migrations" / "tenant" / "versions").iterdir()) == before


@pytest.mark.parametrize(
    ("one", "many"),
    [("book", "books"), ("delivery", "deliveries"), ("day", "days"), ("dish", "dishes"), ("box", "boxes")],
)
def test_one_and_many(one, many):
    assert plural(one) == many


def test_the_model_is_called_after_one_record():
    assert class_name("infusion_pump") == "InfusionPump"
