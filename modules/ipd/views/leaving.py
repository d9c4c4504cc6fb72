"""The pages of going home: the order, the checklist with what blocks, the departure, times that were wrong."""

from flask import flash, url_for
from flask_login import current_user

from modules.appointments.api import booking_url
from modules.doctors.api import find_own, prescriptions_of
from modules.ipd import module
from modules.ipd.checklist import clearances_of, read_checklist
from modules.ipd.forms.leaving import LeaveForm, OrderForm, RevokeForm, StayTimesForm, WaiveForm
from modules.ipd.leaving import correct_times, leave, order_discharge
from modules.ipd.models import Admission, Clearance
from modules.ipd.reach import reached_or_404
from modules.ipd.views.lists import LEAVES
from modules.ipd.views.stay import about
from portal.kit import _, board_page, form_page, go, once, saved


@module.form("/<int:record_id>/order-discharge", needs="order_discharge")
def order(record_id: int):
    """Let the patient go as soon as everybody agrees."""
    admission, form = reached_or_404(record_id), OrderForm()
    if saved(form, lambda: order_discharge(admission, find_own(), form.expected_on.data)) is None:
        words = {"heading": _("Order the discharge"), "button": _("Order the discharge")}
        shown = words | {"back": url_for(".show", record_id=record_id)}
        return form_page("ipd/form.html", form, admission=admission, **shown)
    flash(_("The discharge of {name} is ordered.", name=admission.patient), "success")
    return go(checklist_url(record_id))


def checklist_url(record_id: int) -> str:
    """The discharge checklist of an admission."""
    return url_for("ipd.checklist", record_id=record_id)


@module.get("/<int:record_id>/checklist", needs=LEAVES)
def checklist(record_id: int):
    """What the discharge needs: what blocks, what is done, and the departure."""
    admission = reached_or_404(record_id)
    return board_page("ipd/checklist.html", "ipd/_checklist.html", form=LeaveForm(), **desk(admission))


def desk(admission: Admission) -> dict:
    """What the checklist and the page around it show."""
    rows = {row.id: row for row in clearances_of(admission)}
    acts = {row.id: acts_of(row) for row in rows.values()} if admission.status == "discharge_ordered" else {}
    running = [one for one in prescriptions_of(admission.encounter_id) if one.kind != "discharge"]
    medicines = sum(one.status in ("active", "partially_dispensed") for one in running)
    return about(admission) | {
        "admission": admission,
        "checklist": read_checklist(admission),
        "acts": acts,
        "medicines": medicines,
        "booking_url": booking_url,
    }


def acts_of(clearance: Clearance) -> list[str]:
    """What the person at work may do with a clearance that is not given yet: the endings of its moves' addresses."""
    if clearance.status != "pending":
        return []
    wanted = (f"clear_{clearance.kind}", "waive_clearance")
    moves = (f"clear_{clearance.kind}", "waive")
    return [move for verb, move in zip(wanted, moves, strict=True) if current_user.may(f"ipd.{verb}")]


@module.moves(Clearance, "/clearances", waive=WaiveForm)
def after_clearance(clearance: Clearance) -> str:
    """Back to the checklist."""
    return checklist_url(clearance.admission_id)


@module.form("/<int:record_id>/depart", needs="confirm_departure")
def depart(record_id: int):
    """Confirm that the patient has left."""
    admission, form = reached_or_404(record_id), LeaveForm()
    if once(form, Admission, lambda: leave(admission, form.disposition.data, form.discharged_at.data)) is None:
        return form_page("ipd/checklist.html", form, **desk(reached_or_404(record_id)))
    flash(_("{name} has left the hospital.", name=admission.patient), "success")
    return go(url_for(".leaving_index"))


@module.form("/<int:record_id>/revoke-discharge", needs="order_discharge")
def revoke(record_id: int):
    """The patient stays after all; asks why."""
    admission, form = reached_or_404(record_id), RevokeForm()
    back = url_for(".show", record_id=record_id)
    if saved(form, lambda: admission.revoke_discharge(note=form.note.data) or admission) is None:
        asks = _("Bed, medicines and clearances stay as they are.")
        return form_page("records/move.html", form, record=admission, label=_("Revoke the order"), asks=asks, back=back)
    flash(_("{name} stays here.", name=admission.patient), "success")
    return go(back)


@module.form("/<int:record_id>/times", needs="admit | confirm_departure")
def times(record_id: int):
    """Correct when a stay began and ended."""
    admission = reached_or_404(record_id)
    form, back = StayTimesForm(obj=admission), url_for(".show", record_id=record_id)
    if saved(form, lambda: correct_times(admission, form.admitted_at.data, form.discharged_at.data)) is None:
        return form_page("ipd/form.html", form, admission=admission, heading=_("Correct the times"), back=back)
    flash(_("The times are corrected."), "success")
    return go(back)
