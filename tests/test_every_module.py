"""The contract of a module: what every folder of `modules/` keeps, found by discovery (house.md §6).

Floor plan and imports are the subject of `test_architecture`, what crosses between hospitals that of `test_isolation`,
and what discovery itself refuses is not said again. A rule said twice in a review belongs here.
"""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import MultiDict

from portal.auth.models import ADMIN_ROLE, Group, UserGroup
from portal.control.models import Tenant
from portal.extensions import db
from portal.kit.discovery import discover
from portal.kit.module import Module
from portal.kit.seed import ROLES
from portal.kit.states import transitions_of
from portal.record import HospitalModel
from portal.tenancy.current import in_hospital
from tests.conftest import add_user
from tests.filled import FilledForm
from tests.filled_tables import fill_hospital
from tests.page import Page
from tests.provisioned import query

ROOT = Path(__file__).resolve().parent.parent
ICONS = frozenset(re.findall(r'<symbol id="([^"]+)"', (ROOT / "portal" / "static" / "icons.svg").read_text()))
MODULES = discover()
EACH = pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
PAGED = {name: module for name, module in MODULES.items() if module.needed}
EACH_WITH_PAGES = pytest.mark.parametrize("module", PAGED.values(), ids=list(PAGED))

NOBODYS_ID = 4711
NOT_REACHED_YET = {
    ("appointments_appointment", "requested"): "one that is asked for begins here, one that is booked as scheduled",
    ("billing_chargeitem", "entered_in_error"): "comes with voiding charges; no States line leads here",
}


ONLY_CATALOGUES_YET = {"billing", "inventory"}  # their other permissions open what comes with their issues


@dataclass(frozen=True)
class Route:
    """One way to ask for a page: its address, how, and the verb it needs."""

    path: str
    method: str
    verb: str
    has_id: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(app: Flask, module: Module, number: int = NOBODYS_ID) -> list[Route]:
    """Every way to ask for a page of the module, with this number for its ids."""
    verbs = dict(module.needed)
    found = []
    for rule in app.url_map.iter_rules():
        blueprint, _, view = rule.endpoint.rpartition(".")
        if blueprint == module.name:
            values = {name: number if f"int:{name}>" in rule.rule else "x" for name in rule.arguments}
            path = app.url_map.bind("x").build(rule.endpoint, values)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                found.append(Route(path, method, verbs.get(view, ""), bool(rule.arguments)))
    return sorted(found, key=str)


def models_of(module: Module) -> list[type[HospitalModel]]:
    """The models of the module; those of the kit and of sign-in are core's (D3)."""
    models = [mapper.class_ for mapper in db.Model.registry.mappers if issubclass(mapper.class_, HospitalModel)]
    return sorted((model for model in models if _owner(model) == module.name), key=lambda model: model.__tablename__)


def _owner(model: type) -> str:
    package, name, *_rest = model.__module__.split(".")
    return name if package == "modules" else "core"


def every_permission(but: str = "") -> list[str]:
    """Every permission there is, less one, or less several any of which would do."""
    names = [f"{module.name}.{verb}" for module in MODULES.values() for verb in module.permissions]
    return [name for name in names if name not in but.split(" | ")]


# --- what the manifest says ----------------------------------------------------------------------------------------


@EACH
def test_a_module_says_what_it_is_and_looks_like_something(module):
    says = importlib.import_module(f"modules.{module.name}").__doc__ or ""
    assert re.fullmatch(r"[A-Z][^\n]*: [^\n]+\.", says), f"“{says}”: begin the manifest with “Name: what it is for.”"
    for label in (module.label, module.menu_label):
        assert re.fullmatch(r"[A-Z].*\S", label), f"“{label}” is what people read: a word with a capital"
    assert module.icon in ICONS, f"add “{module.icon}” to NAMES of scripts/make_icons.py and run it, or choose another"


