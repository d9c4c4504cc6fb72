"""Stays in the hospital: the admission, its team and rounds, and everything a discharge needs."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, Refused, Voidable, _, now, transition

SOURCES = ("opd", "emergency", "direct", "transfer_in", "newborn")
STATUSES = ("requested", "waiting_bed", "admitted", "discharge_ordered", "discharged", "cancelled")
DISPOSITIONS = ("home", "other_facility", "against_advice", "absconded", "deceased", "other")
CLEARANCES = ("medical", "nursing", "pharmacy", "laboratory", "billing")


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
    provisional_dx: Mapped[str] = mapped_column(sa.String(300))
    expected_days: Mapped[int | None]
    diet: Mapped[str | None] = mapped_column(sa.String(120))
    code_status: Mapped[str | None] = mapped_column(Choice("full", "dnr", "limited", name="code_status"))
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="requested")
    requested_at: Mapped[datetime] = mapped_column(default=now)
    admitted_at: Mapped[datetime | None]
    expected_discharge_on: Mapped[date | None]
    discharge_ordered_at: Mapped[datetime | None]
    discharged_at: Mapped[datetime | None] = mapped_column(index=True)
    disposition: Mapped[str | None] = mapped_column(Choice(*DISPOSITIONS, name="disposition"))
    active_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)

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

    @transition("discharge_ordered", "admitted", needs="order_discharge")
    def revoke_discharge(self) -> None:
        """The patient stays after all."""
        self.discharge_ordered_at = None

    @transition("discharge_ordered", "discharged", needs="confirm_departure")
    def discharge(self, disposition: str) -> None:
        """The patient has left the hospital."""
        self.disposition, self.discharged_at, self.active_key = disposition, now(), None

    @transition("requested | waiting_bed", "cancelled", needs="add")
    def cancel(self) -> None:
        """The patient does not come to stay."""
        self.active_key = None


class CareTeamMember(Record):
    """A member of staff who looks after an inpatient, in which role and since when."""

    __tablename__ = "ipd_careteam"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), index=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(40))
    from_at: Mapped[datetime] = mapped_column(default=now)
    to_at: Mapped[datetime | None]


class Round(Voidable, Record):
    """What a doctor heard, found, thinks and plans at the bedside."""

    __tablename__ = "ipd_round"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), index=True)
    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    subjective: Mapped[str] = mapped_column(sa.Text, default="")
    objective: Mapped[str] = mapped_column(sa.Text, default="")
    assessment: Mapped[str] = mapped_column(sa.Text, default="")
    plan: Mapped[str] = mapped_column(sa.Text, default="")
    signed_at: Mapped[datetime | None]


class Clearance(Record):
    """One of the parties that must agree before an inpatient leaves.

    pending → cleared | waived
    """

    __tablename__ = "ipd_clearance"
    __table_args__ = (sa.UniqueConstraint("admission_id", "kind"),)

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"))
    kind: Mapped[str] = mapped_column(Choice(*CLEARANCES, name="kind"))
    status: Mapped[str] = mapped_column(Choice("pending", "cleared", "waived", name="status"), default="pending")
    by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(sa.String(300))

    @transition("pending", "cleared", needs="clear_medical")
    def clear_medical(self) -> None:
        """A doctor agrees that the patient leaves."""
        self._clear("medical")

    @transition("pending", "cleared", needs="clear_nursing")
    def clear_nursing(self) -> None:
        """A nurse agrees that the patient leaves."""
        self._clear("nursing")

    @transition("pending", "cleared", needs="clear_pharmacy")
    def clear_pharmacy(self) -> None:
        """The pharmacy agrees that the patient leaves."""
        self._clear("pharmacy")

    @transition("pending", "cleared", needs="clear_laboratory")
    def clear_laboratory(self) -> None:
        """The laboratory agrees that the patient leaves."""
        self._clear("laboratory")

    @transition("pending", "cleared", needs="clear_billing")
    def clear_billing(self) -> None:
        """The cashier agrees that the patient leaves."""
        self._clear("billing")

    @transition("pending", "waived", needs="waive_clearance")
    def waive(self, reason: str) -> None:
        """The patient may leave without this clearance."""
        self.by, self.at, self.note = self.updated_by, now(), reason

    def _clear(self, kind: str) -> None:
        if kind != self.kind:
            raise Refused(_("This clearance is not yours to give"))
        self.by, self.at = self.updated_by, now()


class DischargeSummary(Voidable, Exposed, Record):
    """What the next doctor must know about a stay.

    draft → signed → amended
    """

    __tablename__ = "ipd_dischargesummary"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), unique=True)
    diagnoses: Mapped[str] = mapped_column(sa.Text, default="")
    course: Mapped[str] = mapped_column(sa.Text, default="")
    procedures: Mapped[str] = mapped_column(sa.Text, default="")
    key_results: Mapped[str] = mapped_column(sa.Text, default="")
    condition: Mapped[str] = mapped_column(sa.Text, default="")
    advice: Mapped[str] = mapped_column(sa.Text, default="")
    followup_on: Mapped[date | None]
    prescription_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_prescription.id"), index=True)
    status: Mapped[str] = mapped_column(Choice("draft", "signed", "amended", name="status"), default="draft")
    signed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    signed_at: Mapped[datetime | None]

    @transition("draft", "signed", needs="sign")
    def sign(self) -> None:
        """The doctor stands for what is written, and it is closed."""
        self.signed_by, self.signed_at = self.updated_by, now()

    @transition("signed", "amended", needs="sign")
    def amend(self) -> None:
        """Something was corrected after it was signed."""


class DietOrder(Record):
    """What an inpatient may eat, and for how long."""

    __tablename__ = "ipd_dietorder"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), index=True)
    diet: Mapped[str] = mapped_column(sa.String(120))
    from_at: Mapped[datetime] = mapped_column(default=now)
    to_at: Mapped[datetime | None]
