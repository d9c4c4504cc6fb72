"""The pages of referrals, and the one that opens the notes of somebody else's patient with a reason."""

import sqlalchemy as sa
from flask import flash, request, url_for
from sqlalchemy.orm import joinedload

from modules.doctors import module
from modules.doctors.find import find_own, patient_of
from modules.doctors.forms.referral import DeclineForm, GlassForm, ReferralForm
from modules.doctors.models import Doctor, Prescription, Referral
from modules.doctors.models.referral import REFERRAL_STATUSES
from modules.doctors.notes import break_glass
from modules.doctors.prescribing import refuse_others
from modules.doctors.words import REFERRAL_STATES, URGENCY_WORDS
from modules.patients.api import Encounter, Patient
from portal.kit import Column, Listing, _, back_to, form_page, get_or_404, go, once, page, saved
from portal.kit.voiding import void_page

LEAVES = _("It leaves every list, and this cannot be taken back. The audit keeps what it was.")
SIDES = {"to": _("Sent to me"), "from": _("Sent by me"), "all": _("All")}
MOST_URGENT = sa.case({"emergency": 0, "urgent": 1}, value=Referral.urgency, else_=2)
columns = (
    Column("patient", _("Patient"), sort=Patient.name_search),
    Column("to", _("To")),
    Column("from", _("From")),
    Column("urgency", _("Urgency"), sort=MOST_URGENT),
    Column("made", _("Made"), sort=Referral.created_at),
    Column("status", _("Status"), sort=Referral.status),
    Column("acts", _("What can be done")),
)


@module.get("/referrals/", needs="referral_view")
def referral_index():
    """The referrals: those sent to the doctor at work, by them, or all."""
    own = find_own()
    side = request.args.get("side", "to") if own else "all"
    words = {"sides": SIDES if own else {"all": SIDES["all"]}, "side": side, "urgencies": URGENCY_WORDS}
    return page("doctors/referrals.html", listing=referral_list(own, side), states=REFERRAL_STATES, **words)


def referral_list(own: Doctor | None, side: str) -> Listing:
    """The list of one side, what is most urgent and waits longest first."""
    query = sa.select(Referral).join(Referral.patient).where(Referral.voided_at.is_(None))
    if own and side in ("to", "from"):
        query = query.where(sent_to(own) if side == "to" else Referral.from_doctor_id == own.id)
    if request.args.get("status") in REFERRAL_STATUSES:
        query = query.where(Referral.status == request.args["status"])
    ends = (Referral.patient, Referral.from_doctor, Referral.to_doctor, Referral.to_department)
    return Listing(
        query=query.options(*(joinedload(end) for end in ends)),
        columns=columns,
        noun=(_("referral"), _("referrals")),
        default_sort="-made",
        tie=Referral.id.desc(),
        kept=("side", "status", "sort", "page", "per_page"),
    )


def sent_to(doctor: Doctor) -> sa.ColumnElement[bool]:
    """Referrals to this doctor, or to their department."""
    return sa.or_(Referral.to_doctor_id == doctor.id, Referral.to_department_id == doctor.department_id)


@module.form("/encounters/<int:encounter_id>/referrals/new", needs="referral_add")
def referral_new(encounter_id: int):
    """Refer the patient of a visit to somebody else."""
    encounter, doctor = get_or_404(Encounter, encounter_id), find_own()
    form, patient = ReferralForm(doctor=doctor), patient_of(encounter)
    made = once(form, Referral, lambda: Referral.make(encounter, refuse_others(doctor), **form.answers))
    back = url_for("patients.show", record_id=patient.id, tab="prescriptions")
    if made is None:
        return form_page("doctors/referral.html", form, patient=patient, heading=_("Refer the patient"), back=back)
    flash(_("The patient is referred."), "success")
    return go(url_for(".referral_index", side="from"))


@module.moves(Referral, "/referrals", decline=DeclineForm)
def after_referral(referral: Referral) -> str:
    """Back to the referrals."""
    return url_for("doctors.referral_index")


@module.form("/referrals/<int:record_id>/void", needs="void")
def referral_void(record_id: int):
    """Void a referral that should never have been written."""
    return void_page(get_or_404(Referral, record_id), url_for(".referral_index"), LEAVES)


@module.form("/prescriptions/<int:record_id>/void", needs="void")
def prescription_void(record_id: int):
    """Void a prescription that should never have been written."""
    return void_page(get_or_404(Prescription, record_id), url_for(".prescription_index"), LEAVES)


@module.form("/patients/<int:patient_id>/break-glass", needs="prescription_view_own")
def glass(patient_id: int):
    """Ask why somebody has to see these notes, then open them for twelve hours (DOC-6)."""
    patient, doctor = get_or_404(Patient, patient_id), find_own()
    form = GlassForm()
    opened = saved(form, lambda: break_glass(refuse_others(doctor), patient, form.reason.data))
    if opened is None:
        back = url_for("patients.show", record_id=patient_id)
        return form_page("doctors/glass.html", form, patient=patient, heading=_("Open the notes"), back=back)
    flash(_("The notes are open to you for twelve hours. The audit keeps your reason."), "success")
    notes = url_for("patients.show", record_id=patient_id, tab="prescriptions")
    return go(back_to(notes))
