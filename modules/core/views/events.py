"""The pages of what could not be done after something happened: the list, and trying again."""

from flask import flash, url_for

from modules.core import module
from modules.core.failures import failed, read
from portal.kit import Column, Listing, _, get_or_404, go, page
from portal.kit.models import Event
from portal.kit.outbox import try_again

columns = (
    Column("happened", _("When"), sort=Event.occurred_at),
    Column("name", _("What happened"), sort=Event.name),
    Column("left", _("What is left")),
    Column("why", _("Why")),
    Column("tries", _("Tries"), sort=Event.attempts, numeric=True),
    Column("next", _("Next try"), sort=Event.next_try_at),
)


@module.get("/events/", needs="event_view")
def event_index():
    """What could not be done yet; each part of it is tried again by itself, ever more slowly."""
    return page("core/events.html", listing=failure_list())


def failure_list() -> Listing:
    """Every event with something left undone, the latest first."""
    return Listing(
        query=failed(),
        columns=columns,
        noun=(_("failed event"), _("failed events")),
        default_sort="-happened",
        tie=Event.id.desc(),
        kept=("sort", "page", "per_page"),
        rows=read,
    )


@module.post("/events/<int:record_id>/retry", needs="event_retry")
def event_retry(record_id: int):
    """Try at once what failed, also what was given up."""
    try_again(get_or_404(Event, record_id))
    flash(_("It is tried again now. Open this page in a moment to see what became of it."), "success")
    return go(url_for(".event_index"))
