"""Who is known to the hospital, and the number they are known by."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from modules.patients.ages import age_in_words
from modules.patients.mrn import mrn_of
from portal.kit import (
    Choice,
    Exposed,
    Fixed,
    HospitalProfile,
    Money,
    Record,
    Refused,
    Voidable,
    _,
    db,
    next_value,
    now,
    today,
    transition,
)
from portal.kit.search import backwards, folded

SEXES = ("male", "female", "other", "unknown")
SEX_WORDS = {"female": _("Female"), "male": _("Male"), "other": _("Other"), "unknown": _("Unknown")}
BLOOD_GROUPS = ("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-", "unknown")
STATUSES = ("active", "inactive", "deceased", "merged")


class Patient(Voidable, Exposed, Record):
    """A person the hospital cares for.

    active ↔ inactive;  active → deceased;  active → merged
    """

    __tablename__ = "patients_patient"
    __table_args__ = (
        sa.CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        sa.CheckConstraint(
            "deceased_at IS NULL OR birth_date IS NULL OR date(deceased_at) >= birth_date", name="deceased"
        ),
        sa.Index("ix_patients_patient_created_at", "created_at"),
    )

    mrn: Mapped[str] = mapped_column(sa.String(20), unique=True)
    first_name: Mapped[str] = mapped_column(sa.String(80))
    middle_name: Mapped[str | None] = mapped_column(sa.String(80))
    last_name: Mapped[str] = mapped_column(sa.String(80))
    name_search: Mapped[str] = mapped_column(sa.String(300), index=True)
    sex: Mapped[str] = mapped_column(Choice(*SEXES, name="sex"))
    birth_date: Mapped[date | None] = mapped_column(index=True)
    birth_date_estimated: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    phone_search: Mapped[str | None] = mapped_column(sa.String(40), index=True)
    phone_alt: Mapped[str | None] = mapped_column(sa.String(40))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    national_id: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    address_line: Mapped[str | None] = mapped_column(sa.String(200))
    city: Mapped[str | None] = mapped_column(sa.String(80))
    district: Mapped[str | None] = mapped_column(sa.String(80))
    country: Mapped[str | None] = mapped_column(sa.String(80))
    blood_group: Mapped[str] = mapped_column(Choice(*BLOOD_GROUPS, name="blood_group"), default="unknown")
    marital_status: Mapped[str | None] = mapped_column(sa.String(20))
    occupation: Mapped[str | None] = mapped_column(sa.String(80))
    language: Mapped[str | None] = mapped_column(sa.String(40))
    photo_key: Mapped[str | None] = mapped_column(sa.String(120))
    allergy_status: Mapped[str] = mapped_column(
        Choice("unknown", "none_known", "recorded", name="allergy_status"), default="unknown"
    )
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="active", index=True)
    deceased_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    is_temporary: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), unique=True)

    @property
    def full_name(self) -> str:
        """The whole name in the order it is spoken."""
        return " ".join(filter(None, (self.first_name, self.middle_name, self.last_name)))

    @property
    def initials(self) -> str:
        """The first letters of first and last name."""
        return (self.first_name[:1] + self.last_name[:1]).upper()

    @property
    def age(self) -> str:
        """The age today in words; “about” where the birth date is an estimate."""
        words = age_in_words(self.birth_date, today())
        return _("about {age}", age=words) if words and self.birth_date_estimated else words

    @property
    def age_and_sex(self) -> str:
        """Such as “71 years, female”, as far as it is known."""
        sex = _("sex unknown") if self.sex == "unknown" else SEX_WORDS[self.sex].lower()
        return ", ".join(filter(None, (self.age or _("age unknown"), sex)))

    @transition("active", "inactive", needs="change")
    def deactivate(self) -> None:
        """The patient is not seen here any more, and leaves the lists of active ones."""

    @transition("inactive", "active", needs="change")
    def reactivate(self) -> None:
        """The patient is back."""

    @transition("active", "deceased", needs="change")
    def record_death(self, at: datetime) -> None:
        """The patient has died."""
        if at > now() or (self.birth_date and at.date() < self.birth_date):
            raise Refused(_("The time of death must be in the past, and after the birth"), "deceased_at")
        self.deceased_at = at

    def register(self) -> "Patient":
        """Give a new patient a number of their own; raises `Refused` for another patient's national id."""
        self.refuse_known_national_id()
        prefix = db.session.scalar(sa.select(HospitalProfile.mrn_prefix))
        self.mrn = mrn_of(prefix, next_value("mrn"))
        db.session.add(self)
        return self

    def change(self, **facts) -> "Patient":
        """Correct what is known; raises `Refused` for another patient's national id."""
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
            self.refuse_known_national_id()
        return self

    def refuse_known_national_id(self) -> None:
        """Raise `Refused` when another patient has this national id."""
        if not self.national_id:
            return
        same = sa.select(Patient).where(Patient.national_id == self.national_id, Patient.id.is_distinct_from(self.id))
        known = db.session.scalar(same)
        if known:
            words = {"name": known.full_name, "mrn": known.mrn}
            sentence = _("This national id belongs to {name}, {mrn}. Open that record instead", **words)
            raise Refused(sentence, "national_id")


@sa.event.listens_for(Patient, "before_insert")
@sa.event.listens_for(Patient, "before_update")
def keep_findable(mapper, connection, patient: Patient) -> None:
    """Keep what searches look at in step with the name and the phone number; last names first, as lists sort."""
    patient.name_search = folded(patient.last_name, patient.first_name, patient.middle_name)
    patient.phone_search = backwards(patient.phone)


