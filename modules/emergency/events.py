"""What the emergency department does about what happens, here and elsewhere."""

from modules.emergency.bays import free_bay, is_bay, visit_here
from modules.emergency.leaving import leave_for_the_ward, need_no_bed
from modules.emergency.models import Visit
from modules.emergency.waits import tell_breaches
from portal.kit import Record, Refused, _, on


@on("er.departed")
@on("er.left_without_being_seen")
def leave_the_bay(visit: Visit) -> None:
    """Who has left is not in the bay any more (ER-8)."""
    free_bay(visit)


@on("er.departed")
def tell_the_ward(visit: Visit) -> None:
    """No bed is kept for who waited for one and went elsewhere (ER-8)."""
    need_no_bed(visit)


@on("bed.assigned")
@on("bed.transferred")
def follow_to_the_bed(allocation: Record) -> None:
    """A visit knows its bay; who waited for a bed has departed once they lie in it (ER-8)."""
    visit = visit_here(allocation.patient_id)
    if visit is None:
        return
    if is_bay(allocation.bed_id):
        visit.bed_id = allocation.bed_id
        return
    visit.bed_id = None
    if visit.status == "awaiting_bed":
        visit.depart("admitted")


@on("ipd.admitted")
def close_who_is_admitted(admission: Record) -> None:
    """Who is admitted is not in the emergency department any more, whoever asked for the bed (ER-8)."""
    visit = visit_here(admission.patient_id)
    if visit is not None:
        leave_for_the_ward(visit, admission.attending_id)


@on("bed.released")
def forget_the_bay(allocation: Record) -> None:
    """The patient is not in the bay any more."""
    visit = visit_here(allocation.patient_id)
    if visit is not None and visit.bed_id == allocation.bed_id:
        visit.bed_id = None


@on("patient.deceased")
def ask_for_the_doctor(patient: Record) -> None:
    """A death in the emergency department is recorded there, with its time and the doctor (ER-9)."""
    if visit_here(patient.id) is not None:
        sentence = _("{name} is in the emergency department. Record the death there, with the doctor", name=patient)
        raise Refused(sentence, "deceased_at")


@on("er.arrived", later=True)
def look_who_waits(**_record) -> None:
    """Look for waits past their target whenever somebody comes, not only once an hour."""
    tell_breaches()
