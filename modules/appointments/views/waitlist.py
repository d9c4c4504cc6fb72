"""The pages of the waiting list: who waits, a new wish, a time that is offered."""

from flask import flash, request, url_for

from modules.appointments import module, words
from modules.appointments.forms.plan import WaitForm
from modules.appointments.models import WaitlistEntry
from modules.appointments.waiting import entries
from portal.kit import Column, Listing, _, form_page, go, once, page, today

columns = (
    Column("patient", _("Patient")),
    Column("wish", _("Waits for")),
    Column("days", _("Days"), sort=WaitlistEntry.wanted_from),
    Column("priority", _("Priority")),
    Column("since", _("Since"), sort=WaitlistEntry.created_at),
    Column("status", _("Status"), sort=WaitlistEntry.status),
)


@module.get("/waitlist/", needs="view")
def waitlist():
    """Who waits for a time; whose wish is over or met, on request."""
    return page("appointments/waitlist.html", listing=wishes(), words=words)


def wishes() -> Listing:
    """The wishes in the state of the address, else those that nobody has met yet."""
    status = request.args.get("status", "")
    shown = (status,) if status in words.WAITING else ("waiting", "offered")
    return Listing(
        query=entries().order_by(None).where(WaitlistEntry.status.in_(shown)),
        columns=columns,
        noun=(_("wish"), _("wishes")),
        default_sort="since",
        tie=WaitlistEntry.id,
        kept=("status", "sort", "page", "per_page"),
    )


@module.form("/waitlist/new", needs="add")
def wait():
    """Keep a wish for a time."""
    form = WaitForm(data={"wanted_from": today(), "patient_id": request.args.get("patient", type=int)})
    kept = once(form, WaitlistEntry, form.save)
    if kept is None:
        return form_page("appointments/wait_form.html", form, back=url_for(".waitlist"))
    flash(_("{name} is on the waiting list.", name=kept), "success")
    return go(url_for(".waitlist"))


@module.moves(WaitlistEntry, "/waitlist", book=None)
def after_wish(entry: WaitlistEntry) -> str:
    """On to the times that can be offered; else back to the list."""
    if entry.status == "offered":
        wanted = {"patient": entry.patient_id, "doctor": entry.doctor_id, "waitlist": entry.id}
        return url_for("appointments.new", day=max(entry.wanted_from, today()), **wanted)
    return url_for("appointments.waitlist")