@EACH
def test_what_may_be_permitted_is_said_in_words_that_differ(module):
    assert module.permissions, "a module that nobody can be permitted to open is not for anybody"
    for verb, words in module.permissions.items():
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", verb), f"“{verb}”: small letters joined by _ (D27)"
        assert re.fullmatch(r"[A-Z].*[^.\s]", words), f"{verb}: “{words}” stands beside a tick box: no full stop"
    words = list(module.permissions.values())
    assert len(words) == len(set(words)), f"two permissions read the same: {sorted(words)}"


@EACH
def test_permissions_are_given_to_roles_that_a_hospital_has(module):
    unknown = set(module.roles) - set(ROLES)
    assert not unknown, f"no hospital has the roles {sorted(unknown)}; they are in portal/kit/seed.py"
    assert ADMIN_ROLE not in module.roles, "the administrator holds everything; the manifest need not say so"
    doubled = {role: verbs for role, verbs in module.roles.items() if not verbs or len(verbs) != len(set(verbs))}
    assert not doubled, f"a role has each verb once, and at least one: {doubled}"


@EACH_WITH_PAGES
def test_every_permission_of_a_module_with_pages_opens_something(module):
    opened = {verb for _view, needs in module.needed for verb in needs.split(" | ")}
    opened |= {move.needs for model in models_of(module) for move in transitions_of(model)}
    written = "".join(path.read_text() for top in ("modules", "portal") for path in (ROOT / top).rglob("*.py"))
    idle = [verb for verb in module.permissions if verb not in opened and f"{module.name}.{verb}" not in written]
    if module.name in ONLY_CATALOGUES_YET:
        assert idle, f"{module.name} has all its pages: take it out of ONLY_CATALOGUES_YET"
        return
    assert not idle, f"nothing asks for {idle}: a tick in the role grid would change nothing"


# --- what it keeps -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def migrated(blank) -> frozenset[str]:
    """The tables of the migrations' template, from which every hospital is cloned."""
    (template,) = (blank / "hospitals").glob("template_*.db")
    return frozenset(name for (name,) in query(template, "SELECT name FROM sqlite_master WHERE type = 'table'"))


@EACH
def test_the_tables_of_a_module_have_its_prefix_and_come_with_a_migration(module, migrated):
    tables = {model.__tablename__ for model in models_of(module)}
    strays = {name for name in tables if not name.startswith(module.prefixes)}
    assert not strays, f"call these {module.name}_<entity>: {sorted(strays)}"
    assert tables <= migrated, f"write a migration for {sorted(tables - migrated)} (CONTRIBUTING.md)"
    claimed = {table for table in module.tables if table not in tables and not _is_between(table)}
    assert not claimed, f"these carry the prefix of {module.name} but are another module's: {sorted(claimed)}"


def _is_between(name: str) -> bool:
    """A table without a model of its own, that only joins two others."""
    return not any(mapper.local_table.name == name for mapper in db.Model.registry.mappers)


MOVING = [model for module in MODULES.values() for model in models_of(module) if transitions_of(model)]
EACH_THAT_MOVES = pytest.mark.parametrize("model", MOVING, ids=[model.__tablename__ for model in MOVING])


@EACH_THAT_MOVES
def test_moves_are_between_states_of_the_table_and_need_a_permission_of_the_module(model):
    words, module = set(model.__table__.c.status.type.enums), MODULES[_owner(model)]
    for move in transitions_of(model):
        unknown = {*move.sources, move.target} - words
        assert not unknown, f"{move.name}: {sorted(unknown)} is not in the Choice of {model.__tablename__}.status"
        assert move.target not in move.sources, f"{move.name} goes nowhere"
        assert move.needs in module.permissions, f"{move.name} needs “{move.needs}”: declare it in the manifest"
        assert move.says.endswith("."), f"{move.name}: its docstring says what the move means"