class Identifier(Record):
    """Another number a patient is known by."""

    __tablename__ = "patients_identifier"
    __table_args__ = (sa.UniqueConstraint("kind", "value"),)

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    kind: Mapped[str] = mapped_column(Choice("national_id", "passport", "insurance", "old_mrn", "other", name="kind"))
    value: Mapped[str] = mapped_column(sa.String(60))


class Contact(Record):
    """Somebody to call for a patient."""

    __tablename__ = "patients_contact"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    relation: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(40))
    is_emergency: Mapped[bool] = mapped_column(default=False)
    is_guardian: Mapped[bool] = mapped_column(default=False)


class Encounter(Exposed, Record):
    """One visit of a patient, whatever the setting; orders, vitals, prescriptions and charges point here.

    planned → arrived → triaged → in_progress → finished;  planned | arrived | triaged → cancelled
    """

    __tablename__ = "patients_encounter"
    __table_args__ = (
        sa.Index("ix_patients_encounter_patient_started", "patient_id", "started_at"),
        sa.Index("ix_patients_encounter_class_status", "encounter_class", "status", "started_at"),
    )

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"))
    encounter_class: Mapped[str] = mapped_column(Choice("AMB", "IMP", "EMER", "VR", name="encounter_class"))
    status: Mapped[str] = mapped_column(
        Choice("planned", "arrived", "triaged", "in_progress", "finished", "cancelled", name="status")
    )
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    doctor_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("doctors_doctor.id", use_alter=True, name="fk_patients_encounter_doctor_id"), index=True
    )
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    active_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)


class MedicalHistory(Voidable, Record):
    """Something of a patient's past that matters today."""

    __tablename__ = "patients_medicalhistory"
    __table_args__ = (sa.Index("ix_patients_medicalhistory_patient_category", "patient_id", "category", "status"),)

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"))
    encounter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    category: Mapped[str] = mapped_column(
        Choice("condition", "surgery", "family", "social", "medication", "immunization", "obstetric", name="category")
    )
    title: Mapped[str] = mapped_column(sa.String(200))
    code: Mapped[str | None] = mapped_column(sa.String(20))
    status: Mapped[str] = mapped_column(Choice("active", "resolved", "inactive", name="status"), default="active")
    onset_date: Mapped[date | None]
    resolved_date: Mapped[date | None]
    severity: Mapped[str | None] = mapped_column(sa.String(20))
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)


class Allergy(Voidable, Exposed, Record):
    """A substance that harms a patient."""

    __tablename__ = "patients_allergy"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    substance: Mapped[str] = mapped_column(sa.String(120))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inventory_item.id"), index=True)
    category: Mapped[str] = mapped_column(Choice("medication", "food", "environment", "other", name="category"))
    reaction: Mapped[str] = mapped_column(sa.String(200), default="")
    severity: Mapped[str] = mapped_column(Choice("mild", "moderate", "severe", name="severity"))
    criticality: Mapped[str] = mapped_column(Choice("low", "high", "unable_to_assess", name="criticality"))
    status: Mapped[str] = mapped_column(
        Choice("active", "resolved", "entered_in_error", name="status"), default="active"
    )
    active_key: Mapped[str | None] = mapped_column(sa.String(160), unique=True)


class Diagnosis(Voidable, Exposed, Record):
    """What a doctor found, in one encounter."""

    __tablename__ = "patients_diagnosis"

    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    code: Mapped[str | None] = mapped_column(sa.String(20))
    description: Mapped[str] = mapped_column(sa.String(300))
    kind: Mapped[str] = mapped_column(Choice("provisional", "differential", "confirmed", "ruled_out", name="kind"))
    is_primary: Mapped[bool] = mapped_column(default=False)
    diagnosed_by: Mapped[int | None] = mapped_column(
        sa.ForeignKey("doctors_doctor.id", use_alter=True, name="fk_patients_diagnosis_diagnosed_by"), index=True
    )
    primary_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)


class Insurance(Exposed, Record):
    """Who pays for a patient's care, and how much of it."""

    __tablename__ = "patients_insurance"
    __table_args__ = (sa.UniqueConstraint("insurer_id", "policy_no", "patient_id"),)

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    insurer_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_insurer.id"))
    policy_no: Mapped[str] = mapped_column(sa.String(60))
    plan: Mapped[str | None] = mapped_column(sa.String(80))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    coverage_pct: Mapped[Decimal] = mapped_column(Fixed(2))
    copay: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    status: Mapped[str] = mapped_column(Choice("draft", "active", "cancelled", name="status"), default="draft")


class Consent(Voidable, Exposed, Record):
    """What a patient agreed to, or refused."""

    __tablename__ = "patients_consent"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    kind: Mapped[str] = mapped_column(
        Choice("treatment", "surgery", "anaesthesia", "telemedicine", "data_sharing", name="kind")
    )
    granted: Mapped[bool]
    signed_by_name: Mapped[str] = mapped_column(sa.String(160))
    signed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    attachment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("core_attachment.id"), index=True)


class MergeLog(Record):
    """Two records were one person: what was moved, and why."""

    __tablename__ = "patients_mergelog"

    kept_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    merged_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    moved_counts: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    reason: Mapped[str] = mapped_column(sa.String(200))
