"""Finds the modules, in the order in which one may use another, and refuses a house that does not fit together."""

import importlib
import pkgutil
from graphlib import CycleError, TopologicalSorter

from portal.kit.module import GROUPS, Module

PORTAL_PATHS = frozenset(
    {"admin", "static", "healthz", "readyz", "sign-in", "sign-out", "theme", "invitation", "settings"}
)


class ModulesRefused(Exception):
    """The modules cannot be used; the message lists every problem at once."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("The modules cannot be used:\n" + "\n".join(f"  - {text}" for text in problems))


def discover(package: str = "modules") -> dict[str, Module]:
    """Every module of the package by name, those it uses first; raises `ModulesRefused`."""
    importlib.import_module("portal.kit.models")
    found: dict[str, Module] = {}
    for entry in pkgutil.iter_modules(importlib.import_module(package).__path__):
        module = importlib.import_module(f"{package}.{entry.name}").module
        for part in ("models", "events", "panels", "widgets", "views", "jobs"):
            _import_if_there(f"{package}.{entry.name}", part)
        found[module.name] = module
    problems = [problem for module in found.values() for problem in _problems_of(module, found)]
    if problems:
        raise ModulesRefused(problems)
    return _in_order(found)


def _import_if_there(package: str, part: str) -> None:
    if importlib.util.find_spec(f"{package}.{part}"):
        importlib.import_module(f"{package}.{part}")


def _problems_of(module: Module, found: dict[str, Module]):
    where = f"modules/{module.name}/__init__.py"
    if module.name in PORTAL_PATHS:
        yield f"{where}: “{module.name}” is a path of the portal; rename the folder"
    if module.group not in GROUPS:
        yield f"{where}: group “{module.group}” is not one of {', '.join(GROUPS)}"
    for name in module.uses:
        if name not in found:
            yield f"{where}: uses “{name}”, which is not a module"
    for endpoint, verb in ((endpoint, verb) for endpoint, needs in module.needed for verb in needs.split(" | ")):
        if verb not in module.permissions:
            yield f"modules/{module.name}/views.py: “{endpoint}” needs “{verb}”, which the manifest does not declare"
    for role, verbs in module.roles.items():
        for verb in verbs:
            if verb not in module.permissions:
                yield f"{where}: role “{role}” has “{verb}”, which the manifest does not declare"


def _in_order(found: dict[str, Module]) -> dict[str, Module]:
    graph = {name: found[name].uses for name in sorted(found)}
    try:
        return {name: found[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        raise ModulesRefused([f"modules use each other in a circle: {' → '.join(error.args[1])}"]) from None
