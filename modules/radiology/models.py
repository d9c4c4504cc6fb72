"""The imaging devices and exams, what was ordered, the pictures, and what the radiologist says."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, Voidable, now, transition

KINDS = ("XR", "CT", "MR", "US", "MG", "FL", "NM")


class Modality(Record):
    """A device that makes images, and the room it stands in."""

    __tablename__ = "radiology_modality"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    kind: Mapped[str] = mapped_column(Choice(*KINDS, name="kind"))
    name: Mapped[str] = mapped_column(sa.String(120))
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("rooms_room.id"), index=True)
    ae_title: Mapped[str | None] = mapped_column(sa.String(16))
    slot_minutes: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)


class ExamType(Record):
    """An exam that can be ordered, with what it asks of patient and staff."""

    __tablename__ = "radiology_examtype"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(Choice(*KINDS, name="kind"))
    body_part: Mapped[str] = mapped_column(sa.String(60))
    paired: Mapped[bool] = mapped_column(default=False)
    contrast: Mapped[bool] = mapped_column(default=False)
    ionising: Mapped[bool] = mapped_column(default=False)
    prep: Mapped[str | None] = mapped_column(sa.Text)
    default_minutes: Mapped[int]
    billing_service_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_service.id"), index=True)


class Order(Voidable, Exposed, Record):
    """An exam a doctor asks for.

    requested → scheduled → arrived → in_progress → performed → reported → verified;  verified → amended;
    requested | scheduled | arrived → cancelled
    """

    __tablename__ = "radiology_order"
    __table_args__ = (
        sa.Index("ix_radiology_order_status_priority", "status", "priority"),
        sa.Index("ix_radiology_order_modality_scheduled_start", "modality_id", "scheduled_start"),
    )

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    accession_no: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    exam_type_id: Mapped[int] = mapped_column(sa.ForeignKey("radiology_examtype.id"), index=True)
    ordered_by: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    priority: Mapped[str] = mapped_column(Choice("routine", "urgent", "stat", name="priority"), default="routine")
    indication: Mapped[str] = mapped_column(sa.Text)
    laterality: Mapped[str] = mapped_column(
        Choice("none", "left", "right", "bilateral", name="laterality"), default="none"
    )
    pregnancy: Mapped[str] = mapped_column(
        Choice("not_applicable", "no", "possible", "yes", name="pregnancy"), default="not_applicable"
    )
    contrast_ok_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    modality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("radiology_modality.id"))
    scheduled_start: Mapped[datetime | None]
    scheduled_end: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    performed_at: Mapped[datetime | None]
    performed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice(
            "requested",
            "scheduled",
            "arrived",
            "in_progress",
            "performed",
            "reported",
            "verified",
            "amended",
            "cancelled",
            name="status",
        ),
        default="requested",
    )
    cancel_reason: Mapped[str | None] = mapped_column(sa.String(200))

    @transition("requested", "scheduled", needs="schedule")
    def schedule(self, modality_id: int, scheduled_start: datetime, scheduled_end: datetime) -> None:
        """The exam has a device and a time."""
        self.modality_id, self.scheduled_start, self.scheduled_end = modality_id, scheduled_start, scheduled_end

    @transition("scheduled", "arrived", needs="arrive")
    def arrive(self) -> None:
        """The patient is in the department."""
        self.arrived_at = now()

    @transition("arrived", "in_progress", needs="start")
    def start(self) -> None:
        """The exam has begun."""
        self.started_at = now()

    @transition("in_progress", "performed", needs="perform")
    def finish(self) -> None:
        """The images are made."""
        self.performed_at, self.performed_by = now(), self.updated_by

    @transition("performed", "reported", needs="sign")
    def report(self) -> None:
        """There is a preliminary report."""

    @transition("reported", "verified", needs="sign")
    def verify(self) -> None:
        """A radiologist has signed the report."""

    @transition("verified", "amended", needs="amend")
    def amend(self) -> None:
        """Something was added to the signed report."""

    @transition("requested | scheduled | arrived", "cancelled", needs="cancel")
    def cancel(self, cancel_reason: str) -> None:
        """The exam is not made."""
        self.cancel_reason = cancel_reason


class Study(Exposed, Record):
    """The images of one exam."""

    __tablename__ = "radiology_study"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("radiology_order.id"), unique=True)
    study_uid: Mapped[str] = mapped_column(sa.String(64), unique=True)
    performed_at: Mapped[datetime]
    image_count: Mapped[int] = mapped_column(default=0)
    dose_note: Mapped[str | None] = mapped_column(sa.String(200))
    viewer_url: Mapped[str | None] = mapped_column(sa.String(300))


class Image(Record):
    """One picture of a study."""

    __tablename__ = "radiology_image"

    study_id: Mapped[int] = mapped_column(sa.ForeignKey("radiology_study.id"), index=True)
    attachment_id: Mapped[int] = mapped_column(sa.ForeignKey("core_attachment.id"), index=True)
    caption: Mapped[str | None] = mapped_column(sa.String(200))
    sort: Mapped[int] = mapped_column(default=0)


class Report(Voidable, Exposed, Record):
    """What a radiologist reads in the images; once signed, an addendum makes the next version.

    draft → preliminary → final → amended;  draft → final
    """

    __tablename__ = "radiology_report"
    __table_args__ = (sa.UniqueConstraint("order_id", "version_no"),)

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("radiology_order.id"))
    version_no: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(
        Choice("draft", "preliminary", "final", "amended", name="status"), default="draft"
    )
    findings: Mapped[str] = mapped_column(sa.Text, default="")
    impression: Mapped[str] = mapped_column(sa.Text, default="")
    is_critical: Mapped[bool] = mapped_column(default=False)
    reported_by: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    signed_at: Mapped[datetime | None]
    current_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)

    @transition("draft", "preliminary", needs="sign")
    def release(self) -> None:
        """Others may read the report before it is signed."""

    @transition("draft | preliminary", "final", needs="sign")
    def sign(self) -> None:
        """The radiologist stands for the report."""
        self.signed_at = now()

    @transition("final", "amended", needs="amend")
    def amend(self) -> None:
        """A newer version takes the place of this one, which can still be read."""
        self.current_key = None


class ReportTemplate(Record):
    """Words a radiologist starts a report from."""

    __tablename__ = "radiology_reporttemplate"

    exam_type_id: Mapped[int | None] = mapped_column(sa.ForeignKey("radiology_examtype.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    findings: Mapped[str] = mapped_column(sa.Text, default="")
    impression: Mapped[str] = mapped_column(sa.Text, default="")


class CriticalAlert(Voidable, Record):
    """A critical finding that stays open until somebody was told and read it back."""

    __tablename__ = "radiology_criticalalert"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("radiology_report.id"), unique=True)
    raised_at: Mapped[datetime] = mapped_column(default=now)
    notified_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    acknowledged_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    acknowledged_at: Mapped[datetime | None] = mapped_column(index=True)
    readback: Mapped[str | None] = mapped_column(sa.String(300))
    escalated_at: Mapped[datetime | None]
