"""The pages of prescriptions: the list, one of them with its drugs, its moves, and how it prints."""

import sqlalchemy as sa
from flask import abort, request, url_for
from sqlalchemy.orm import joinedload, selectinload

from modules.doctors import module
from modules.doctors.find import find_own, get_doctor, patient_of
from modules.doctors.forms.drug import StopForm
from modules.doctors.models import Prescription, PrescriptionItem
from modules.doctors.models.prescription import PRESCRIPTION_STATUSES
from modules.doctors.views.pad import closed_to
from modules.doctors.words import ITEM_STATES, KIND_WORDS, PRESCRIPTION_STATES
from modules.patients.api import Encounter, Patient
from portal.kit import Column, Listing, _, current_user, db, get_or_404, go, life_of, page
from portal.kit.printing import print_page

SEES = "prescription_view | prescription_view_own"
columns = (
    Column("number", _("Number"), sort=Prescription.number),
    Column("patient", _("Patient"), sort=Patient.name_search),
    Column("drugs", _("Drugs")),
    Column("doctor", _("Doctor")),
    Column("at", _("Prescribed"), sort=Prescription.prescribed_at),
    Column("status", _("Status"), sort=Prescription.status),
)


def own_only() -> sa.ColumnElement[bool]:
    """What the person at work sees in lists: everything, or what they prescribed themselves."""
    if current_user.may("doctors.prescription_view"):
        return sa.true()
    own = find_own()
    return Prescription.doctor_id == own.id if own else sa.false()


def count(status: str = "") -> int:
    """How many prescriptions of the list are in this state."""
    query = sa.select(sa.func.count(Prescription.id)).where(own_only(), Prescription.voided_at.is_(None))
    return db.session.scalar(query.where(Prescription.status == status) if status else query)


@module.get("/prescriptions/", needs=SEES)
def prescription_index():
    """The prescriptions, the newest first; doctors see their own."""
    return page("doctors/prescriptions.html", listing=prescription_list(), count=count, states=PRESCRIPTION_STATES)


def prescription_list() -> Listing:
    """The list with the filter of the address."""
    query = sa.select(Prescription).join(Prescription.patient).where(own_only(), Prescription.voided_at.is_(None))
    if request.args.get("status") in PRESCRIPTION_STATUSES:
        query = query.where(Prescription.status == request.args["status"])
    return Listing(
        query=query.options(
            joinedload(Prescription.patient), joinedload(Prescription.doctor), selectinload(Prescription.items)
        ),
        columns=columns,
        noun=(_("prescription"), _("prescriptions")),
        default_sort="-at",
        tie=Prescription.id.desc(),
        kept=("status", "sort", "page", "per_page"),
    )


@module.get("/prescriptions/<int:record_id>", needs=SEES)
def prescription(record_id: int):
    """One prescription: its drugs, what happened to it, and what can be done."""
    record = get_or_404(Prescription, record_id)
    if is_closed(record):
        return go(url_for(".glass", patient_id=record.patient_id))
    words = {"states": PRESCRIPTION_STATES, "item_states": ITEM_STATES, "kinds": KIND_WORDS}
    return page("doctors/prescription.html", record=record, life=life_of(record), own=find_own(), **words, **of(record))


def is_closed(record: Prescription) -> bool:
    """The person at work sees only own prescriptions and patients, and this is none of them (DOC-6)."""
    if current_user.may("doctors.prescription_view"):
        return False
    own = find_own()
    return own is None or (record.doctor_id != own.id and closed_to(own, record.patient_id))


def of(record: Prescription) -> dict:
    """Whose prescription it is, who wrote it, and in which visit."""
    visit = db.session.get_one(Encounter, record.encounter_id)
    return {"patient": patient_of(visit), "encounter": visit, "doctor": get_doctor(record.doctor_id)}


@module.get("/prescriptions/<int:record_id>/print", needs=SEES)
def prescription_print(record_id: int):
    """The prescription as the patient takes it to a pharmacy; a draft is none yet."""
    record = get_or_404(Prescription, record_id)
    if record.status == "draft" or is_closed(record):
        abort(404)
    back = url_for(".prescription", record_id=record_id)
    words = {"title": _("Prescription"), "number": record.number, "back": back}
    return print_page("doctors/print_prescription.html", record, **words, **of(record))


@module.moves(Prescription, "/prescriptions", dispense_part=None, complete=None, cancel=None, stop=StopForm)
def after_prescription(record: Prescription) -> str:
    """Back to the prescription."""
    return url_for("doctors.prescription", record_id=record.id)


@module.moves(PrescriptionItem, "/items", complete=None, cancel=None, stop=StopForm)
def after_item(item: PrescriptionItem) -> str:
    """Back to the prescription of the drug."""
    return url_for("doctors.prescription", record_id=item.prescription_id)
