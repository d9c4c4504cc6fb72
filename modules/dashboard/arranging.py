"""What of the dashboard somebody sees, and in which order: as they arranged it, else as is usual for their roles."""

from dataclasses import dataclass

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from modules.dashboard.models import Layout, Widget
from portal.kit import Refused, _, current_hospital, db, held, parts_at
from portal.kit.claims import claim
from portal.kit.parts import Part, declared_at
from portal.kit.people import Group, GroupPermission, Permission, User, UserGroup

TILES, PANELS = PLACES = ("dashboard.tiles", "dashboard.widgets")


@dataclass(frozen=True)
class Put:
    """A part in its place of the order, shown or hidden."""

    part: Part
    shown: bool


def arranged_by(user_id: int) -> list[Put]:
    """The parts the person at work may see as they arranged them; what came later stands at the end, as is usual."""
    parts = [part for place in PLACES for part in parts_at(place)]
    roles = db.session.scalars(_roles_of(user_id)).all()
    kept = {code: (position, hidden) for code, position, hidden in db.session.execute(_layout_of(user_id))}
    usual = usual_for(parts, roles)
    own = [Put(put.part, not kept[put.part.key][1]) for put in usual if put.part.key in kept]
    own.sort(key=lambda put: kept[put.part.key][0])
    return own + [put for put in usual if put.part.key not in kept]


def _roles_of(user_id: int) -> sa.Select:
    return sa.select(Group.name).join(UserGroup, UserGroup.group_id == Group.id).where(UserGroup.user_id == user_id)


def _layout_of(user_id: int) -> sa.Select:
    query = sa.select(Widget.code, Layout.position, Layout.hidden).join(Widget, Widget.id == Layout.widget_id)
    return query.where(Layout.user_id == user_id)


def usual_for(parts: list[Part], roles: list[str]) -> list[Put]:
    """The parts as is usual for somebody with these roles: what one role shows is shown; without a role, everything."""
    said = dict(db.session.execute(sa.select(Widget.code, Widget.roles)).all())
    wishes = []
    for position, part in enumerate(parts):
        asked = [_wish(part, position, role, said.get(part.key, {})) for role in roles] or [(position, True)]
        shown = [place for place, is_shown in asked if is_shown]
        wishes.append((min(shown or [position]), position, Put(part, bool(shown))))
    return [put for *_order, put in sorted(wishes, key=lambda wish: wish[:2])]


def _wish(part: Part, position: int, role: str, said: dict) -> tuple[int, bool]:
    """Where a role has a part and whether it shows it: as the hospital arranged it, else as its module declares."""
    if role in said:
        return said[role]["position"], not said[role]["hidden"]
    return position, role in part.roles


def usual_for_role(role: Group) -> list[Put]:
    """The parts that a role may see, as is usual for it."""
    query = sa.select(Permission.module, Permission.codename).join(GroupPermission)
    held = {f"{module}.{verb}" for module, verb in db.session.execute(query.where(GroupPermission.group_id == role.id))}
    parts = [part for place in PLACES for part in sorted(declared_at(place), key=lambda part: part.order)]
    served = current_hospital().modules
    seen = [part for part in parts if not held.isdisjoint(part.needs.split(" | "))]
    return usual_for([part for part in seen if part.needs.split(".")[0] in served], [role.name])


def answered(puts: list[Put], answers: MultiDict) -> list[Put]:
    """The parts in the order and with the ticks of a form, one of them perhaps a step up or down."""
    known = {put.part.key: put for put in puts}
    asked = [key for key in dict.fromkeys(answers.getlist("part")) if key in known]
    ticked = set(answers.getlist("shown"))
    order = [Put(known[key].part, key in ticked) for key in asked]
    order += [put for put in puts if put.part.key not in asked]
    for name, step in (("up", -1), ("down", 1)):
        if answers.get(name) in known:
            order = _stepped(order, answers[name], step)
    return order


def _stepped(order: list[Put], key: str, step: int) -> list[Put]:
    """The order with one part moved a step among those of its place; at the end of them nothing moves."""
    part = next(put.part for put in order if put.part.key == key)
    places = [index for index, put in enumerate(order) if put.part.place == part.place]
    at = next(number for number, index in enumerate(places) if order[index].part is part)
    if 0 <= at + step < len(places):
        one, other = places[at], places[at + step]
        order[one], order[other] = order[other], order[one]
    return order


def keep_for(user_id: int, puts: list[Put]) -> None:
    """Keep how a person arranged the parts; their own row is the lock."""
    db.session.execute(held(sa.select(User.id).where(User.id == user_id)))
    widgets = _widgets(puts)
    kept = {row.widget_id: row for row in db.session.scalars(sa.select(Layout).where(Layout.user_id == user_id))}
    for position, put in enumerate(puts):
        widget_id = widgets[put.part.key].id
        row = kept.get(widget_id) or Layout(user_id=user_id, widget_id=widget_id)
        row.position, row.hidden = position, not put.shown
        db.session.add(row)


def keep_for_role(role: Group, puts: list[Put]) -> None:
    """Keep how the hospital arranged the parts for a role."""
    widgets = _widgets(puts)
    for position, put in enumerate(puts):
        widget = widgets[put.part.key]
        widget.roles = {**widget.roles, role.name: {"position": position, "hidden": not put.shown}}


def _widgets(puts: list[Put]) -> dict[str, Widget]:
    """The rows of these parts by their codes; those nobody arranged before are made now."""
    codes = [put.part.key for put in puts]
    query = sa.select(Widget).where(Widget.code.in_(codes))
    found = {widget.code: widget for widget in db.session.scalars(query)}
    for code in codes:
        if code not in found:
            found[code] = _made_or_met(code)
    return found


def _made_or_met(code: str) -> Widget:
    """The row of a part, also when somebody else makes it at this moment."""
    try:
        return claim(Widget(code=code), _("Somebody else arranges this part now"))
    except Refused:
        return db.session.scalars(sa.select(Widget).where(Widget.code == code)).one()


def forget_for(user_id: int) -> None:
    """A person's dashboard is the usual one again."""
    db.session.execute(sa.delete(Layout).where(Layout.user_id == user_id))


def forget_for_role(role: Group) -> None:
    """A role's dashboard is what the modules declare again."""
    for widget in db.session.scalars(sa.select(Widget)):
        widget.roles = {name: said for name, said in widget.roles.items() if name != role.name}
