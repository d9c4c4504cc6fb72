"""What a doctor is expected at: appointments and operations that lie ahead, known by the names of their tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from portal.kit import Record, _, current_hospital, db, now

NAMED = 5


@dataclass(frozen=True)
class Expected:
    """An appointment or an operation that lies ahead: what it is, when, and of whom."""

    kind: str
    number: str
    at: datetime | None
    patient: str

    def __str__(self) -> str:
        when = f"{self.at.astimezone(current_hospital().zone):%d %b %Y %H:%M}" if self.at else _("without a time")
        return f"{self.kind} {self.number}, {when}"


def ahead_of(doctor_id: int) -> list[Expected]:
    """Appointments to come, and operations that are planned, in their order; they are other modules' (DOC-7)."""
    found = [*_appointments(doctor_id), *_operations(doctor_id)]
    return sorted(found, key=lambda one: (one.at is None, one.at, one.number))


def in_words(expected: Sequence[Expected]) -> str:
    """The first of them, and how many more there are."""
    named = "; ".join(str(one) for one in expected[:NAMED])
    more = len(expected) - NAMED
    return named + (_("; and {count} more", count=more) if more > 0 else "")


def _appointments(doctor_id: int) -> list[Expected]:
    table = Record.metadata.tables["appointments_appointment"]
    coming = sa.and_(
        table.c.doctor_id == doctor_id,
        table.c.voided_at.is_(None),
        sa.or_(
            table.c.status.in_(("checked_in", "in_consultation")),
            sa.and_(table.c.status.in_(("requested", "scheduled")), table.c.ends_at > now()),
        ),
    )
    return _expected(_("appointment"), table, table.c.starts_at, coming)


def _operations(doctor_id: int) -> list[Expected]:
    table = Record.metadata.tables["surgery_case"]
    team = Record.metadata.tables["surgery_teammember"]
    takes_part = sa.select(team.c.id).where(team.c.case_id == table.c.id, team.c.staff_id == _staff_of(doctor_id))
    planned = sa.and_(
        sa.or_(table.c.surgeon_id == doctor_id, table.c.anaesthetist_id == doctor_id, takes_part.exists()),
        table.c.voided_at.is_(None),
        table.c.status.in_(("scheduled", "pre_op", "in_progress")),
    )
    return _expected(_("operation"), table, table.c.planned_start, planned)


def _staff_of(doctor_id: int) -> sa.ScalarSelect:
    doctor = Record.metadata.tables["doctors_doctor"]
    return sa.select(doctor.c.staff_id).where(doctor.c.id == doctor_id).scalar_subquery()


def _expected(kind: str, table: sa.Table, at: sa.Column, condition: sa.ColumnElement[bool]) -> list[Expected]:
    patient = Record.metadata.tables["patients_patient"]
    name = patient.c.first_name + " " + patient.c.last_name
    query = sa.select(table.c.number, at, name).join(patient, patient.c.id == table.c.patient_id).where(condition)
    return [Expected(kind, *row) for row in db.session.execute(query.order_by(at, table.c.id))]
