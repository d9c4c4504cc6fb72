"""Who is known to the hospital, and the number they are known by."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from modules.patients.ages import age_in_words
from modules.patients.mrn import mrn_of
from portal.kit import Choice, HospitalProfile, Record, Refused, _, db, new_uuid, next_value, today
from portal.kit.search import backwards, folded

SEXES = ("male", "female", "other", "unknown")
SEX_WORDS = {"female": _("Female"), "male": _("Male"), "other": _("Other"), "unknown": _("Unknown")}
BLOOD_GROUPS = ("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-", "unknown")
STATUSES = ("active", "inactive", "deceased", "merged")


class Patient(Record):
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

    uuid: Mapped[str] = mapped_column(sa.String(36), unique=True, default=new_uuid)
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
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="active", index=True)
    deceased_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    is_temporary: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), unique=True)
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    void_reason: Mapped[str | None] = mapped_column(sa.String(200))

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
