"""The first page: a greeting, what the person may see of the hospital in numbers and panels, and arranging these."""

from collections.abc import Iterable
from time import monotonic

import sqlalchemy as sa
from flask import abort, flash, request, url_for

from modules.dashboard import module
from modules.dashboard.arranging import (
    PANELS,
    PLACES,
    TILES,
    Put,
    answered,
    arranged_by,
    forget_for,
    forget_for_role,
    keep_for,
    keep_for_role,
    usual_for_role,
)
from portal.kit import _, current_hospital, current_user, db, filled, go, is_htmx, now, page, show
from portal.kit.limits import at_most
from portal.kit.parts import Part, Shown, declared_at
from portal.kit.people import Group

AMONG_OTHERS, ALONE = 0.3, 5.0  # seconds that reading a part may take, with the whole page waiting or on its own
TOGETHER, LEAST = 0.4, 0.02  # seconds that many slow ones may take among them, and what each gets after that


@module.get("/", needs="view")
def index():
    """The hospital in numbers, each opening its list; the page asks for each panel by itself, so none holds it up."""
    puts = arranged_by(current_user.id)
    parts = [put.part for put in puts if put.shown]
    at_once = "all" in request.args
    tiles = read_together(part for part in parts if part.place == TILES)
    panels = [part for part in parts if part.place == PANELS]
    panels = read_together(panels) if at_once else [Shown(part) for part in panels]
    shown = {"tiles": tiles, "panels": panels, "at_once": at_once, "acts": list(filled("dashboard.acts"))}
    local = now().astimezone(current_hospital().zone)
    return page("dashboard/index.html", greeting=greeting(local.hour), local=local, parts_count=len(puts), **shown)


def greeting(hour: int) -> str:
    """What to say at this hour of the hospital's day."""
    if hour < 12:
        return _("Good morning")
    return _("Good afternoon") if hour < 18 else _("Good evening")


@module.get("/widgets/<key>", needs="view")
def widget(key: str):
    """One part by itself: what the dashboard asks for again and again, and a page for a screen on the wall."""
    shown = read(part_or_refuse(key), ALONE)
    if is_htmx() and shown.part.place == PANELS:
        return page("dashboard/_panel.html", shown=shown, replaces=True)
    return page("dashboard/widget.html", shown=shown, is_tile=shown.part.place == TILES)


def part_or_refuse(key: str) -> Part:
    """The part of this key; 404 where no module declares it, 403 where it is not for this person (DSH-2)."""
    part = next((part for place in PLACES for part in declared_at(place) if part.key == key), None) or abort(404)
    return part if part.is_allowed else abort(403)


def read(part: Part, seconds: float) -> Shown:
    """What a part shows now; one that fails, or takes longer than these seconds, says so itself (DSH-3)."""
    with at_most(seconds):
        return show(part, **part.filters)


def read_together(parts: Iterable[Part]) -> list[Shown]:
    """The parts of one page: however many are slow, the page does not wait for each (DSH-3)."""
    until = monotonic() + TOGETHER
    return [read(part, max(LEAST, min(AMONG_OTHERS, until - monotonic()))) for part in parts]


@module.form("/arrange", needs="view")
def arrange():
    """Choose and order the parts of one's own dashboard."""
    puts = arranged_by(current_user.id)
    if request.method != "POST":
        return page("dashboard/arrange.html", places=by_place(puts), role=None, roles=roles_to_arrange())
    puts = answered(puts, request.form)
    keep_for(current_user.id, puts)
    return go(after(puts, url_for(".arrange")))


@module.post("/arrange/usual", needs="view")
def arrange_usual():
    """Have the dashboard again that is usual for one's roles."""
    forget_for(current_user.id)
    flash(_("Your dashboard is the usual one again."), "success")
    return go(url_for(".arrange"))


@module.form("/roles/<name>", needs="arrange")
def arrange_role(name: str):
    """Choose and order what people of a role see unless they arrange it themselves."""
    role = role_or_404(name)
    puts = usual_for_role(role)
    if request.method != "POST":
        return page("dashboard/arrange.html", places=by_place(puts), role=role, roles=roles_to_arrange())
    puts = answered(puts, request.form)
    keep_for_role(role, puts)
    return go(after(puts, url_for(".arrange_role", name=name)))


@module.post("/roles/<name>/usual", needs="arrange")
def arrange_role_usual(name: str):
    """Let people of a role see again what the modules mean for them."""
    role = role_or_404(name)
    forget_for_role(role)
    flash(_("The dashboard of {role} is the usual one again.", role=role.label), "success")
    return go(url_for(".arrange_role", name=name))


def roles_to_arrange() -> list[Group]:
    """The roles whose dashboards the person at work may arrange."""
    if not current_user.may("dashboard.arrange"):
        return []
    return list(db.session.scalars(sa.select(Group).order_by(Group.label)))


def role_or_404(name: str) -> Group:
    """The role of this name; a 404 page where there is none."""
    return db.session.scalar(sa.select(Group).where(Group.name == name)) or abort(404)


def by_place(puts: list[Put]) -> dict[str, list[Put]]:
    """The numbers, then the panels."""
    named = {TILES: _("Numbers"), PANELS: _("Panels")}
    lists = {label: [put for put in puts if put.part.place == place] for place, label in named.items()}
    return {label: found for label, found in lists.items() if found}


def after(puts: list[Put], arranging: str) -> str:
    """Where to go once it is kept: to the button that moved a part as long as it can, else to the page it was for."""
    for step, other, end in (("up", "down", 0), ("down", "up", -1)):
        key = request.form.get(step)
        among = next((one for one in by_place(puts).values() if key in [put.part.key for put in one]), None)
        if among:
            return f"{arranging}#{other if among[end].part.key == key else step}-{key}"
    flash(_("The dashboard is arranged."), "success")
    return arranging if "roles" in arranging else url_for(".index")
