"""Emergency visits: who came, how urgent it is, and what became of them."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from modules.doctors.api import Doctor
from modules.patients.api import Encounter, Patient
from portal.kit import Choice, Record, Refused, Voidable, _, db, emit, guarded_update, next_number, now, transition

ARRIVAL_MODES = ("walk_in", "ambulance", "police", "referral", "other")
STATUSES = (
    "arrived", "triaged", "in_treatment", "observation", "awaiting_bed", "departed", "left_without_being_seen",
    "deceased",
)  # fmt: skip
OPEN = ("arrived", "triaged", "in_treatment", "observation", "awaiting_bed")
DISPOSITIONS = (
    "discharged", "admitted", "transferred", "left_without_being_seen", "left_against_advice", "deceased",
)  # fmt: skip


class Visit(Voidable, Record):
    """A patient in the emergency department.

    arrived → triaged → in_treatment → observation → in_treatment;  in_treatment | observation → awaiting_bed | departed
    awaiting_bed → departed;  arrived | triaged → left_without_being_seen
    arrived | triaged | in_treatment | observation | awaiting_bed → deceased

    Its encounter goes along with it.
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
    breached_at: Mapped[datetime | None]
    doctor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    bed_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_bed.id"), index=True)
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="arrived")
    disposition: Mapped[str | None] = mapped_column(Choice(*DISPOSITIONS, name="disposition"))
    disposition_at: Mapped[datetime | None]
    departed_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(sa.Text)

    def __str__(self) -> str:
        return self.number

    @property
    def patient(self) -> Patient:
        """Who came."""
        return db.session.get_one(Patient, self.patient_id)

    @property
    def encounter(self) -> Encounter:
        """The visit as every module knows it."""
        return db.session.get_one(Encounter, self.encounter_id)

    @property
    def is_open(self) -> bool:
        """The patient is still in the department."""
        return self.status in OPEN and self.voided_at is None

    @property
    def waited(self) -> timedelta:
        """How long the patient waited for a doctor; until now, or until they left, where none came (ER-2)."""
        return (self.seen_at or self.departed_at or now()) - self.arrived_at

    def change(self, **facts) -> "Visit":
        """Correct why and how the patient came; a case for the police gets its own number, and keeps it."""
        for name, value in facts.items():
            setattr(self, name, value)
        return self.number_case()

    def number_case(self) -> "Visit":
        """Give a medico-legal case its number, once."""
        if self.is_medicolegal and not self.mlc_no:
            self.mlc_no = next_number("emergency_mlc", "MLC")
        return self

    def tell_breach(self) -> bool:
        """Say once that the patient waits longer than they should (ER-2); False where it was said already."""
        if not guarded_update(self, Visit.breached_at.is_(None), breached_at=now()):
            return False
        emit("er.breached", self)
        return True

    @transition("arrived", "triaged", needs="triage")
    def triage(self, triage_level: int) -> None:
        """A nurse has judged how urgent it is."""
        self.triage_level, self.triaged_at = triage_level, now()
        self._lead_on("triaged")

    @transition("triaged", "in_treatment", needs="see")
    def see(self, doctor_id: int) -> None:
        """A doctor treats the patient."""
        self.doctor_id, self.seen_at = doctor_id, now()
        self.encounter.doctor_id = doctor_id
        self.encounter.department_id = db.session.get_one(Doctor, doctor_id).department_id
        self._lead_on("in_progress")
        emit("er.seen", self)

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
        self._lead_on("finished")

    @transition("arrived | triaged", "left_without_being_seen", needs="change", asks=_("The visit ends with this."))
    def leave_unseen(self) -> None:
        """The patient left before a doctor came."""
        self.disposition, self.disposition_at, self.departed_at = "left_without_being_seen", now(), now()
        self._lead_on("cancelled")

    @transition("arrived | triaged | in_treatment | observation | awaiting_bed", "deceased", needs="disposition")
    def record_death(self, disposition_at: datetime, doctor_id: int) -> None:
        """The patient has died."""
        if not self.arrived_at <= disposition_at <= now():
            raise Refused(_("The time of death must be in the past, and after the arrival"), "disposition_at")
        self.disposition, self.disposition_at, self.doctor_id = "deceased", disposition_at, doctor_id
        self.departed_at = disposition_at
        self._lead_on("finished")

    def _lead_on(self, target: str) -> None:
        """Bring the encounter to where the visit is, by the moves that its own state allows."""
        encounter = self.encounter
        if target == "triaged" and encounter.status == "arrived":
            encounter.triage()
        elif target == "cancelled" and encounter.status in ("arrived", "triaged"):
            encounter.cancel()
        elif target in ("in_progress", "finished"):
            if encounter.status in ("arrived", "triaged"):
                encounter.begin()
            if target == "finished" and encounter.status == "in_progress":
                encounter.finish()
