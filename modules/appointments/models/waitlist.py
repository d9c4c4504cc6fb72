"""Who would come if a time became free."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.appointments.models.appointment import PRIORITIES
from modules.doctors.api import Doctor
from modules.patients.api import Patient
from modules.staff.api import Department
from portal.kit import Choice, Record, Refused, _, db, today, transition


class WaitlistEntry(Record):
    """A patient who would come if a time became free.

    waiting → offered | expired;  offered → booked | waiting | expired
    """

    __tablename__ = "appointments_waitlist"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    doctor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    wanted_from: Mapped[date]
    wanted_to: Mapped[date]
    priority: Mapped[str] = mapped_column(Choice(*PRIORITIES, name="priority"), default="routine")
    status: Mapped[str] = mapped_column(
        Choice("waiting", "offered", "booked", "expired", name="status"), default="waiting"
    )

    patient: Mapped[Patient] = relationship()
    doctor: Mapped[Doctor | None] = relationship()
    department: Mapped[Department] = relationship()

    def __str__(self) -> str:
        return self.patient.full_name

    def add(self) -> "WaitlistEntry":
        """Keep the wish; raises `Refused` for days that are over, and for a patient nothing can be planned for."""
        if self.wanted_to < max(self.wanted_from, today()):
            raise Refused(_("The last day must be today or later, and not before the first"), "wanted_to")
        self.patient.refuse_new_work()
        if self.doctor:
            self.department_id = self.doctor.department_id
        db.session.add(self)
        return self

    @transition("waiting", "offered", needs="add")
    def offer(self) -> None:
        """The patient was told of a free time."""

    @transition("offered", "booked", needs="add")
    def book(self) -> None:
        """The patient took the time that was offered."""

    @transition("offered", "waiting", needs="change")
    def decline(self) -> None:
        """The patient did not want the time and waits on."""

    @transition("waiting | offered", "expired", needs="change")
    def expire(self) -> None:
        """The days the patient wished for are over."""
