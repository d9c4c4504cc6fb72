"""Asking for a bed and getting one: the admission, the stay and the bed begin together or not at all."""

from modules.doctors.api import Doctor
from modules.ipd.models import Admission
from modules.patients.api import Encounter, Patient, open_encounter
from modules.rooms.api import BedAllocation, assign_bed, held_by, transfer
from portal.kit import Refused, _, db, emit, hold, next_number
from portal.kit.claims import claim


def request_admission(
    patient: Patient,
    encounter: Encounter | None,
    doctor: Doctor,
    department_id: int,
    reason: str,
    source: str,
    **more,
) -> Admission:
    """Ask for a bed for a patient, from the visit that led to it where there is one (IPD-1).

    `more` are further columns, such as attending_id (else the doctor who asks), ward_wanted_id, priority,
    provisional_dx and expected_days. Raises `Refused` for a patient who has died or has an open admission, and for a
    doctor who must not take new work.
    """
    doctor.hold_active()
    attending_id = more.pop("attending_id", None) or doctor.id
    with db.session.begin_nested():
        visit = open_encounter(
            patient,
            "IMP",
            doctor_id=attending_id,
            department_id=department_id,
            parent_id=encounter.id if encounter else None,
            reason=reason[:300],
        )
        facts = {"patient_id": patient.id, "department_id": department_id, "reason": reason, "source": source}
        people = {"requested_by": doctor.id, "attending_id": attending_id}
        row = Admission(number=next_number("admission", "IPD"), encounter_id=visit.id, **facts, **people, **more)
        sentence = _("{name} has an open admission already. Discharge or cancel it first", name=patient)
        admission = claim(row, sentence, "patient_id", active_key=str(patient.id))
        emit("ipd.requested", admission)
    return admission


def admit(admission: Admission, bed_id: int, override_reason: str = "") -> Admission:
    """Give the patient a bed and begin the stay, in one transaction (IPD-2).

    What begins the stay hears of the bed (`begin_with_bed`), so a bed given on the bed board does the same. Who lies
    in another bed, such as a bay of emergency, is moved. Raises `Refused` where the bed was just taken, and
    `WrongState` where the admission waits no more; nothing is saved then.
    """
    with db.session.begin_nested():
        hold(admission)
        if not admission.is_waiting:
            admission.admit()  # refuses, in the words of every move that comes too late
        lain = held_by(admission.patient_id)
        if lain is not None and lain.status == "active":
            moved = transfer(admission.patient_id, bed_id, override_reason)
            moved.encounter_id, moved.admission_id = admission.encounter_id, admission.id
            begin_with_bed(moved)
        else:
            visit = (admission.patient_id, admission.encounter_id, admission.id)
            assign_bed(bed_id, *visit, override_reason=override_reason)
    return admission


def begin_with_bed(allocation: BedAllocation) -> None:
    """The stay begins when the patient gets the bed, wherever somebody gave it (IPD-3)."""
    admission = db.session.get(Admission, allocation.admission_id) if allocation.admission_id else None
    if admission is not None and admission.is_waiting:
        admission.encounter.admit()
        admission.admit()


def refuse_gone(admission: Admission) -> None:
    """Raise `Refused` where the patient does not stay here any more, or not yet."""
    if not admission.is_in_bed:
        raise Refused(_("{admission} is not open any more. Nothing was saved", admission=admission))
