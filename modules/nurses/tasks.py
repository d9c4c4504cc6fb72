"""What is to be done for a patient, what of it keeps them from leaving, and what nurses note."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from modules.nurses.models import Note, Nurse, Task
from modules.nurses.models.care import TO_DO
from modules.patients.api import Encounter, Patient
from modules.rooms.api import Bed, BedAllocation, Room
from modules.staff.api import Staff
from portal.kit import Refused, _, db, emit, held, now

ENDED = ("finished", "cancelled")
ON_ADMISSION = (
    (_("Put on the wristband"), 15),
    (_("Ask about allergies"), 30),
    (_("Vital signs and weight"), 30),
    (_("Admission assessment"), 120),
)
SHOWN_WHEN_DONE, MOST = timedelta(hours=12), 300


def set_task(encounter: Encounter, *, title: str, due_at: datetime, **facts) -> Task:
    """Set a task in a visit; raises `Refused` after the visit. Emits `task.requested`."""
    if encounter.status in ENDED:
        raise Refused(_("This visit is over. Nothing more is to be done in it"))
    task = Task(patient_id=encounter.patient_id, encounter_id=encounter.id, title=title, due_at=due_at, **facts)
    db.session.add(task)
    emit("task.requested", task)
    return task


def set_admission_tasks(encounter_id: int) -> None:
    """Set what is done for everybody who is admitted, once in a stay."""
    known = sa.select(Task.id).where(Task.encounter_id == encounter_id, Task.phase == "admission")
    if db.session.scalar(known.limit(1)):
        return
    encounter = db.session.get_one(Encounter, encounter_id)
    for title, minutes in ON_ADMISSION:
        set_task(encounter, title=title, due_at=now() + timedelta(minutes=minutes), phase="admission")


def open_mandatory_tasks(encounter_id: int) -> list[Task]:
    """What must be done before the patient of a visit may leave, the first due first."""
    query = sa.select(Task).where(
        Task.encounter_id == encounter_id, Task.mandatory, Task.status.in_(TO_DO), Task.voided_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(Task.due_at, Task.id)))


def cancel_tasks(encounter_id: int, *, note: str | None = None) -> int:
    """Cancel what is still to be done in a visit that is over; answers with how much that was."""
    query = sa.select(Task).where(Task.encounter_id == encounter_id, Task.status.in_(TO_DO), Task.voided_at.is_(None))
    tasks = db.session.scalars(held(query.order_by(Task.id))).all()
    for task in tasks:
        task.cancel(note=note)
    return len(tasks)


@dataclass(frozen=True)
class TaskLine:
    """A task with its patient, and the bed where they lie in one."""

    task: Task
    patient: Patient
    bed: str | None
    nurse: str | None


def tasks_in(ward_ids: Collection[int] | None, *, mine: int | None = None) -> list[TaskLine]:
    """The tasks of these wards, or of every patient, that are to be done or were done in the last 12 hours."""
    recent = sa.and_(Task.status == "completed", Task.updated_at >= now() - SHOWN_WHEN_DONE)
    lies = sa.and_(BedAllocation.active_patient_id == Patient.id, BedAllocation.status == "active")
    query = (
        sa.select(Task, Patient, Bed.code, sa.func.trim(Staff.first_name + " " + Staff.last_name))
        .join(Patient, Patient.id == Task.patient_id)
        .outerjoin(BedAllocation, lies)
        .outerjoin(Bed, Bed.id == BedAllocation.bed_id)
        .outerjoin(Room, Room.id == Bed.room_id)
        .outerjoin(Nurse, Nurse.id == Task.assigned_to_id)
        .outerjoin(Staff, Staff.id == Nurse.staff_id)
        .where(Task.voided_at.is_(None), sa.or_(Task.status.in_(TO_DO), recent))
    )
    if ward_ids is not None:
        query = query.where(sa.or_(Room.ward_id.in_(ward_ids), Room.ward_id.is_(None)))
    if mine is not None:
        query = query.where(Task.assigned_to_id == mine)
    urgent = sa.case({"stat": 0, "urgent": 1}, value=Task.priority, else_=2)
    return [TaskLine(*row) for row in db.session.execute(query.order_by(Task.due_at, urgent, Task.id).limit(MOST))]


def write_note(encounter: Encounter, **facts) -> Note:
    """Write a note about a visit; raises `Refused` for one that does not take place."""
    if encounter.status == "cancelled":
        raise Refused(_("This visit was cancelled. There is nothing to note"))
    row = Note(encounter_id=encounter.id, at=now(), **facts)
    db.session.add(row)
    return row
