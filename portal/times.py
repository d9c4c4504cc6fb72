"""How days and moments are written: in the hospital's zone, with the zone's name at hand."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

from flask import current_app
from markupsafe import Markup

from portal.clock import now
from portal.i18n import _, ngettext
from portal.tenancy.current import find_current_hospital

REGIONS = frozenset(
    ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"]
)


def timezones(current: str | None) -> list[tuple[str, str]]:
    """The zones of places, and the one that is in use already: name and words."""
    known = available_timezones()
    found = {name for name in known if name.partition("/")[0] in REGIONS} | {"UTC"}
    return [(name, name.replace("_", " ")) for name in sorted(found | ({current} & known))]


def zone() -> ZoneInfo:
    """The zone people here live in: the hospital's, or the platform's default."""
    hospital = find_current_hospital()
    return hospital.zone if hospital else ZoneInfo(current_app.extensions["settings"].default_timezone)


def today() -> date:
    """The day it is here."""
    return now().astimezone(zone()).date()


def day(value: date | None) -> str:
    """A day as 3 Nov 2026; empty when there is none."""
    return f"{value.day} {value:%b %Y}" if value else ""


def moment(value: datetime | None) -> Markup | str:
    """A moment as 3 Nov 2026, 14:05 in a `<time>` that names its zone."""
    if value is None:
        return ""
    local = value.astimezone(zone())
    return _time(value, f"{day(local.date())}, {local:%H:%M}")


def clock(value: datetime | None) -> Markup | str:
    """A moment of today as 14:05."""
    return _time(value, f"{value.astimezone(zone()):%H:%M}") if value else ""


def since(value: datetime | None) -> Markup | str:
    """A recent moment as “5 min ago”, an older one as its day."""
    if value is None:
        return ""
    seconds = (now() - value).total_seconds()
    if seconds < 60:
        words = _("just now")
    elif seconds < 3600:
        words = ngettext("{count} min ago", "{count} min ago", int(seconds // 60))
    elif seconds < 86_400:
        words = ngettext("{count} h ago", "{count} h ago", int(seconds // 3600))
    else:
        words = day(value.astimezone(zone()).date())
    return _time(value, words)


def _time(value: datetime, words: str) -> Markup:
    local = value.astimezone(zone())
    stamp = value.astimezone(UTC).isoformat(timespec="seconds")
    title = f"{day(local.date())}, {local:%H:%M} {local.tzname()} ({zone().key})"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, title, words)
