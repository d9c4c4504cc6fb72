"""Doctors: members of staff who may treat patients, for as long as their licence lasts."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.doctors.ahead import ahead_of, in_words
from portal.kit import Choice, Exposed, Money, Record, Refused, _, db, emit, guarded_update, hold, today, transition
from portal.kit.claims import claim

if TYPE_CHECKING:
    from modules.staff.api import Department, Staff

STATUSES = ("active", "on_leave", "inactive")
TAKEN_STAFF = _("This person is in the register of doctors already")
TAKEN = _("Another doctor has the same licence number or sign-in. Check them and try again")


class Specialization(Record):
    """A field of medicine that a doctor practises."""

    __tablename__ = "doctors_specialization"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def add(cls, **facts) -> "Specialization":
        """A new field of medicine; the database keeps codes and names apart."""
        row = cls(**facts)
        db.session.add(row)
        return row

    def change(self, **facts) -> "Specialization":
        """Correct the code or the name."""
        for name, value in facts.items():
            setattr(self, name, value)
        return self


class Doctor(Exposed, Record):
    """A member of staff who may treat patients: licence, field and fees.

    active ↔ on_leave;  active ↔ inactive

    `license_reminded_days` is how many days before the licence ends somebody was warned last, empty before that.
    """

    __tablename__ = "doctors_doctor"
    __table_args__ = (sa.Index("ix_doctors_doctor_department_status", "department_id", "status"),)

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), unique=True)
    license_no: Mapped[str] = mapped_column(sa.String(40), unique=True)
    license_expiry: Mapped[date]
    license_reminded_days: Mapped[int | None]
    specialization_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_specialization.id"), index=True)
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"))
    qualification: Mapped[str] = mapped_column(sa.String(200), default="")
    experience_years: Mapped[int] = mapped_column(default=0)
    consultation_fee: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    followup_fee: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    ipd_visit_fee: Mapped[Decimal] = mapped_column(Money(), default=Decimal(0))
    default_slot_minutes: Mapped[int] = mapped_column(default=20)
    bio: Mapped[str | None] = mapped_column(sa.Text)
    is_surgeon: Mapped[bool] = mapped_column(default=False)
    is_anaesthetist: Mapped[bool] = mapped_column(default=False)
    is_radiologist: Mapped[bool] = mapped_column(default=False)
    is_pathologist: Mapped[bool] = mapped_column(default=False)
    telemedicine: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="active")

    staff: Mapped["Staff"] = relationship("Staff", lazy="joined", innerjoin=True)
    specialization: Mapped[Specialization] = relationship(lazy="joined", innerjoin=True)
    department: Mapped["Department"] = relationship("Department", lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """How people call the doctor: “Dr Kofi Annor”."""
        return _("Dr {name}", name=self.staff.full_name)

    @property
    def initials(self) -> str:
        """The first letters of first and last name."""
        return self.staff.initials

    @property
    def is_licensed(self) -> bool:
        """The licence has not ended."""
        return self.license_expiry >= today()

    @classmethod
    def register(cls, member: "Staff", **facts) -> "Doctor":
        """Enter a member of staff into the register; raises `Refused` for somebody who is there already."""
        known = db.session.scalar(sa.select(Doctor.id).where(Doctor.staff_id == member.id))
        if known:
            raise Refused(TAKEN_STAFF, "staff_id")
        doctor = cls(staff=member, user_id=member.user_id, **facts)
        return claim(doctor, TAKEN)

    def change(self, **facts) -> "Doctor":
        """Correct the profile; a licence that ends on another day is warned of anew."""
        if facts.get("license_expiry", self.license_expiry) != self.license_expiry:
            self.license_reminded_days = None
        for name, value in facts.items():
            setattr(self, name, value)
        return self

    @classmethod
    def by_user(cls, user_id: int | None) -> sa.ColumnElement[bool]:
        """The doctor who signs in as this user; who links staff and users need not think of doctors."""
        members = cls.metadata.tables["staff_staff"]
        linked = sa.select(members.c.id).where(members.c.user_id == user_id)
        return sa.and_(sa.literal(user_id is not None), sa.or_(cls.user_id == user_id, cls.staff_id.in_(linked)))

    def is_signed_in_as(self, user_id: int | None) -> bool:
        """The doctor signs in as this user."""
        return user_id is not None and user_id in (self.user_id, self.staff.user_id)

    def refuse_unlicensed(self) -> None:
        """Raise `Refused` where the licence has ended: no new bookings, no signatures (DOC-1)."""
        if not self.is_licensed:
            words = {"name": self, "day": f"{self.license_expiry:%d %b %Y}"}
            raise Refused(_("The licence of {name} ended on {day}. It has to be renewed first", **words))

    def hold_active(self) -> None:
        """Hold the doctor's row, then raise `Refused` where new work for the doctor must not begin (DOC-1, DOC-7).

        Who makes the doctor inactive at the same moment waits, and sees what was booked.
        """
        hold(self)
        if self.status == "inactive":
            raise Refused(_("{name} treats nobody here any more. Choose another doctor", name=self))
        self.refuse_unlicensed()

    def warn_of_licence(self, days: int) -> bool:
        """Tell that the licence ends in this many days or fewer; False where it was told before (DOC-1)."""
        anew = sa.or_(Doctor.license_reminded_days.is_(None), Doctor.license_reminded_days > days)
        if not guarded_update(self, anew, license_reminded_days=days):
            return False
        emit("doctor.license_expiring", self)
        return True

    @transition("active", "on_leave", needs="change")
    def go_on_leave(self) -> None:
        """The doctor is away for a while."""

    @transition("on_leave", "active", needs="change")
    def return_from_leave(self) -> None:
        """The doctor is back at work."""

    @transition("active", "inactive", needs="change")
    def deactivate(self) -> None:
        """The doctor treats nobody here any more."""
        waiting = ahead_of(self.id)
        if waiting:
            what = in_words(waiting)
            raise Refused(_("{name} is expected at: {what}. Move or cancel these first", name=self, what=what))

    @transition("inactive", "active", needs="change")
    def reactivate(self) -> None:
        """The doctor treats patients here again."""
