"""What is to be done for a patient, and what of it keeps them from leaving."""

from datetime import datetime

import sqlalchemy as sa

from modules.nurses.models import Task
from modules.nurses.models.care import TO_DO
from modules.patients.api import Encounter
from portal.kit import Refused, _, db, emit

ENDED = ("finished", "cancelled")


def set_task(encounter: Encounter, *, title: str, due_at: datetime, **facts) -> Task:
    """Set a task in a visit; raises `Refused` after the visit. Emits `task.requested`."""
    if encounter.status in ENDED:
        raise Refused(_("This visit is over. Nothing more is to be done in it"))
    task = Task(patient_id=encounter.patient_id, encounter_id=encounter.id, title=title, due_at=due_at, **facts)
    db.session.add(task)
    emit("task.requested", task)
    return task


def open_mandatory_tasks(encounter_id: int) -> list[Task]:
    """What must be done before the patient of a visit may leave, the first due first."""
    query = sa.select(Task).where(
        Task.encounter_id == encounter_id, Task.mandatory, Task.status.in_(TO_DO), Task.voided_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(Task.due_at, Task.id)))


def cancel_tasks(encounter_id: int, *, note: str | None = None) -> int:
    """Cancel what is still to be done in a visit that is over; answers with how much that was."""
    query = sa.select(Task).where(Task.encounter_id == encounter_id, Task.status.in_(TO_DO), Task.voided_at.is_(None))
    tasks = db.session.scalars(query.order_by(Task.id)).all()
    for task in tasks:
        task.cancel(note=note)
    return len(tasks)
