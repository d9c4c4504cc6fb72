"""What patients say of their care, complaints, and incidents that staff report."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, Voidable, now, transition


class Survey(Record):
    """The questions patients are asked after a visit."""

    __tablename__ = "feedback_survey"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    trigger: Mapped[str] = mapped_column(
        Choice("opd_completed", "ipd_discharged", "er_departed", "tele_completed", "manual", name="trigger")
    )
    questions: Mapped[list] = mapped_column(sa.JSON, default=list)
    is_active: Mapped[bool] = mapped_column(default=True)


class Invite(Record):
    """A link that lets one patient answer once about one visit; only its hash is kept."""

    __tablename__ = "feedback_invite"
    __table_args__ = (sa.UniqueConstraint("survey_id", "encounter_id"),)

    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("feedback_survey.id"))
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    sent_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Response(Exposed, Record):
    """What a patient answered; an anonymous one names nobody."""

    __tablename__ = "feedback_response"
    __table_args__ = (
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        sa.CheckConstraint("recommend BETWEEN 0 AND 10", name="recommend"),
        sa.Index("ix_feedback_response_department_submitted_at", "department_id", "submitted_at"),
    )

    invite_id: Mapped[int | None] = mapped_column(sa.ForeignKey("feedback_invite.id"), unique=True)
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("feedback_survey.id"), index=True)
    patient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"))
    doctor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    rating: Mapped[int]
    recommend: Mapped[int | None]
    answers: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    comment: Mapped[str | None] = mapped_column(sa.Text)
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    submitted_at: Mapped[datetime] = mapped_column(default=now)


class Complaint(Voidable, Record):
    """Something that went wrong for somebody, who looks after it, and by when.

    open → investigating → resolved → closed;  resolved → reopened → investigating
    """

    __tablename__ = "feedback_complaint"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    response_id: Mapped[int | None] = mapped_column(sa.ForeignKey("feedback_response.id"), index=True)
    enquiry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact_enquiry.id"), index=True)
    patient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    category: Mapped[str] = mapped_column(sa.String(40))
    severity: Mapped[str] = mapped_column(Choice("low", "medium", "high", name="severity"))
    description: Mapped[str] = mapped_column(sa.Text)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(
        Choice("open", "investigating", "resolved", "closed", "reopened", name="status"), default="open"
    )
    resolution: Mapped[str | None] = mapped_column(sa.Text)
    resolved_at: Mapped[datetime | None]

    @transition("open | reopened", "investigating", needs="complaint_change")
    def investigate(self, owner_id: int) -> None:
        """Somebody finds out what happened."""
        self.owner_id = owner_id

    @transition("investigating", "resolved", needs="complaint_change")
    def resolve(self, resolution: str) -> None:
        """It is known what happened and what is done about it."""
        self.resolution, self.resolved_at = resolution, now()

    @transition("resolved", "closed", needs="complaint_change")
    def close(self) -> None:
        """Nothing is left to do."""

    @transition("resolved", "reopened", needs="complaint_change")
    def reopen(self) -> None:
        """Who complained does not agree."""
        self.resolved_at = None


class Incident(Voidable, Record):
    """Something unsafe that staff report; an anonymous report names nobody.

    reported → reviewing → action → closed
    """

    __tablename__ = "feedback_incident"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    reported_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    happened_at: Mapped[datetime]
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    category: Mapped[str] = mapped_column(
        Choice("fall", "medication", "equipment", "infection", "identity", "violence", "other", name="category")
    )
    harm: Mapped[str] = mapped_column(Choice("none", "mild", "moderate", "severe", "death", name="harm"))
    patient_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    description: Mapped[str] = mapped_column(sa.Text)
    action: Mapped[str | None] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(
        Choice("reported", "reviewing", "action", "closed", name="status"), default="reported"
    )
    anonymous: Mapped[bool] = mapped_column(default=False)

    @transition("reported", "reviewing", needs="incident_change")
    def review(self) -> None:
        """Somebody finds out how it happened."""

    @transition("reviewing", "action", needs="incident_change")
    def act(self, action: str) -> None:
        """Something is done so that it does not happen again."""
        self.action = action

    @transition("action", "closed", needs="incident_change")
    def close(self) -> None:
        """What had to be done is done."""
