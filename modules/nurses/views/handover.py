"""Handing over a shift: the sheet of a ward, writing, accepting, and how it prints."""

from flask import abort, flash, request, url_for

from modules.nurses import module
from modules.nurses.find import find_own_nurse, ward_choices
from modules.nurses.forms.care import EditHandoverForm, HandoverFields, NewHandoverForm
from modules.nurses.handing import filled_in, hand_over, nurses_to_take_over, sheet_of, ward_or_403
from modules.nurses.models import Handover, Nurse
from modules.nurses.staying import Stay, find_stay, staying_in
from modules.rooms.api import Ward
from portal.kit import _, acted, edit_page, form_page, get_or_404, go, once, page
from portal.kit.forms import id_or_none
from portal.kit.printing import print_page


@module.get("/handover/", needs="handover")
def handover_index():
    """The handover of a ward in this shift: what is written, and what was accepted (NUR-8)."""
    wards, own = ward_choices(), find_own_nurse()
    ward = ward_asked(wards, own)
    return page("nurses/handover.html", wards=wards, own=own, sheet=sheet_of(ward) if ward else None)


def ward_asked(wards: list[Ward], own: Nurse | None) -> Ward | None:
    """The ward of the address; else the own one, or the first."""
    wanted = id_or_none(request.args.get("ward")) or (own and own.ward_id)
    return next((one for one in wards if one.id == wanted), wards[0] if wards else None)


@module.form("/wards/<int:ward_id>/handover/<int:admission_id>/new", needs="handover")
def handover_new(ward_id: int, admission_id: int):
    """Write what the next shift must know of a patient."""
    ward, stay = ward_or_403(ward_id), find_stay(admission_id) or abort(404)
    form = NewHandoverForm(data=known_of(ward, stay))
    form.offer(nurses_to_take_over(ward_id))
    if once(form, Handover, lambda: hand_over(ward, stay, **form.answers)) is None:
        return handover_page("nurses/care_form.html", form, ward_id, stay)
    flash(_("The handover of {name} waits to be accepted.", name=stay.patient), "success")
    return go(sheet_url(ward_id))


def known_of(ward: Ward, stay: Stay) -> dict[str, str]:
    """What the form is filled with; nothing for who lies in another ward."""
    row = next((row for row, one in staying_in(ward.id) if one.admission_id == stay.admission_id), None)
    return filled_in(row, stay) if row else {}


def handover_page(template: str, form: HandoverFields, ward_id: int, stay: Stay):
    """The form that hands a patient over."""
    words = {"heading": _("Hand over"), "back": sheet_url(ward_id)}
    return form_page(template, form, patient=stay.patient, encounter=stay.encounter, **words)


def sheet_url(ward_id: int) -> str:
    """The sheet of a ward."""
    return url_for("nurses.handover_index", ward=ward_id)


@module.form("/handover/<int:record_id>/edit", needs="handover")
def handover_edit(record_id: int):
    """Correct a handover that nobody accepted yet."""
    record = get_or_404(Handover, record_id)
    ward_or_403(record.ward_id)
    record.refuse_done()
    form = EditHandoverForm(obj=record)
    form.offer(nurses_to_take_over(record.ward_id))
    return edit_page("nurses/handover_edit.html", form, record, sheet_url(record.ward_id))


@module.post("/handover/<int:record_id>/accept", needs="handover")
def handover_accept(record_id: int):
    """Take a patient over from the nurse of the last shift (NUR-8)."""
    record = get_or_404(Handover, record_id)
    ward_or_403(record.ward_id)
    back = sheet_url(record.ward_id)
    acted(lambda: record.accept(find_own_nurse()))
    return go(back)


@module.get("/wards/<int:ward_id>/handover/print", needs="handover")
def handover_print(ward_id: int):
    """The handover sheet of a ward, to take along on the round."""
    ward = ward_or_403(ward_id)
    sheet, back = sheet_of(ward), sheet_url(ward_id)
    names = {"title": _("Handover sheet"), "number": f"{ward.code}-{sheet.day:%Y%m%d}-{sheet.shift.id}"}
    return print_page("nurses/print_handover.html", ward, back=back, handing=sheet, **names)
