"""What is known of a patient's health: allergies, history, diagnoses, consents."""

import re
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from modules.patients.words import CONSENT_KINDS
from portal.kit import Choice, Exposed, Record, Refused, Voidable, WrongState, _, db, held, now, today, transition
from portal.kit.claims import claim
from portal.kit.search import folded

LONGEST_KEY = 120  # some letters unfold to eighteen
ICD_10 = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")
SAME_ALLERGY = _("This allergy is recorded already. Change that one instead")


def hold(patient) -> None:
    """Take the patient's row, so that what is checked now stays true until the commit; refuses a merged record."""
    db.session.flush()
    model = type(patient)
    db.session.scalar(held(sa.select(model).where(model.id == patient.id)))
    if patient.status == "merged":
        patient.refuse_merged()


class OfPatient:
    """A row of one patient's record."""

    @declared_attr
    def patient(cls) -> Mapped["Patient"]:  # noqa: F821 - named, because its file imports this one
        return relationship("Patient", foreign_keys=f"{cls.__name__}.patient_id")

    def add(self):
        """Add the row to the patient's record."""
        hold(self.patient)
        db.session.add(self)
        return self

    def change(self, **facts):
        """Correct what is known."""
        hold(self.patient)
        for name, value in facts.items():
            setattr(self, name, value)
        return self


class Allergy(OfPatient, Voidable, Exposed, Record):
    """A substance that harms a patient.

    active → resolved;  active | resolved → entered_in_error
    """

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

    def __str__(self) -> str:
        return self.substance

    @classmethod
    def active_of(cls, patient) -> sa.ColumnElement[bool]:
        """The allergies that a patient has now."""
        return sa.and_(cls.patient_id == patient.id, cls.status == "active", cls.voided_at.is_(None))

    def add(self) -> "Allergy":
        """Record the allergy; raises `Refused` where the patient has an active one to this substance."""
        hold(self.patient)
        claim(self, SAME_ALLERGY, "substance", active_key=key_of(self.patient.id, self.substance))
        self.patient.allergy_status = "recorded"
        return self

    def change(self, *, substance: str, **facts) -> "Allergy":
        """Correct what is known; raises `Refused` where the patient has an active one to this substance."""
        if self.status == "entered_in_error":
            raise WrongState(_("This is not possible any more: the allergy was entered in error."))
        hold(self.patient)
        key = key_of(self.patient.id, substance) if self.status == "active" else None
        return claim(self, SAME_ALLERGY, "substance", active_key=key, substance=substance, **facts)

    @transition("active", "resolved", needs="allergy_change")
    def resolve(self) -> None:
        """The substance does not harm the patient any more."""
        self._end()

    @transition(
        "active | resolved",
        "entered_in_error",
        needs="allergy_change",
        asks=_("The patient never had this allergy. It does not count any more, and this cannot be taken back."),
    )
    def mark_as_error(self) -> None:
        """The allergy should never have been recorded."""
        self._end()

    def _end(self) -> None:
        """Free the substance; who has no active allergy left is asked again, not said to have none."""
        self.active_key = None
        hold(self.patient)
        if self.patient.allergy_status == "recorded" and not has_active_allergy(self.patient):
            self.patient.allergy_status = "unknown"


def key_of(patient_id: int, substance: str) -> str:
    """What only one active allergy of a patient may hold, however the substance is written."""
    return f"{patient_id}:{folded(substance)[:LONGEST_KEY]}"


def has_active_allergy(patient) -> bool:
    """The patient has an allergy now."""
    return db.session.scalar(sa.select(sa.exists().where(Allergy.active_of(patient))))


def rule_out_allergies(patient) -> None:
    """Note that the patient has no known allergies; raises `WrongState` while an active one is recorded (PAT-8)."""
    hold(patient)
    if has_active_allergy(patient):
        raise WrongState(_("An active allergy is recorded. Resolve it before you record that there are none."), patient)
    patient.allergy_status = "none_known"


