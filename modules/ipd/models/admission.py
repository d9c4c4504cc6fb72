"""Stays in the hospital, from the request for a bed until the patient has left."""

from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import Choice, Record, Voidable, WrongState, _, now, transition

if TYPE_CHECKING:
    from modules.doctors.api import Doctor
    from modules.patients.api import Encounter, Patient

SOURCES = ("opd", "emergency", "direct", "transfer_in", "newborn")
STATUSES = ("requested", "waiting_bed", "admitted", "discharge_ordered", "discharged", "cancelled")
WAITING, IN_BED = ("requested", "waiting_bed"), ("admitted", "discharge_ordered")
OPEN = (*WAITING, *IN_BED)
PRIORITIES = ("emergency", "urgent", "routine")
ISOLATIONS = ("contact", "droplet", "airborne", "protective")
DISPOSITIONS = ("home", "other_facility", "against_advice", "absconded", "deceased", "other")


class Admission(Voidable, Record):
    """A patient's stay; `active_key` lets a patient have one open at a time (IPD-1).

    requested → waiting_bed → admitted → discharge_ordered → discharged;  requested → admitted
    discharge_ordered → admitted;  requested | waiting_bed → cancelled
    """

    __tablename__ = "ipd_admission"
    announced_as = "ipd"
    __table_args__ = (sa.Index("ix_ipd_admission_status_department", "status", "department_id"),)

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    source: Mapped[str] = mapped_column(Choice(*SOURCES, name="source"))
    requested_by: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    attending_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    ward_wanted_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_ward.id"), index=True)
    priority: Mapped[str] = mapped_column(Choice("routine", "urgent", "emergency", name="priority"), default="routine")
    reason: Mapped[str] = mapped_column(sa.Text)
    provisional_dx: Mapped[str] = mapped_column(sa.String(300), default="")
    expected_days: Mapped[int | None]
    diet: Mapped[str | None] = mapped_column(sa.String(120))
    code_status: Mapped[str | None] = mapped_column(Choice("full", "dnr", "limited", name="code_status"))
    isolation: Mapped[str | None] = mapped_column(Choice(*ISOLATIONS, name="isolation"))
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="requested")
    requested_at: Mapped[datetime] = mapped_column(default=now)
    admitted_at: Mapped[datetime | None]
    expected_discharge_on: Mapped[date | None]
    discharge_ordered_at: Mapped[datetime | None]
    discharged_at: Mapped[datetime | None] = mapped_column(index=True)
    disposition: Mapped[str | None] = mapped_column(Choice(*DISPOSITIONS, name="disposition"))
    active_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)

    patient: Mapped["Patient"] = relationship("Patient", lazy="select")
    encounter: Mapped["Encounter"] = relationship("Encounter", lazy="select")
    attending: Mapped["Doctor"] = relationship("Doctor", lazy="select", foreign_keys=[attending_id])
    requester: Mapped["Doctor"] = relationship("Doctor", lazy="select", foreign_keys=[requested_by])

    def __str__(self) -> str:
        return _("Admission {number}", number=self.number)

    @property
    def is_waiting(self) -> bool:
        """The patient is to be admitted, and has no bed yet."""
        return self.status in WAITING and not self.voided_at

    @property
    def is_in_bed(self) -> bool:
        """The patient stays here now."""
        return self.status in IN_BED and not self.voided_at

    @transition("requested", "waiting_bed", needs="bed_assign")
    def await_bed(self) -> None:
        """There is no bed yet, and the patient waits for one."""

    @transition("requested | waiting_bed", "admitted", needs="admit")
    def admit(self) -> None:
        """The patient has a bed, and the stay begins."""
        self.admitted_at = now()

    @transition("admitted", "discharge_ordered", needs="order_discharge")
    def order_discharge(self) -> None:
        """The doctor lets the patient go as soon as everybody agrees."""
        self.discharge_ordered_at = now()

    @transition("discharge_ordered", "admitted", needs="order_discharge", announces="discharge_revoked")
    def revoke_discharge(self) -> None:
        """The patient stays after all."""
        self.discharge_ordered_at = None

    @transition("discharge_ordered", "discharged", needs="confirm_departure")
    def discharge(self, disposition: str, discharged_at: datetime | None = None) -> None:
        """The patient has left the hospital."""
        self.disposition, self.discharged_at, self.active_key = disposition, discharged_at or now(), None

    @transition("requested | waiting_bed", "cancelled", needs="add")
    def cancel(self) -> None:
        """The patient does not come to stay."""
        self.active_key = None

    def change(self, **facts) -> "Admission":
        """Correct what was asked for or planned; the visit has the same doctor. Raises `WrongState` once it is over."""
        if self.status not in OPEN:
            raise WrongState(_("This is not possible any more: the stay is over."), self)
        for name, value in facts.items():
            setattr(self, name, value)
        self.encounter.doctor_id = self.attending_id
        return self
