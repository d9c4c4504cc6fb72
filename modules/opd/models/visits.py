"""Visits: a patient comes to the outpatient clinic, and goes again."""

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.doctors.api import Doctor
from modules.opd.models.queues import Token
from modules.patients.api import Encounter, Patient
from modules.staff.api import Department
from portal.kit import Choice, Record, Voidable, _, now, transition

if TYPE_CHECKING:
    from modules.opd.models.notes import Consultation

VISIT_STATUSES = ("registered", "vitals_done", "in_consultation", "awaiting_results", "completed", "left")
DISPOSITIONS = ("home", "admit", "refer", "emergency", "review")
WAITING = ("registered", "vitals_done")
NOTE = "modules.opd.models.notes.Consultation"  # named, because its file imports this one
OPEN = (*WAITING, "in_consultation", "awaiting_results")


class Visit(Voidable, Record):
    """A patient comes to the outpatient clinic.

    registered → vitals_done → in_consultation → awaiting_results → in_consultation → completed
    registered → in_consultation;  registered | vitals_done → left

    What a move means for the number, the encounter and the fee stands in `events.py`.
    """

    __tablename__ = "opd_visit"
    announced_as = "opd"
    __table_args__ = (sa.Index("ix_opd_visit_doctor_arrived", "doctor_id", "arrived_at"),)

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appointments_appointment.id"), unique=True)
    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    visit_type: Mapped[str] = mapped_column(Choice("new", "follow_up", "review", name="visit_type"), default="new")
    status: Mapped[str] = mapped_column(Choice(*VISIT_STATUSES, name="status"), default="registered")
    arrived_at: Mapped[datetime] = mapped_column(default=now)
    vitals_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    disposition: Mapped[str | None] = mapped_column(Choice(*DISPOSITIONS, name="disposition"))

    encounter: Mapped[Encounter] = relationship(Encounter)
    patient: Mapped[Patient] = relationship(Patient)
    doctor: Mapped[Doctor] = relationship(Doctor)
    department: Mapped[Department] = relationship(Department)
    token: Mapped[Token | None] = relationship(Token, uselist=False, viewonly=True)
    consultation: Mapped["Consultation | None"] = relationship(NOTE, back_populates="visit", uselist=False)

    def __str__(self) -> str:
        return self.number

    @transition("registered", "vitals_done", needs="vitals")
    def record_vitals(self) -> None:
        """A nurse has taken the vital signs."""
        self.vitals_at = now()

    @transition("registered | vitals_done", "in_consultation", needs="consult")
    def start(self) -> None:
        """The doctor sees the patient."""
        self.started_at = now()

    @transition("in_consultation", "awaiting_results", needs="consult")
    def await_results(self) -> None:
        """The patient waits for results before the doctor decides."""

    @transition("awaiting_results", "in_consultation", needs="consult")
    def resume(self) -> None:
        """The doctor sees the patient again."""

    @transition("in_consultation", "completed", needs="sign")
    def complete(self, disposition: str) -> None:
        """The doctor has finished and said where the patient goes."""
        self.disposition, self.completed_at = disposition, now()

    @transition(
        "registered | vitals_done",
        "left",
        needs="cancel",
        asks=_("The patient does not wait any longer: the number and the visit are cancelled."),
    )
    def leave(self) -> None:
        """The patient went away before the consultation."""
