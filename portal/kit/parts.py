"""What a module shows on pages that are not its own: tabs of a record, its banner and timeline, the dashboard."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from flask import abort, current_app, render_template, url_for
from flask_login import current_user
from markupsafe import Markup

from portal.extensions import db
from portal.pages.answers import page
from portal.record import Record
from portal.tenancy.current import current_hospital

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Part:
    """A piece of a page, and the permission to see it; `read` makes what is shown."""

    place: str
    key: str
    label: str
    needs: str
    read: Callable
    icon: str = ""
    order: int = 50
    count: Callable | None = None
    roles: tuple[str, ...] = ()
    endpoint: str = ""
    filters: dict = field(default_factory=dict)

    @property
    def is_allowed(self) -> bool:
        """The person at work may see it, and the hospital has the module."""
        return self.needs.split(".")[0] in current_hospital().modules and current_user.may(self.needs)

    @property
    def url(self) -> str:
        """The list this part counts."""
        return url_for(self.endpoint, **self.filters)


@dataclass(frozen=True)
class Shown:
    """A part with what was read for it; `failed` where that did not work."""

    part: Part
    value: object = None
    failed: bool = False


@dataclass(frozen=True)
class Moment:
    """One line of a timeline: when, what, and the page that says more.

    `told_of` names what it is about, such as the id of an encounter; one that says so only in general (`is_general`)
    gives way to those of modules that know more of the same thing.
    """

    at: datetime
    icon: str
    title: str
    detail: str = ""
    url: str = ""
    tone: str = "act"
    told_of: int | None = None
    is_general: bool = False


@dataclass(frozen=True)
class Fact:
    """One thing a banner says of its record; with a tone it is a badge, with a label it stands under it."""

    text: str
    label: str = ""
    icon: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Act:
    """Something that can be done from a record's page: a link to its form; `group` names its menu, “print”."""

    label: str
    icon: str
    url: str
    group: str = ""


def fragment(template: str, **context) -> Markup:
    """A part as it is put into a page."""
    return Markup(render_template(template, **context))  # noqa: S704 - templates escape what they are given


def parts_at(place: str) -> list[Part]:
    """The parts of a place that the person at work may see, in their order."""
    return sorted((part for part in declared_at(place) if part.is_allowed), key=lambda part: part.order)


def declared_at(place: str) -> list[Part]:
    """Every part of a place, also those that are not for the person at work."""
    modules = current_app.extensions["modules"].values()
    return [part for module in modules for part in module.parts if part.place == place]


def show(part: Part, *args, **filters) -> Shown:
    """Read one part; one that fails says so itself and the rest of the page stands (DSH-3)."""
    try:
        with db.session.begin_nested():
            value = part.read(*args, **filters)
            return Shown(part, list(value) if isinstance(value, Iterator) else value)
    except Exception:
        log.exception("part_failed", place=part.place, part=part.key)
        return Shown(part, failed=True)


def filled(place: str, *args) -> list:
    """What all parts of a place give, one after the other; a part that fails is left out and logged."""
    shown = [show(part, *args) for part in parts_at(place)]
    return [one for part in shown if not part.failed for one in part.value]


def timeline_of(place: str, record: Record, before: datetime, most: int) -> list[Moment]:
    """The newest moments of a record before a time, from every module: each gives as many as are asked for."""
    moments = filled(place, record, before, most)
    known = {moment.told_of for moment in moments if not moment.is_general} - {None}
    moments = [moment for moment in moments if not (moment.is_general and moment.told_of in known)]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)[:most]


@dataclass(frozen=True)
class Tab:
    """A tab in the row of a record's tabs; the number beside its label, where it counts something."""

    part: Part
    is_open: bool
    count: int | None


def record_page(template: str, record: Record, wanted: str | None = None, **context):
    """The page of a record with one of its tabs open, the first when none is asked for.

    The tabs are those that modules declare for the record's table with `Module.tab`; the others are read when somebody
    opens them. 404 for a tab that nobody declares, 403 for one that is not for this person.
    """
    place = tabs_of(record.__tablename__)
    tabs = parts_at(place)
    opened = next((part for part in tabs if part.key == wanted or wanted is None), None)
    if opened is None:
        abort(403 if wanted is None or any(part.key == wanted for part in declared_at(place)) else 404)
    row = [Tab(part, part is opened, _counted(part, record)) for part in tabs]
    return page(template, record=record, tabs=row, opened=opened, body=opened.read(record), **context)


def _counted(part: Part, record: Record) -> int | None:
    """The number beside a tab; None where it counts nothing, or where that fails."""
    return show(replace(part, read=part.count), record).value if part.count else None


def tabs_of(table: str) -> str:
    """The place where the tabs of a kind of record stand, by the name of its table."""
    return f"{table}.tabs"
