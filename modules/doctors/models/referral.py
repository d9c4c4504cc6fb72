"""Referrals: a doctor asks somebody else to see a patient."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.doctors.models.doctor import Doctor
from modules.patients.api import Encounter, Patient
from modules.staff.api import Department
from portal.kit import Choice, Record, Refused, Voidable, _, db, emit, transition

URGENCIES = ("routine", "urgent", "emergency")
REFERRAL_STATUSES = ("requested", "accepted", "declined", "completed")


class Referral(Voidable, Record):
    """A doctor asks another doctor, a department or somebody outside to see a patient.

    requested → accepted | declined;  accepted → completed
    """

    __tablename__ = "doctors_referral"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    from_doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    to_doctor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    to_department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    external_name: Mapped[str | None] = mapped_column(sa.String(160))
    reason: Mapped[str] = mapped_column(sa.Text)
    urgency: Mapped[str] = mapped_column(Choice(*URGENCIES, name="urgency"), default="routine")
    status: Mapped[str] = mapped_column(Choice(*REFERRAL_STATUSES, name="status"), default="requested")

    patient: Mapped[Patient] = relationship("Patient", lazy="raise")
    from_doctor: Mapped[Doctor] = relationship(lazy="raise", foreign_keys="Referral.from_doctor_id")
    to_doctor: Mapped[Doctor | None] = relationship(lazy="raise", foreign_keys="Referral.to_doctor_id")
    to_department: Mapped[Department | None] = relationship("Department", lazy="raise")

    def __str__(self) -> str:
        return _("Referral {number}", number=self.id)

    @property
    def to_whom(self) -> str:
        """Whom the patient is sent to."""
        if self.to_doctor_id:
            return str(self.to_doctor)
        return str(self.to_department) if self.to_department_id else self.external_name or ""

    @classmethod
    def make(cls, encounter: Encounter, doctor: Doctor, **facts) -> "Referral":
        """Ask one doctor, one department or somebody outside to see the patient of a visit.

        Raises `Refused` for a patient who has died or was merged (PAT-4), for none or several who are asked, and for a
        doctor who asks themselves or somebody who treats nobody here any more.
        """
        db.session.get_one(Patient, encounter.patient_id).refuse_new_work()
        asked = [name for name in ("to_doctor_id", "to_department_id", "external_name") if facts.get(name)]
        if len(asked) != 1:
            sentence = _("Choose a doctor or a department, or write who outside is asked")
            raise Refused(sentence if not asked else _("Ask one of them: clear the others"), "to_doctor_id")
        if facts.get("to_doctor_id") == doctor.id:
            raise Refused(_("Choose somebody else: this is you"), "to_doctor_id")
        row = cls(patient_id=encounter.patient_id, encounter_id=encounter.id, from_doctor_id=doctor.id, **facts)
        db.session.add(row)
        emit("referral.created", row)
        return row

    @transition("requested", "accepted", needs="referral_change")
    def accept(self) -> None:
        """The patient will be seen."""
        self._refuse_strangers()

    @transition("requested", "declined", needs="referral_change")
    def decline(self) -> None:
        """The patient will not be seen there."""
        self._refuse_strangers()

    @transition("accepted", "completed", needs="referral_change")
    def complete(self) -> None:
        """The patient was seen."""
        self._refuse_strangers()

    def _refuse_strangers(self) -> None:
        """The one who is asked answers, of a department anybody there; who asked notes what somebody outside says."""
        query = sa.select(Doctor).where(Doctor.by_user(self.updated_by))
        doctor = db.session.scalar(query)
        asked = doctor and (
            doctor.id == self.to_doctor_id
            or (self.to_department_id and doctor.department_id == self.to_department_id)
            or (self.external_name and doctor.id == self.from_doctor_id)
        )
        if not asked:
            raise Refused(_("Only who is asked can answer a referral"))
