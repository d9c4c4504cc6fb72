"""Who is known to the hospital, and the number they are known by."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from modules.patients.ages import age_in_words
from modules.patients.mrn import mrn_of
from portal.kit import (
    Choice,
    Exposed,
    HospitalProfile,
    Record,
    Refused,
    Voidable,
    _,
    current_hospital,
    db,
    emit,
    held,
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

    def __str__(self) -> str:
        return self.full_name

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

    @transition("active", "deceased", needs="change", asks=_("A death cannot be taken back on this page."))
    def record_death(self, deceased_at: datetime) -> None:
        """The patient has died."""
        self.deceased_at = deceased_at
        if deceased_at > now() or self.died_before(self.birth_date):
            raise Refused(_("The time of death must be in the past, and after the birth"), "deceased_at")

    def died_before(self, born: date | None) -> bool:
        """The patient died before somebody born on this day of the hospital was born."""
        if self.deceased_at is None or born is None:
            return False
        return self.deceased_at.astimezone(current_hospital().zone).date() < born

    @transition("active", "merged", needs="merge", along=("merged_into_id",))
    def give_way(self, merged_into_id: int) -> None:
        """The person is known by another record, which takes the place of this one."""

    @property
    def merged_into(self) -> "Patient | None":
        """The record that took the place of this one."""
        return db.session.get(Patient, self.merged_into_id) if self.merged_into_id else None

    def refuse_merged(self) -> None:
        """Raise `Refused` where another record took the place of this one (PAT-4)."""
        _status, kept_id = self._held()
        if kept_id:
            kept = db.session.get(Patient, kept_id)
            words = {"mrn": self.mrn, "name": kept, "kept": kept.mrn}
            raise Refused(_("{mrn} was merged into {name}, {kept}. Use that record", **words))

    def refuse_new_work(self) -> None:
        """Raise `Refused` for a visit, an order or a prescription of somebody who has died or was merged (PAT-4)."""
        self.refuse_merged()
        if self._held().status == "deceased":
            raise Refused(_("{name} has died. Nothing new can be planned", name=self))

    def _held(self) -> sa.Row:
        """State and successor as they are now, held: nobody merges the record before this transaction ends."""
        mine = sa.select(Patient.status, Patient.merged_into_id).where(Patient.id == self.id)
        return db.session.execute(held(mine)).one()

    def register(self) -> "Patient":
        """Give a new patient a number of their own; raises `Refused` for another patient's national id."""
        self.refuse_known_national_id()
        prefix = db.session.scalar(sa.select(HospitalProfile.mrn_prefix))
        self.mrn = mrn_of(prefix, next_value("mrn"))
        db.session.add(self)
        db.session.flush()
        emit("patient.registered", self)
        return self

    def change(self, **facts) -> "Patient":
        """Correct what is known; raises `Refused` for a merged record, another patient's national id, a late birth."""
        self.refuse_merged()
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
            if self.died_before(self.birth_date):
                raise Refused(_("The date of birth must not be after the death"), "birth_date")
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


class MergeLog(Record):
    """Two records were one person: what was moved, and why."""

    __tablename__ = "patients_mergelog"

    kept_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    merged_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    moved_counts: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    reason: Mapped[str] = mapped_column(sa.String(200))