class MedicalHistory(OfPatient, Voidable, Record):
    """Something of a patient's past that matters today.

    active → resolved | inactive;  resolved | inactive → active
    """

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

    def __str__(self) -> str:
        return self.title

    def add(self) -> "MedicalHistory":
        """Add the entry; raises `Refused` for days that cannot be, or a code that is none."""
        self._refuse_nonsense()
        return super().add()

    def change(self, **facts) -> "MedicalHistory":
        """Correct what is known; raises `Refused` for days that cannot be, or a code that is none."""
        self.refuse_voided()
        with db.session.no_autoflush:
            super().change(**facts)
            self._refuse_nonsense()
        return self

    @transition("active", "resolved", needs="history_change")
    def resolve(self, resolved_date: date) -> None:
        """This is over."""
        self.refuse_voided()
        self.resolved_date = resolved_date
        self._refuse_nonsense()

    @transition("active", "inactive", needs="history_change")
    def set_aside(self) -> None:
        """This is not over, but does not trouble the patient now."""
        self.refuse_voided()

    @transition("resolved | inactive", "active", needs="history_change")
    def reopen(self) -> None:
        """This troubles the patient again."""
        self.refuse_voided()
        self.resolved_date = None

    def _refuse_nonsense(self) -> None:
        if self.code and not ICD_10.fullmatch(self.code):
            raise Refused(_("Enter an ICD-10 code like J45 or E11.9"), "code")
        if self.onset_date and self.onset_date > today():
            raise Refused(_("The first day must be today or in the past"), "onset_date")
        if self.onset_date and self.patient.birth_date and self.onset_date < self.patient.birth_date:
            raise Refused(_("The first day must not be before the birth"), "onset_date")
        if self.resolved_date and self.resolved_date > today():
            raise Refused(_("The last day must be today or in the past"), "resolved_date")
        if self.resolved_date and self.onset_date and self.resolved_date < self.onset_date:
            raise Refused(_("The last day must not be before the first"), "resolved_date")


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

    def __str__(self) -> str:
        return " ".join(filter(None, (self.code, self.description)))

    def add(self) -> "Diagnosis":
        """Record what was found; the main diagnosis of an encounter takes the place of the one before.

        Raises `Refused` for a code that is none, and for a main diagnosis that was ruled out.
        """
        if self.code and not ICD_10.fullmatch(self.code):
            raise Refused(_("Enter an ICD-10 code like J45 or E11.9"), "code")
        if self.is_primary and self.kind == "ruled_out":
            raise Refused(_("What was ruled out is not the main diagnosis"), "is_primary")
        if self.is_primary:
            visits = self.metadata.tables["patients_encounter"]
            db.session.scalar(held(sa.select(visits.c.id).where(visits.c.id == self.encounter_id)))
            self.primary_key = str(self.encounter_id)
            before = sa.select(Diagnosis).where(Diagnosis.primary_key == self.primary_key)
            for other in db.session.scalars(before):
                other.is_primary, other.primary_key = False, None
            db.session.flush()
        db.session.add(self)
        return self

    def void(self, reason: str) -> "Diagnosis":
        """Take it back, for a reason; another diagnosis may be the main one then."""
        self.primary_key = None
        return super().void(reason)


class Consent(OfPatient, Voidable, Exposed, Record):
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

    def __str__(self) -> str:
        return _("Consent to {what}", what=CONSENT_KINDS[self.kind].lower())

    @property
    def stands(self) -> bool:
        """The patient agreed, and still does."""
        return self.granted and self.withdrawn_at is None and self.voided_at is None

    def add(self) -> "Consent":
        """Keep what was signed; raises `Refused` for a time that has not come."""
        self._refuse_future()
        return super().add()

    def change(self, **facts) -> "Consent":
        """Correct what was written down; raises `Refused` for a time that has not come."""
        self.refuse_voided()
        if self.withdrawn_at:
            raise WrongState(_("This is not possible any more: the consent was withdrawn."))
        with db.session.no_autoflush:
            super().change(**facts)
            self._refuse_future()
        return self

    def withdraw(self) -> "Consent":
        """The patient does not agree any more; raises `WrongState` where there is no consent to withdraw."""
        hold(self.patient)
        db.session.refresh(self)
        if not self.stands:
            raise WrongState(_("This is not possible any more: there is no consent to withdraw."))
        self.withdrawn_at = now()
        return self

    def keep_signed(self, attachment):
        """Note the file that shows the signature; the one before stays with the patient’s documents."""
        self.refuse_voided()
        db.session.flush()
        self.attachment_id = attachment.id
        return attachment

    def _refuse_future(self) -> None:
        if self.signed_at > now():
            raise Refused(_("The time of signing must be in the past"), "signed_at")
