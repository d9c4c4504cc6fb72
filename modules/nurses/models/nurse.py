"""Nurses: members of staff who care for a ward, and the shifts they are assigned to."""

from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import Choice, Record, Refused, _, db, today, transition
from portal.kit.claims import claim

if TYPE_CHECKING:
    from modules.rooms.api import Ward
    from modules.staff.api import Department, Staff

GRADES = ("head_nurse", "registered", "enrolled", "midwife", "assistant")
ROLES = ("charge", "bedside", "float")
STATUSES = ("active", "on_leave", "inactive")
TAKEN_STAFF = _("This person is in the register of nurses already")
TAKEN = _("Another nurse has the same licence number or sign-in. Check them and try again")


class Nurse(Record):
    """A member of staff who nurses: licence, grade and ward.

    active ↔ on_leave;  active ↔ inactive
    """

    __tablename__ = "nurses_nurse"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), unique=True)
    license_no: Mapped[str] = mapped_column(sa.String(40), unique=True)
    license_expiry: Mapped[date]
    grade: Mapped[str] = mapped_column(Choice(*GRADES, name="grade"))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    ward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_ward.id"), index=True)
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="active")

    staff: Mapped["Staff"] = relationship("Staff", lazy="joined", innerjoin=True)
    department: Mapped["Department"] = relationship("Department", lazy="joined", innerjoin=True)
    ward: Mapped["Ward | None"] = relationship("Ward", lazy="joined")

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First and last name."""
        return self.staff.full_name

    @property
    def initials(self) -> str:
        """The first letters of first and last name."""
        return self.staff.initials

    @property
    def is_licensed(self) -> bool:
        """The licence has not ended."""
        return self.license_expiry >= today()

    @property
    def is_head(self) -> bool:
        """The nurse leads the ward."""
        return self.grade == "head_nurse"

    @classmethod
    def register(cls, member: "Staff", **facts) -> "Nurse":
        """Enter a member of staff into the register; raises `Refused` for somebody who is there already."""
        if db.session.scalar(sa.select(Nurse.id).where(Nurse.staff_id == member.id)):
            raise Refused(TAKEN_STAFF, "staff_id")
        return claim(cls(staff=member, user_id=member.user_id, **facts), TAKEN)

    def change(self, **facts) -> "Nurse":
        """Correct the profile."""
        for name, value in facts.items():
            setattr(self, name, value)
        return self

    @classmethod
    def by_user(cls, user_id: int | None) -> sa.ColumnElement[bool]:
        """The nurse who signs in as this user; who links staff and users need not think of nurses."""
        members = cls.metadata.tables["staff_staff"]
        linked = sa.select(members.c.id).where(members.c.user_id == user_id)
        return sa.and_(sa.literal(user_id is not None), sa.or_(cls.user_id == user_id, cls.staff_id.in_(linked)))

    @transition("active", "on_leave", needs="nurse_change")
    def go_on_leave(self) -> None:
        """The nurse is away for a while."""

    @transition("on_leave", "active", needs="nurse_change")
    def return_from_leave(self) -> None:
        """The nurse is back at work."""

    @transition("active", "inactive", needs="nurse_change")
    def deactivate(self) -> None:
        """The nurse cares for nobody here any more."""

    @transition("inactive", "active", needs="nurse_change")
    def reactivate(self) -> None:
        """The nurse cares for patients here again."""


class Assignment(Record):
    """A nurse works a shift on a ward."""

    __tablename__ = "nurses_assignment"
    __table_args__ = (sa.UniqueConstraint("nurse_id", "shift_date", "shift_id"),)

    nurse_id: Mapped[int] = mapped_column(sa.ForeignKey("nurses_nurse.id"))
    ward_id: Mapped[int] = mapped_column(sa.ForeignKey("rooms_ward.id"), index=True)
    shift_date: Mapped[date]
    shift_id: Mapped[int] = mapped_column(
        sa.ForeignKey("hr_shift.id", use_alter=True, name="fk_nurses_assignment_shift_id"), index=True
    )
    role: Mapped[str] = mapped_column(Choice(*ROLES, name="role"), default="bedside")

    nurse: Mapped[Nurse] = relationship(lazy="joined", innerjoin=True)
    ward: Mapped["Ward"] = relationship("Ward", lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return _("Assignment of {name}", name=self.nurse)

    def remove(self) -> "Assignment":
        """Take the nurse off the shift, with the patients."""
        db.session.execute(sa.delete(AssignedPatient).where(AssignedPatient.assignment_id == self.id))
        db.session.delete(self)
        return self


class AssignedPatient(Record):
    """A patient whom a nurse looks after during a shift."""

    __tablename__ = "nurses_assignedpatient"
    __table_args__ = (sa.UniqueConstraint("assignment_id", "admission_id"),)

    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("nurses_assignment.id"))
    admission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("ipd_admission.id", use_alter=True, name="fk_nurses_assignedpatient_admission_id"), index=True
    )
