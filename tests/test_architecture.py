"""The house keeps its floor plan: imports point down, words are plain, pages hold no script (house.md §1, §5, §7).

Each failure says what to do about it.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 350
LONGEST_VIEW = 10

# From the ground up: what stands in a line imports from the lines above it, and freely inside its own package.
FLOORS = """
portal.clock portal.i18n portal.impatient portal.types portal.lifeline portal.web_worker
portal.tenancy.session portal.tenancy.hosts portal.tenancy.servers portal.tenancy.turns
portal.queue portal.redis_server portal.supervisor portal.tenancy.modes portal.tenancy.names portal.extensions
portal.settings portal.record portal.control portal.pages portal.tenancy.databases portal.tenancy.current
portal.tenancy.control_engine portal.tenancy.engines portal.tenancy.registry portal.times
portal.logs portal.migrations portal.tenancy.routing
portal.auth
portal.kit
portal.provisioning
portal.admin portal.again portal.context portal.edge portal.first_start portal.status
portal.cli
portal
worker wsgi
""".strip().splitlines()
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names.split()}

WEB_NAMES = {"Module", "current_user", "edit_page", "form_page", "get_or_404", "go", "is_htmx", "once", "page", "saved"}
BAD_WORDS = {"util", "utils", "helper", "helpers", "manager", "managers", "service", "services", "data", "info", "misc"}

OURS = sorted([*ROOT.glob("portal/**/*.py"), *ROOT.glob("modules/**/*.py"), ROOT / "wsgi.py", ROOT / "worker.py"])
SOURCES = sorted([*OURS, *ROOT.glob("tests/**/*.py"), *ROOT.glob("migrations/env.py"), *ROOT.glob("scripts/*.py")])
TEMPLATES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("modules/*/templates/**/*.html")])


def place(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """The name under which Python imports a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse(path.read_text())


