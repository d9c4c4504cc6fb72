"""What is done for somebody who stays: the team, the rounds, the diet."""

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.ipd.models.admission import Admission
from portal.kit import Record, Refused, Voidable, WrongState, _, db, hold, now

if TYPE_CHECKING:
    from modules.doctors.api import Doctor
    from modules.staff.api import Staff


class CareTeamMember(Record):
    """A member of staff who looks after an inpatient, in which role and since when."""

    __tablename__ = "ipd_careteam"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), index=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(40))
    from_at: Mapped[datetime] = mapped_column(default=now)
    to_at: Mapped[datetime | None]

    staff: Mapped["Staff"] = relationship("Staff", lazy="select")

    def __str__(self) -> str:
        return self.staff.full_name

    @classmethod
    def join(cls, admission: Admission, staff_id: int, role: str) -> "CareTeamMember":
        """Add somebody to the team of an inpatient; raises `Refused` for who is in it."""
        refuse_gone(admission)
        same = sa.select(cls.id).where(cls.admission_id == admission.id, cls.staff_id == staff_id, cls.to_at.is_(None))
        if db.session.scalar(same):
            raise Refused(_("This person is in the team already"), "staff_id")
        return kept(cls(admission_id=admission.id, staff_id=staff_id, role=role))

    def leave(self) -> "CareTeamMember":
        """The person looks after the patient no more."""
        if self.to_at:
            raise WrongState(_("This is not possible any more: the person has left the team."))
        self.to_at = now()
        return self


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

    doctor: Mapped["Doctor"] = relationship("Doctor", lazy="select")

    def __str__(self) -> str:
        return _("Ward round")

    @classmethod
    def write(cls, admission: Admission, doctor: "Doctor | None", **notes: str) -> "Round":
        """Write a round of somebody who stays here; raises `Refused` for who is no doctor, and for empty notes."""
        one = cls(admission_id=admission.id)._noted(notes)
        if doctor is None:
            raise Refused(_("You are not in the register of doctors, so you cannot write rounds"))
        refuse_gone(admission)
        one.doctor = doctor
        return kept(one)

    def change(self, **notes: str) -> "Round":
        """Correct a round that is not signed yet; raises `WrongState` for one that is."""
        self.refuse_voided()
        if self.signed_at:
            raise WrongState(_("This is not possible any more: the round is signed. Write another one."))
        return self._noted(notes)

    def sign(self, doctor: "Doctor | None") -> "Round":
        """Stand for what is written; raises `Refused` for somebody else’s round, and without a licence (DOC-1)."""
        self.refuse_voided()
        if doctor is None or doctor.id != self.doctor_id:
            raise Refused(_("Only {name} can sign this round", name=self.doctor))
        if self.signed_at:
            raise WrongState(_("This is not possible any more: the round is signed."))
        doctor.refuse_unlicensed()
        self.signed_at = now()
        return self

    def _noted(self, notes: dict[str, str]) -> "Round":
        if not any(notes.values()):
            raise Refused(_("Write at least one of the notes"), "subjective")
        for name, text in notes.items():
            setattr(self, name, text)
        return self


class DietOrder(Record):
    """What an inpatient may eat, and for how long."""

    __tablename__ = "ipd_dietorder"

    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("ipd_admission.id"), index=True)
    diet: Mapped[str] = mapped_column(sa.String(120))
    from_at: Mapped[datetime] = mapped_column(default=now)
    to_at: Mapped[datetime | None]

    @classmethod
    def order(cls, admission: Admission, diet: str) -> "DietOrder":
        """Order what the patient eats from now on; the order before it ends."""
        refuse_gone(admission)
        running = sa.select(cls).where(cls.admission_id == admission.id, cls.to_at.is_(None))
        for before in db.session.scalars(running):
            before.to_at = now()
        admission.diet = diet
        return kept(cls(admission_id=admission.id, diet=diet))


def refuse_gone(admission: Admission) -> None:
    """Raise `WrongState` where the patient does not stay here now; the lock keeps the state until this is saved."""
    hold(admission)
    if not admission.is_in_bed:
        raise WrongState(_("This is not possible any more: the patient does not stay here now."), admission)


def kept(row: Record) -> Record:
    """The new row, with its id."""
    db.session.add(row)
    db.session.flush()
    return row