@EACH_THAT_MOVES
def test_every_state_is_where_a_record_begins_or_where_a_move_leads(model):
    column, moves = model.__table__.c.status, transitions_of(model)
    words = set(column.type.enums)
    reached = {column.default.arg} if column.default is not None else words
    while more := {move.target for move in moves if reached & set(move.sources)} - reached:
        reached |= more
    stated = {state for table, state in NOT_REACHED_YET if table == model.__tablename__}
    assert words - reached == stated, f"no move leads to {sorted(words - reached)} (or one does: {sorted(stated)})"


# --- who may ask for its pages -------------------------------------------------------------------------------------


@pytest.fixture
def ask(client_with, hospital):
    """Asks for a route as somebody who holds these permissions; the answer."""
    browsers = {}

    def asked(route: Route, permissions: list[str]):
        key = tuple(permissions)
        if key not in browsers:
            browsers[key] = client_with(*permissions, hospital=hospital, username=f"person-{len(browsers)}")
        return browsers[key].open(route.path, method=route.method)

    return asked


@EACH_WITH_PAGES
def test_every_page_is_registered_through_the_module_with_a_verb(module, app):
    wild = [str(route) for route in routes_of(app, module) if not route.verb]
    assert not wild, f"register these by @module.get, .post, .form or .search, never on the blueprint: {wild}"


@EACH_WITH_PAGES
def test_the_index_opens_with_its_verb_alone(module, app, ask):
    assert module.menu_entry, "a module with pages has a view called `index`: the menu leads there"
    routes = {str(route): route for route in routes_of(app, module)}
    index = routes.get(f"GET {module.blueprint.url_prefix}/")
    assert index, f"the view `index` stands at “/” of the module, not elsewhere: {sorted(routes)}"
    opened = ask(index, [module.permission(index.verb).split(" | ")[0]])
    assert opened.status_code == 200, f"{index} answered {opened.status_code} to who may {index.verb}"


@EACH_WITH_PAGES
def test_every_route_refuses_who_may_do_everything_but_that(module, app, ask):
    open_doors = []
    for route in routes_of(app, module):
        answer = ask(route, every_permission(but=module.permission(route.verb)))
        if answer.status_code != 403 or "You may not open this page" not in answer.text:
            open_doors.append(f"{route} answered {answer.status_code}")
    assert not open_doors, open_doors


@EACH_WITH_PAGES
def test_every_route_sends_a_stranger_to_sign_in(module, app, hospital):
    stranger = app.test_client(hospital=hospital)
    for route in routes_of(app, module):
        answer = stranger.open(route.path, method=route.method)
        assert answer.status_code in (302, 303), f"{route} answered {answer.status_code} to a stranger"
        assert answer.location.partition("?")[0] == "/sign-in", str(route)


@EACH_WITH_PAGES
def test_every_route_of_a_module_outside_the_plan_says_so(module, app, hospital, ask):
    with app.app_context():
        tenant = db.session.scalars(sa.select(Tenant)).one()
        tenant.modules = sorted(set(MODULES) - {module.name})
        db.session.commit()
    app.extensions["registry"].forget()
    for route in routes_of(app, module):
        answer = ask(route, every_permission())
        assert answer.status_code == 403, str(route)
        assert f"{module.menu_label} is not part of this hospital’s plan" in Page(answer.text).text, str(route)


@EACH_WITH_PAGES
def test_the_administrator_of_an_empty_hospital_opens_every_page(module, app, hospital):
    browser = app.test_client(hospital=hospital)
    with app.app_context():
        user = add_user(hospital, "ines")
        with in_hospital(hospital):
            role = db.session.scalar(sa.select(Group.id).where(Group.name == ADMIN_ROLE))
            db.session.add(UserGroup(user_id=user.id, group_id=role))
            db.session.commit()
            browser.sign_in_as(user)
    for route in routes_of(app, module):
        if route.method == "GET":
            expected = (200, 404) if route.has_id else (200,)
            assert browser.get(route.path).status_code in expected, str(route)


# --- what it shows on other pages ------------------------------------------------------------------------------------


