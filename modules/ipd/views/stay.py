"""The page of a stay with its tabs, what is planned for it, and moving to another bed."""

from flask import flash, url_for

from modules.ipd import module, words
from modules.ipd.forms.admitting import BedForm, EditForm
from modules.ipd.models import Admission
from modules.ipd.reach import reached_or_404, read_or_404
from modules.ipd.stays import day_of_stay
from modules.ipd.views.lists import SEES
from modules.ipd.voiding import void_admission
from modules.rooms.api import BedAllocation, bed_choices, bed_of
from portal.kit import _, edit_page, form_page, go, once, record_page
from portal.kit.voiding import void_page


@module.get("/<int:record_id>", needs=SEES)
@module.get("/<int:record_id>/<tab>", needs=SEES)
def show(record_id: int, tab: str | None = None):
    """One stay: who it is, what is planned, and one of the tabs."""
    admission = read_or_404(record_id)
    return record_page("ipd/show.html", admission, tab, **about(admission))


def about(admission: Admission) -> dict:
    """What the head of every page of a stay says."""
    bed = bed_of(admission.patient_id) if admission.is_in_bed else None
    day = day_of_stay(admission.admitted_at) if admission.is_in_bed else None
    place = bed_choices([bed])[bed.id] if bed else ""
    return {"patient": admission.patient, "place": place, "day": day, "words": words}


@module.form("/<int:record_id>/edit", needs="admit | round_add | register")
def edit(record_id: int):
    """Change what is planned for a stay."""
    admission = reached_or_404(record_id)
    return edit_page("ipd/edit.html", EditForm(obj=admission), admission, url_for(".show", record_id=record_id))


@module.form("/<int:record_id>/void", needs="void")
def void(record_id: int):
    """Take out an admission that was entered in error."""
    admission = reached_or_404(record_id)
    says = _("{name}: bed, visit and medicines end with it, and it leaves every list. This cannot be taken back.")
    back, asks = url_for(".show", record_id=record_id), says.format(name=admission.patient)
    return void_page(admission, back, asks, then=url_for(".index"), void=lambda why: void_admission(admission, why))


@module.form("/<int:record_id>/transfer", needs="bed_change")
def transfer(record_id: int):
    """Move the patient to another bed."""
    admission = reached_or_404(record_id)
    form = BedForm(admission=admission)
    if once(form, BedAllocation, form.move):
        flash(_("{name} has another bed now.", name=admission.patient), "success")
        return go(url_for(".show", record_id=record_id))
    form.offer_free()
    shown = {"heading": _("Transfer to another bed"), "back": url_for(".show", record_id=record_id)}
    return form_page("ipd/form.html", form, admission=admission, **shown)
