"""The consultation: it begins, waits for results, and is signed with everything that ends with it (OPD-4)."""

from datetime import date

from modules.doctors.api import Doctor
from modules.opd.models import Consultation, Visit
from modules.opd.queueing import serve_here
from modules.patients.api import Diagnosis, diagnose, diagnoses_of
from portal.kit import Refused, WrongState, _, db, emit, hold


def begin(visit: Visit, doctor: Doctor | None, counter: str) -> Visit:
    """The doctor sees the patient, for the first time or again with results: the number is served at the counter.

    A patient of the department's queue goes to the doctor who begins; raises `Refused` for another doctor's patient,
    and for one whom another doctor of the department sees already.
    """
    token = visit.token
    hold(token and token.queue, token)
    is_shared = token and token.queue.doctor_id is None and visit.status != "in_consultation"
    if doctor and visit.doctor_id != doctor.id and is_shared:
        _hand_over(visit, doctor)
    refuse_others(visit, doctor)
    if visit.status == "awaiting_results":
        visit.resume()
    else:
        visit.start()
        visit.encounter.begin()
    if token and token.waits_for_results:
        token.come_back()
    if token:
        serve_here(token, token.counter or counter)
    if visit.consultation is None:
        db.session.add(Consultation(visit=visit))
    return visit


def _hand_over(visit: Visit, doctor: Doctor) -> None:
    if doctor.department_id != visit.department_id:
        raise Refused(_("The patient waits for another department"))
    visit.doctor_id = doctor.id
    visit.encounter.hand_over(doctor.id, doctor.department_id)
    db.session.expire(visit, ["doctor"])


def refuse_others(visit: Visit, doctor: Doctor | None) -> Doctor:
    """The doctor whose visit it is; raises `WrongState` for everybody else."""
    if doctor is None or visit.doctor_id != doctor.id:
        raise WrongState(_("Only {name} writes in this consultation", name=visit.doctor), visit)
    return doctor


def wait_for_results(visit: Visit, doctor: Doctor | None) -> Visit:
    """The patient waits for results; the next one can be called to the same room."""
    refuse_others(visit, doctor)
    visit.await_results()
    return visit


def find(visit: Visit, doctor: Doctor | None, **facts) -> Diagnosis:
    """Record what the doctor found, while the note is open; the first diagnosis is the main one."""
    refuse_others(visit, doctor)
    visit.consultation.refuse_signed()
    facts["is_primary"] |= not diagnoses_of(visit.encounter_id) and facts["kind"] != "ruled_out"
    return diagnose(visit.encounter, diagnosed_by=doctor.id, **facts)


def conclude(
    visit: Visit,
    doctor: Doctor | None,
    *,
    disposition: str,
    advice: str | None = None,
    followup_on: date | None = None,
) -> Visit:
    """Sign the note, and end the visit, its number, its encounter and its appointment, all or none (OPD-4).

    Who handles `opd.completed` takes part: what they refuse undoes it all. Raises `Refused` without a diagnosis
    (OPD-6), and for a doctor whose licence has ended (DOC-1); `WrongState` for another doctor.
    """
    refuse_others(visit, doctor).refuse_unlicensed()
    if visit.consultation is None or visit.status != "in_consultation":
        raise WrongState(_("This is not possible any more: the patient is not in the consultation."), visit)
    if not diagnoses_of(visit.encounter_id):
        raise Refused(_("Record at least one diagnosis before you sign"))
    visit.consultation.change(advice=advice or None, followup_on=followup_on)
    visit.consultation.sign()
    if visit.token and visit.token.status == "serving":
        visit.token.finish()
    visit.encounter.finish()
    visit.complete(disposition)
    if disposition == "admit":
        emit("opd.admission_wanted", visit)
    return visit