TABS = [(module, part) for module in PAGED.values() for part in module.parts if part.place.endswith(".tabs")]
EACH_TAB = pytest.mark.parametrize(("module", "part"), TABS, ids=[f"{part.place}-{part.key}" for _module, part in TABS])


@EACH_TAB
def test_a_tab_opens_with_its_verb_and_the_records_own_and_refuses_without(module, part, app, filled_hospital, ask):
    table = part.place.removesuffix(".tabs")
    owner = PAGED[table.partition("_")[0]]
    shows = [one for one in routes_of(app, owner, 1) if one.path.endswith("/1/x")]
    assert shows, f"{owner.name} stacks “/<int:record_id>/<tab>” on the view that shows {table}"
    page = Route(shows[0].path.removesuffix("x") + part.key, "GET", shows[0].verb, has_id=True)
    held = {needs.split(" | ")[0] for needs in (owner.permission(page.verb), part.needs)}
    assert ask(page, sorted(held)).status_code == 200, str(page)
    if part.needs != owner.permission(page.verb):
        assert ask(page, every_permission(but=part.needs)).status_code == 403, str(page)


@EACH_WITH_PAGES
def test_what_a_module_shows_elsewhere_has_a_key_of_its_own(module):
    keys = [(part.place, part.key) for one in MODULES.values() for part in one.parts if not _is_fill(part)]
    mine = [(part.place, part.key) for part in module.parts if not _is_fill(part)]
    assert all(keys.count(key) == 1 for key in mine), f"two parts have the same key: {mine}"


def _is_fill(part) -> bool:
    """What a module adds to a list of another page has no address of its own."""
    return part.key == part.needs.split(".")[0]


# --- its forms -----------------------------------------------------------------------------------------------------


@pytest.fixture
def filled_hospital(app, hospital):
    """A hospital with rows in every table, so that lists to choose from are not empty."""
    fill_hospital(app, hospital, "Spatz")
    return hospital


def new_forms(app: Flask, module: Module) -> list[Route]:
    """The forms that make something."""
    return [one for one in routes_of(app, module, 1) if one.method == "POST" and one.path.endswith("/new")]


@EACH_WITH_PAGES
def test_a_form_without_answers_is_refused_with_a_sentence_at_a_field(module, app, filled_hospital, ask):
    for form in new_forms(app, module):
        answer = ask(form, every_permission())
        assert answer.status_code == 422, f"{form} answered {answer.status_code} to nothing at all"
        page = Page(answer.text)
        mended = {field["id"] for field in page.fields if field.get("aria-invalid") == "true"}
        assert mended, f"{form}: no field says what is wrong"
        for name in mended:
            assert f"{name}-error" in page.ids, f"{form}: no sentence stands at {name}; use forms.field"
            assert any(url == f"#{name}" for url, _text in page.links), f"{form}: use forms.error_summary"
        assert page.title.startswith("Error: "), f"{form}: the title says that something is wrong"


@EACH_WITH_PAGES
def test_a_form_that_is_refused_keeps_every_answer(module, app, filled_hospital, client_with):
    browser = client_with(*every_permission(), hospital=filled_hospital)
    for form in new_forms(app, module):
        typed = FilledForm(browser.page(form.path).html, form.path)
        typed.answer_what_is_optional()
        answer = browser.post(form.path, data=MultiDict(typed.sent))
        assert answer.status_code == 422, f"{form}: mark what must be answered (`required`), or refuse its absence"
        assert FilledForm(answer.text, form.path).kept == typed.kept, f"{form} forgets what was typed"


# --- its templates -------------------------------------------------------------------------------------------------


@EACH_WITH_PAGES
def test_templates_compile_and_stand_in_a_folder_of_the_modules_name(module, app):
    folder = ROOT / "modules" / module.name / "templates"
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        assert name.startswith(f"{module.name}/"), f"{name} could stand for another module's: put it in {module.name}/"
        assert Path(app.jinja_env.get_template(name).filename) == path
