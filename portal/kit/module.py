"""A module of the hospital: its manifest is its blueprint, and a page without a permission does not exist."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask_login import current_user

from portal.extensions import db, login
from portal.kit.moves import MoveForm, move_view, refuse_misfit
from portal.kit.parts import Part, tabs_of
from portal.kit.states import transitions_of
from portal.pages.answers import go
from portal.record import Record
from portal.tenancy.current import current_hospital
from portal.tenancy.session import TENANT

GROUPS = ("", "Front desk", "Clinical", "Diagnostics", "Business", "People", "Settings")


@dataclass(frozen=True)
class MenuEntry:
    """Where a module stands in the menu: its index page, for those who may see it."""

    label: str
    icon: str
    group: str
    endpoint: str
    permission: str


class Module:
    """What one folder of `modules/` adds to every hospital.

    `permissions` maps verbs to words, `roles` maps role names to verbs, `uses` names the modules whose `api.py` this
    one imports, `counts` maps tables to words for one row and for many, which people read before all is deleted.
    Name, URL prefix, table prefix, permission prefix and template folder follow from the folder.
    """

    def __init__(
        self,
        import_name: str,
        *,
        label: str,
        icon: str,
        group: str,
        permissions: Mapping[str, str],
        roles: Mapping[str, str],
        uses: tuple[str, ...] = (),
        menu_label: str | None = None,
        url_prefix: str | None = None,
        counts: Mapping[str, tuple[str, str]] | None = None,
    ):
        self.name = import_name.rpartition(".")[2]
        self.label, self.icon, self.group, self.uses = label, icon, group, uses
        self.menu_label = menu_label or label
        self.permissions = dict(permissions)
        self.roles = {role: tuple(verbs.split()) for role, verbs in roles.items()}
        self.counts = dict(counts or {})
        self.needed: list[tuple[str, str]] = []
        self.parts: list[Part] = []
        self.moving: dict[tuple[type[Record], str], str] = {}
        self.after: dict[type[Record], Callable] = {}
        self._guarded: dict[tuple[Callable, str], Callable] = {}
        self.prefixes: tuple[str, ...] = (f"{self.name}_",)
        self.blueprint = Blueprint(
            self.name,
            import_name,
            url_prefix=url_prefix or f"/{self.name}",
            template_folder="templates",
            static_folder=None,
        )
        self.blueprint.scope = "hospital"
        self.blueprint.only_reading = set()

    @cached_property
    def tables(self) -> frozenset[str]:
        """The names of this module's tables in a hospital's database; asked for once discovery has its models."""
        return frozenset(name for name in db.metadatas[TENANT].tables if name.startswith(self.prefixes))

    @property
    def menu_entry(self) -> MenuEntry | None:
        """The entry of the menu; a module without an index page has none."""
        verb = next((verb for endpoint, verb in self.needed if endpoint == "index"), None)
        if verb is None:
            return None
        return MenuEntry(self.menu_label, self.icon, self.group, f"{self.name}.index", self.permission(verb))

    def permission(self, needs: str) -> str:
        """The full name of a verb of this module, or of several any of which will do: “view | view_own”."""
        return " | ".join(f"{self.name}.{verb}" for verb in needs.split(" | "))

    def get(self, rule: str, *, needs: str) -> Callable:
        """Register a page that reads; `needs` is the verb a person must hold, or several any of which will do."""
        return self._route(rule, needs, ["GET"])

    def post(self, rule: str, *, needs: str) -> Callable:
        """Register an action."""
        return self._route(rule, needs, ["POST"])

    def form(self, rule: str, *, needs: str) -> Callable:
        """Register a form, shown and posted at the same address (D15)."""
        return self._route(rule, needs, ["GET", "POST"])

    def search(self, rule: str, *, needs: str) -> Callable:
        """Register a page whose search is posted to keep names out of addresses (D16); it only ever reads."""
        register = self._route(rule, needs, ["GET", "POST"])

        def remember(view: Callable) -> Callable:
            self.blueprint.only_reading.add(f"{self.name}.{view.__name__}")
            return register(view)

        return remember

    def moves(self, model: type[Record], at: str = "", **forms: type[MoveForm] | None) -> Callable:
        """Register the moves of a model as actions at `<at>/<id>/<move>`; the view says where to go after one.

        A move with a form, or with a sentence to confirm, is asked on a page of its own first; others are done at once.
        `forms` names the form of each move that wants answers; None leaves a move to a page of its own.
        """

        def register(after: Callable) -> Callable:
            refuse_misfit(model, forms)
            self.after[model] = after
            for move in transitions_of(model):
                form = forms.get(move.name, MoveForm)
                if form is None:
                    continue
                view = move_view(model, move, form, after)
                view.__name__ = "_".join(filter(None, (at.strip("/").replace("/", "_").replace("-", "_"), move.name)))
                methods = ["GET", "POST"] if move.asks or form is not MoveForm else ["POST"]
                rule = f"{at}/<int:record_id>/{move.name.replace('_', '-')}"
                self._route(rule, move.needs, methods)(view)
                self.moving[model, move.name] = f"{self.name}.{view.__name__}"
            return after

        return register

    def tab(self, of: type[Record] | str, key: str, label: str, *, needs: str, order: int = 50, count=None) -> Callable:
        """Declare a tab on the page of a record: the function gets the record and gives the tab's rendered text.

        `of` is the model, or the name of another module's table; `count` gives the number beside the label.
        """
        place = of if isinstance(of, str) else of.__tablename__
        return self._part(tabs_of(place), key, label, needs, order=order, count=count)

    def fills(self, place: str, *, needs: str, order: int = 50) -> Callable:
        """Declare what this module adds to a place, as a list: `Moment`s, `Fact`s or `Act`s of the record it gets."""
        return self._part(place, self.name, self.label, needs, order=order)

    def tile(
        self, key: str, label: str, icon: str, *, needs: str, opens: str = "index", roles: str = "", order: int = 50,
        **filters: str,
    ) -> Callable:  # fmt: skip
        """Declare a number of the dashboard; the function counts the list that it opens, with the same filters.

        `roles` are those who have it on their dashboard unless they arrange it otherwise; nobody else begins with it.
        """
        where = {"icon": icon, "endpoint": f"{self.name}.{opens}", "filters": filters}
        named = {"roles": tuple(roles.split()), "order": order}
        return self._part("dashboard.tiles", f"{self.name}-{key}", label, needs, **where, **named)

    def widget(self, key: str, label: str, *, needs: str, roles: str = "", order: int = 50) -> Callable:
        """Declare a panel of the dashboard, for roles as with a number; the function gives its rendered text."""
        named = {"roles": tuple(roles.split()), "order": order}
        return self._part("dashboard.widgets", f"{self.name}-{key}", label, needs, **named)

    def _part(self, place: str, key: str, label: str, needs: str, **more: Any) -> Callable:
        def declare(read: Callable) -> Callable:
            self.needed.append((read.__name__, needs))
            self.parts.append(Part(place, key, label, self.permission(needs), read, **more))
            return read

        return declare

    def _route(self, rule: str, needs: str, methods: list[str]) -> Callable:
        def register(view: Callable) -> Callable:
            if (view, needs) not in self._guarded:
                self._guarded[view, needs] = self._guard(view, needs)
                self.needed.append((view.__name__, needs))
            self.blueprint.add_url_rule(rule, view.__name__, self._guarded[view, needs], methods=methods)
            return view

        return register

    def _guard(self, view: Callable, needs: str) -> Callable:
        @wraps(view)
        def guarded(**values: Any):
            return self._refusal(needs) or view(**values)

        return guarded

    def _refusal(self, needs: str):
        """What to answer instead of the page: sign in first, choose a password, not in the plan, or not permitted."""
        if not current_user.is_authenticated:
            return login.unauthorized()
        if current_user.user.must_change_password:
            return go(url_for("account.password"))
        if self.name not in current_hospital().modules:
            return render_template("errors/not_in_plan.html", module_label=self.menu_label), 403
        if not current_user.may(self.permission(needs)):
            abort(403)
        return None
