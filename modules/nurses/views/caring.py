"""Who cares for whom in a shift: the page of a ward, sharing its patients, and giving one to a colleague."""

from flask import abort, flash, request, url_for

from modules.nurses import module
from modules.nurses.assigning import may_assign_in
from modules.nurses.caring import WardShift, pass_on, read_shift, share, share_evenly
from modules.nurses.find import find_own_nurse, ward_choices
from modules.nurses.forms.caring import PassForm, ShareForm
from modules.nurses.handing import ward_or_403
from modules.nurses.models import AssignedPatient
from modules.nurses.shifts import shift_now, shifts
from modules.nurses.staying import find_stay
from modules.nurses.views.handover import ward_asked
from modules.nurses.views.nurses import ASSIGNS, SEES, beside_day
from modules.nurses.words import ROLE_WORDS
from modules.rooms.api import Ward
from portal.kit import _, acted, day_asked, form_page, go, once, page
from portal.kit.forms import id_or_none


@module.get("/care/", needs=SEES)
def care_index():
    """Who cares for whom on a ward in a shift."""
    wards, own = ward_choices(), find_own_nurse()
    ward = ward_asked(wards, own)
    shown = about(ward) if ward else {"read": None}
    return page("nurses/care.html", wards=wards, own=own, roles=ROLE_WORDS, **shown)


def about(ward: Ward) -> dict:
    """What the page of a ward shows."""
    read = shift_asked(ward)
    may = {"may_assign": may_assign_in(ward.id), "form": ShareForm(formdata=None, as_read=read.as_read)}
    return {"read": read, "shifts": shifts(), **beside_day(read.day), **may}


def shift_asked(ward: Ward) -> WardShift:
    """The ward in the shift of the address; in the one that is at work where it names none."""
    wanted = id_or_none(request.args.get("shift"))
    chosen = next((one for one in shifts() if one.id == wanted), None)
    return read_shift(ward, day_asked(), chosen) if chosen else read_shift(ward, *shift_now())


def care_url(read: WardShift) -> str:
    """The page of a ward in a shift."""
    return url_for("nurses.care_index", ward=read.ward.id, day=read.day, shift=read.shift.id)


@module.post("/wards/<int:ward_id>/care", needs=ASSIGNS)
def care_share(ward_id: int):
    """Say who cares for whom."""
    read, form = shift_asked(ward_or_403(ward_id)), ShareForm()
    back = care_url(read)
    if acted(lambda: share(read, form.wanted, form.as_read.data or "")):
        flash(_("It is said who cares for whom."), "success")
    return go(back)


@module.post("/wards/<int:ward_id>/care/evenly", needs=ASSIGNS)
def care_evenly(ward_id: int):
    """Share the patients nobody cares for among who works there."""
    read = shift_asked(ward_or_403(ward_id))
    back = care_url(read)
    if acted(lambda: share_evenly(read)):
        flash(_("Every patient has a nurse."), "success")
    return go(back)


@module.form("/wards/<int:ward_id>/care/<int:admission_id>/pass-on", needs="handover | assignment_change")
def care_pass_on(ward_id: int, admission_id: int):
    """Give a patient to a colleague of the shift."""
    read, stay = shift_asked(ward_or_403(ward_id)), find_stay(admission_id) or abort(404)
    form, back = PassForm(at_work=read.at_work), care_url(read)
    kept = once(form, AssignedPatient, lambda: pass_on(read, admission_id, form.assignment_id.data))
    if kept is None:
        told = {"heading": _("Give to a colleague"), "patient": stay.patient, "encounter": stay.encounter}
        return form_page("nurses/care_form.html", form, back=back, **told)
    flash(_("{name} has another nurse now.", name=stay.patient), "success")
    return go(back)