def imported(path: Path) -> list[tuple[str, str]]:
    """What a file imports, also inside functions: the module, and the name taken from it or nothing."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path)}: write the whole name instead of a relative import"
            found += [(node.module, alias.name) for alias in node.names]
    return found


def package_of(name: str) -> str:
    """The entry of the floor plan a module belongs to: the longest one its name begins with."""
    parts = name.split(".")
    while parts and ".".join(parts) not in FLOOR_OF:
        parts.pop()
    return ".".join(parts)


KNOWN = {dotted(path) for path in OURS}


def targets(path: Path) -> set[str]:
    """The files of ours that a file imports, by their dotted names."""
    for module, name in imported(path):
        if module.split(".")[0] in ("portal", "modules"):
            yield f"{module}.{name}" if f"{module}.{name}" in KNOWN else module


def test_imports_point_down():
    wrong = []
    for path in OURS:
        home = package_of(dotted(path))
        if dotted(path).startswith("modules"):
            continue
        for target in targets(path):
            package = package_of(target)
            if package != home and FLOOR_OF.get(package, 0) >= FLOOR_OF[home]:
                wrong.append(f"{place(path)} imports {target}")
    assert not wrong, (
        "Imports point down (house.md §1). Move what is shared to a lower floor, pass it in, or use an event:\n"
        + "\n".join(wrong)
    )


def test_every_part_of_the_portal_has_its_place_on_the_plan():
    homeless = {name for name in KNOWN if name.startswith("portal.") and package_of(name) == "portal"}
    homeless -= {"portal.tenancy"}
    assert not homeless, f"Give these a place in FLOORS of tests/test_architecture.py: {sorted(homeless)}"
    absent = {name for name in FLOOR_OF if name not in KNOWN}
    assert not absent, f"Take these out of FLOORS of tests/test_architecture.py: {sorted(absent)}"


def test_the_portal_imports_no_module_by_name():
    wrong = [f"{place(path)} imports {target}" for path in OURS if not dotted(path).startswith("modules")
             for target in targets(path) if target.startswith("modules")]  # fmt: skip
    assert not wrong, "The portal finds modules by discovery. Let the module plug in instead:\n" + "\n".join(wrong)


def uses_of(module: str) -> set[str]:
    """The modules that a manifest says it uses."""
    for node in ast.walk(tree_of(ROOT / "modules" / module / "__init__.py")):
        if isinstance(node, ast.keyword) and node.arg == "uses":
            return {element.value for element in node.value.elts}
    return set()


def test_a_module_imports_the_kit_itself_and_the_api_of_modules_it_uses():
    wrong = []
    for path in OURS:
        parts = dotted(path).split(".")
        if parts[0] != "modules" or len(parts) < 2:
            continue
        for target in targets(path):
            other = target.split(".")
            if other[0] == "portal":
                if other[1:2] != ["kit"]:
                    wrong.append(f"{place(path)} imports {target}: take it from portal.kit, or offer it there")
            elif other[1:2] != [parts[1]]:
                if other[2:3] != ["api"]:
                    wrong.append(f"{place(path)} imports {target}: take it from modules.{other[1]}.api")
                if other[1] not in uses_of(parts[1]):
                    wrong.append(f"{place(path)} imports {target}: add “{other[1]}” to uses=(…) of its manifest")
    assert not wrong, "A module touches its own folder and the kit (house.md §1):\n" + "\n".join(wrong)


def is_model(path: Path) -> bool:
    """A file that declares tables or their columns."""
    return "    __tablename__ = " in path.read_text() or place(path) in ("portal/record.py", "portal/types.py")


def test_models_know_of_no_request():
    wrong = [
        f"{place(path)} imports {module}.{name}".rstrip(".")
        for path in OURS
        if is_model(path) or dotted(path).startswith("portal.control")
        for module, name in imported(path)
        if module.split(".")[0] in ("flask", "flask_login", "flask_wtf", "wtforms")
        or (module.startswith("portal.kit") and name in WEB_NAMES)
    ]
    assert not wrong, "Models import no flask (D6). Give the view's part to the view:\n" + "\n".join(wrong)


def test_the_session_knows_nothing_of_the_portal():
    assert list(targets(ROOT / "portal/tenancy/session.py")) == [], "D6: hand the look-up in when the portal starts"


def test_no_file_is_longer_than_one_subject():
    long = {place(path): len(path.read_text().splitlines()) for path in [*SOURCES, *TEMPLATES]}
    long = {name: lines for name, lines in long.items() if lines > LONGEST_FILE and not name.startswith("tests/")}
    assert not long, f"Files are about 200 lines with one subject; split these by subject: {long}"


def test_names_say_what_things_are_for():
    wrong = []
    for path in [*SOURCES, *TEMPLATES]:
        if place(path) != "portal/provisioning/manager.py" and BAD_WORDS & set(re.split(r"[_.]", path.name)):
            wrong.append(place(path))
    for path in OURS:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and node.name != "TenantDatabaseManager":
                words = re.findall(r"[A-Z][a-z]*", node.name)
                if len(words) > 1 and words[-1].lower() in BAD_WORDS:
                    wrong.append(f"{place(path)}: {node.name}")
    assert not wrong, "Name it for what it is for (house.md §5), never for what it is:\n" + "\n".join(wrong)


def undocumented(tree: ast.Module) -> list[str]:
    """The public classes and functions of a file without a docstring, or “the file”."""
    found = [] if ast.get_docstring(tree) else ["the file"]
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not ast.get_docstring(node):
            found.append(node.name)
    return [name for name in found if not name.startswith("_")]


def test_everything_public_says_what_it_is_for():
    wrong = [f"{place(path)}: {name}" for path in OURS for name in undocumented(tree_of(path))]
    assert not wrong, "Add one line, present tense, that says what it is for:\n" + "\n".join(wrong)


def test_what_has_no_docstring_is_really_found():
    tree = ast.parse("def told():\n    '''For x.'''\n\ndef untold(): ...\n\nclass Bare: ...\n\ndef _own(): ...\n")
    assert undocumented(tree) == ["the file", "untold", "Bare"]


def views_of(path: Path) -> list[tuple[str, int]]:
    """The views of a file with the number of their lines, less decorators and docstring."""
    verbs = {"get", "post", "form", "route"}
    return [
        (node.name, node.end_lineno - node.body[1 if ast.get_docstring(node) else 0].lineno + 1)
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef)
        and len(node.body) > bool(ast.get_docstring(node))
        and any(
            isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in verbs
            for call in node.decorator_list
        )
    ]


def test_views_are_at_most_ten_lines():
    views = {f"{place(path)}: {name}": lines for path in OURS for name, lines in views_of(path)}
    assert len(views) > 10
    long = {name: lines for name, lines in views.items() if lines > LONGEST_VIEW}
    assert not long, f"A view calls functions and ends in a page (house.md §2); give these a function to call: {long}"


SCRIPTED = (
    (re.compile(r"<script(?![^>]*\ssrc=)", re.I), "put the script into portal/static/app.js"),
    (re.compile(r"<style\b|\sstyle\s*=", re.I), "put the style into portal/static/app.css, under a class"),
    (re.compile(r"<[^>]*\son[a-z]+\s*=", re.I), "listen in portal/static/app.js instead"),
    (re.compile(r"javascript:", re.I), "use a form or a link"),
    (re.compile(r"<[^>]*\shx-[a-z]", re.I), "write data-hx-…"),
    (re.compile(r"\|\s*safe\b|autoescape false"), "let Jinja escape; make markup in a macro"),
)


def scripted(text: str) -> list[str]:
    """What a template says that the Content-Security-Policy, or house.md §4, forbids."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    return [f"“{found[0].strip()}”: {cure}" for pattern, cure in SCRIPTED for found in pattern.finditer(text)]


def test_templates_hold_no_script_and_no_style():
    wrong = [f"{place(path)} {problem}" for path in TEMPLATES for problem in scripted(path.read_text())]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<style>a{}</style>",
        '<p style="color: red">',
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        '<form hx-post="/">',
        "{{ name|safe }}",
    ],
)
def test_script_and_style_are_really_found(text):
    assert scripted(text)
    assert not scripted(f'{{# {text} #}}<script src="/static/app.js" defer></script><form data-hx-post="/">')


def test_every_macro_is_used():
    texts = {path: re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S) for path in TEMPLATES}
    everything = "\n".join(texts.values())
    unused = [
        f"{place(path)}: {name}"
        for path, text in texts.items()
        for name in re.findall(r"\{%-?\s*macro\s+(\w+)\s*\(", text)
        if len(re.findall(rf"\b{name}\s*\(", everything)) < 2
    ]
    assert not unused, "Nothing is kept for later; delete these macros or use them:\n" + "\n".join(unused)


def test_every_template_is_used():
    everything = "\n".join(path.read_text() for path in [*OURS, *TEMPLATES])
    names = [re.sub(r"^(?:templates|modules/\w+/templates)/", "", place(path)) for path in TEMPLATES]
    unused = [name for name in names if f'"{name}"' not in everything and f"'{name}'" not in everything]
    assert not unused, f"Nothing is kept for later; delete these templates or use them: {unused}"


def test_nobody_but_the_clock_reads_the_time():
    wrong = [
        f"{place(path)}:{node.lineno}"
        for path in OURS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("utcnow", "today", "now")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
        and place(path) != "portal/clock.py"
    ]
    assert not wrong, f"Take the time from portal.clock or portal.kit, which tests can move (D17): {wrong}"
