"""The pages of one appointment: what is known, what can be done, its printed slip."""

from flask import url_for

from modules.appointments import module, words
from modules.appointments.forms.record import CancelForm, EditForm
from modules.appointments.models import Appointment
from modules.appointments.own import get_visible
from modules.appointments.views.booking import local
from portal.kit import _, edit_page, get_or_404, moves_from, record_page
from portal.kit.printing import print_page
from portal.kit.voiding import void_page


@module.get("/<int:record_id>", needs="view | view_own")
@module.get("/<int:record_id>/<tab>", needs="view | view_own")
def show(record_id: int, tab: str | None = None):
    """One appointment: when, with whom, what for, and what became of it."""
    one = get_visible(record_id)
    can_move = "reschedule" in [move.name for move in moves_from(one)]
    return record_page("appointments/show.html", one, tab, words=words, can_move=can_move, day=local(one).date())


@module.form("/<int:record_id>/edit", needs="change")
def edit(record_id: int):
    """Correct what is known of an appointment."""
    one = get_or_404(Appointment, record_id)
    return edit_page("appointments/edit.html", EditForm(obj=one), one, url_for(".show", record_id=one.id))


@module.form("/<int:record_id>/void", needs="void")
def void(record_id: int):
    """Take out what was entered by mistake."""
    one = get_or_404(Appointment, record_id)
    asks = _("It leaves every list, and its time is free. This cannot be taken back.")
    return void_page(one, url_for(".show", record_id=one.id), asks, then=url_for(".index", day=local(one).date()))


@module.get("/<int:record_id>/slip", needs="view | view_own")
def slip(record_id: int):
    """What the patient takes home: when and where to be."""
    one = get_visible(record_id)
    back = url_for(".show", record_id=one.id)
    return print_page("appointments/print_slip.html", one, title=_("Appointment"), number=one.number, back=back)


@module.moves(Appointment, cancel=CancelForm, **dict.fromkeys(("confirm", "start", "complete", "reschedule")))
def after_move(one: Appointment) -> str:
    """Back to its day."""
    return url_for("appointments.index", day=local(one).date())
