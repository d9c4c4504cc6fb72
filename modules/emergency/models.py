"""Emergency visits, how urgent each was judged, what was noted, and the ambulances."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Record, Refused, Voidable, _, now, transition

ARRIVAL_MODES = ("walk_in", "ambulance", "police", "referral", "other")
STATUSES = (
    "arrived", "triaged", "in_treatment", "observation", "awaiting_bed", "departed", "left_without_being_seen",
    "deceased",
)  # fmt: skip
DISPOSITIONS = (
    "discharged", "admitted", "transferred", "left_without_being_seen", "left_against_advice", "deceased",
)  # fmt: skip
AMBULANCE_STATUSES = ("available", "dispatched", "on_scene", "to_hospital", "at_hospital", "out_of_service")


class Visit(Voidable, Record):
    """A patient in the emergency department.

    arrived → triaged → in_treatment → observation → in_treatment;  in_treatment | observation → awaiting_bed | departed
    awaiting_bed → departed;  arrived | triaged → left_without_being_seen
    arrived | triaged | in_treatment | observation | awaiting_bed → deceased
    """

    __tablename__ = "emergency_visit"
    announced_as = "er"
    __table_args__ = (
        sa.CheckConstraint("triage_level BETWEEN 1 AND 5", name="triage_level"),
        sa.Index("ix_emergency_visit_status_level", "status", "triage_level", "arrived_at"),
    )

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    arrived_at: Mapped[datetime] = mapped_column(default=now)
    arrival_mode: Mapped[str] = mapped_column(Choice(*ARRIVAL_MODES, name="arrival_mode"), default="walk_in")
    complaint: Mapped[str] = mapped_column(sa.String(300))
    is_medicolegal: Mapped[bool] = mapped_column(default=False)
    mlc_no: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    triage_level: Mapped[int | None]
    triaged_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    doctor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    bed_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_bed.id"), index=True)
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="arrived")
    disposition: Mapped[str | None] = mapped_column(Choice(*DISPOSITIONS, name="disposition"))
    disposition_at: Mapped[datetime | None]
    departed_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(sa.Text)

    @transition("arrived", "triaged", needs="triage")
    def triage(self, triage_level: int) -> None:
        """A nurse has judged how urgent it is."""
        self.triage_level, self.triaged_at = triage_level, now()

    @transition("triaged", "in_treatment", needs="see")
    def see(self, doctor_id: int) -> None:
        """A doctor treats the patient."""
        self.doctor_id, self.seen_at = doctor_id, now()

    @transition("in_treatment", "observation", needs="see")
    def observe(self) -> None:
        """The patient is watched before the doctor decides."""

    @transition("observation", "in_treatment", needs="see")
    def treat_again(self) -> None:
        """The patient needs treatment again."""

    @transition("in_treatment | observation", "awaiting_bed", needs="disposition")
    def await_bed(self) -> None:
        """The patient stays in the hospital and waits for a bed."""
        self.disposition, self.disposition_at = "admitted", now()

    @transition("in_treatment | observation | awaiting_bed", "departed", needs="disposition")
    def depart(self, disposition: str) -> None:
        """The patient has left the emergency department."""
        if not disposition:
            raise Refused(_("Say where the patient goes"), "disposition")
        if self.doctor_id is None:
            raise Refused(_("A doctor sees the patient before the patient leaves"))
        if disposition != self.disposition:
            self.disposition, self.disposition_at = disposition, now()
        self.departed_at = now()

    @transition("arrived | triaged", "left_without_being_seen", needs="change")
    def leave_unseen(self) -> None:
        """The patient left before a doctor came."""
        self.disposition, self.disposition_at, self.departed_at = "left_without_being_seen", now(), now()

    @transition("arrived | triaged | in_treatment | observation | awaiting_bed", "deceased", needs="disposition")
    def record_death(self, disposition_at: datetime, doctor_id: int) -> None:
        """The patient has died."""
        if not self.arrived_at <= disposition_at <= now():
            raise Refused(_("The time of death must be in the past, and after the arrival"), "disposition_at")
        self.disposition, self.disposition_at, self.doctor_id = "deceased", disposition_at, doctor_id
        self.departed_at = disposition_at


class Triage(Voidable, Record):
    """How urgent a visit was judged, by whom and why; earlier ones are kept (ER-4)."""

    __tablename__ = "emergency_triage"
    __table_args__ = (sa.CheckConstraint("level BETWEEN 1 AND 5", name="level"),)

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("emergency_visit.id"), index=True)
    level: Mapped[int]
    triaged_at: Mapped[datetime] = mapped_column(default=now)
    triaged_by: Mapped[int] = mapped_column(sa.ForeignKey("nurses_nurse.id"), index=True)
    vital_sign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("nurses_vitalsign.id"), index=True)
    discriminator: Mapped[str | None] = mapped_column(sa.String(200))
    pain: Mapped[int | None]
    is_retriage: Mapped[bool] = mapped_column(default=False)


class Note(Voidable, Record):
    """What somebody wrote about an emergency visit."""

    __tablename__ = "emergency_note"

    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("emergency_visit.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    body: Mapped[str] = mapped_column(sa.Text)


class Ambulance(Record):
    """An ambulance, its crew and where it is.

    available → dispatched → on_scene → to_hospital → at_hospital → available;  available ↔ out_of_service
    """

    __tablename__ = "emergency_ambulance"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    crew: Mapped[str] = mapped_column(sa.String(200), default="")
    status: Mapped[str] = mapped_column(Choice(*AMBULANCE_STATUSES, name="status"), default="available")

    @transition("available", "dispatched", needs="change")
    def dispatch(self) -> None:
        """The ambulance was sent out."""

    @transition("dispatched", "on_scene", needs="change")
    def reach_scene(self) -> None:
        """The crew is with the patient."""

    @transition("on_scene", "to_hospital", needs="change")
    def leave_scene(self) -> None:
        """The patient is on the way to the hospital."""

    @transition("to_hospital", "at_hospital", needs="change")
    def reach_hospital(self) -> None:
        """The patient is at the hospital."""

    @transition("at_hospital", "available", needs="change")
    def make_ready(self) -> None:
        """The ambulance can be sent out again."""

    @transition("available", "out_of_service", needs="change")
    def take_out_of_service(self) -> None:
        """The ambulance cannot be sent out."""

    @transition("out_of_service", "available", needs="change")
    def return_to_service(self) -> None:
        """The ambulance works again."""
