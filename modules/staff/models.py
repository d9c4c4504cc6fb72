"""The employee register and the departments people work in."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import Choice, Record, Refused, _, current_hospital, db, next_number, ngettext
from portal.kit.search import folded

SEXES = ("male", "female", "other", "unknown")
DEPARTMENT_KINDS = ("clinical", "diagnostic", "support", "admin")
ROLE_KINDS = (
    "doctor", "nurse", "admin", "receptionist", "lab", "radiology", "pharmacy", "cashier", "hr", "support",
)  # fmt: skip
EMPLOYMENTS = ("full_time", "part_time", "contract", "visiting")
MOVES = {
    "active": ("on_leave", "suspended", "left"),
    "on_leave": ("active",),
    "suspended": ("active", "left"),
    "left": (),
}
STATUSES = tuple(MOVES)


class Department(Record):
    """A part of the hospital that people belong to."""

    __tablename__ = "staff_department"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    kind: Mapped[str] = mapped_column(Choice(*DEPARTMENT_KINDS, name="kind"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    head_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("staff_staff.id", use_alter=True, name="fk_staff_department_head_id"), index=True
    )
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    floor: Mapped[str | None] = mapped_column(sa.String(20))
    is_active: Mapped[bool] = mapped_column(default=True)

    @classmethod
    def add(cls, **facts) -> "Department":
        """A new department; raises `Refused` for a code or a name in use."""
        department = cls(**facts)
        department._refuse_names_in_use()
        db.session.add(department)
        return department

    def change(self, *, is_active: bool, **facts) -> "Department":
        """Change or close the department; raises `Refused` while people work there (STF-3)."""
        with db.session.no_autoflush:
            working = self.active_count() if self.is_active and not is_active else 0
            if working:
                people = ngettext("{count} person works", "{count} people work", working)
                raise Refused(_("{people} here. Move them before you close the department", people=people), "is_active")
            for name, value in {**facts, "is_active": is_active}.items():
                setattr(self, name, value)
            self._refuse_names_in_use()
        return self

    def active_count(self) -> int:
        """How many people work here now."""
        active = sa.select(sa.func.count(Staff.id)).where(Staff.department_id == self.id, Staff.status == "active")
        return db.session.scalar(active)

    def _refuse_names_in_use(self) -> None:
        for field, column, value in (("code", Department.code, self.code), ("name", Department.name, self.name)):
            same = sa.select(Department.id).where(
                sa.func.lower(column) == value.lower(), Department.id.is_distinct_from(self.id)
            )
            if db.session.scalar(same):
                raise Refused(_("“{value}” is used by another department. Choose a different one", value=value), field)


class Staff(Record):
    """A person who works here.

    active ↔ on_leave;  active ↔ suspended;  active | suspended → left
    """

    __tablename__ = "staff_staff"
    __table_args__ = (sa.Index("ix_staff_staff_department_status", "department_id", "status"),)

    employee_no: Mapped[str] = mapped_column(sa.String(20), unique=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), unique=True)
    first_name: Mapped[str] = mapped_column(sa.String(80))
    last_name: Mapped[str] = mapped_column(sa.String(80))
    name_search: Mapped[str] = mapped_column(sa.String(300), index=True)
    sex: Mapped[str] = mapped_column(Choice(*SEXES, name="sex"))
    birth_date: Mapped[date | None]
    phone: Mapped[str] = mapped_column(sa.String(40))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    national_id: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"))
    designation: Mapped[str] = mapped_column(sa.String(120))
    role_kind: Mapped[str] = mapped_column(Choice(*ROLE_KINDS, name="role_kind"))
    employment: Mapped[str] = mapped_column(Choice(*EMPLOYMENTS, name="employment"), default="full_time")
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    emergency_name: Mapped[str | None] = mapped_column(sa.String(160))
    emergency_phone: Mapped[str | None] = mapped_column(sa.String(40))
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="active")

    department: Mapped[Department] = relationship(lazy="raise", foreign_keys="Staff.department_id")

    @property
    def full_name(self) -> str:
        """First and last name as written on the door."""
        return f"{self.first_name} {self.last_name}"

    @property
    def initials(self) -> str:
        """The first letters of first and last name."""
        return (self.first_name[:1] + self.last_name[:1]).upper()

    @classmethod
    def register(cls, **facts) -> "Staff":
        """A new member of staff with an employee number; raises `Refused` beyond the plan or for a known person."""
        member = cls(**facts, status="active")
        member._refuse_known_national_id()
        member._refuse_beyond_the_plan()
        member.employee_no = next_number("staff", "ST")
        db.session.add(member)
        return member

    def change(self, *, status: str, left_on: date | None, **facts) -> "Staff":
        """Correct what is known; raises `Refused` for a move that is not allowed or beyond the plan."""
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
            self._refuse_known_national_id()
            self._move(status, left_on)
        return self

    def _move(self, status: str, left_on: date | None) -> None:
        """Change the status along `MOVES`; who leaves has a last day."""
        if status != self.status:
            if status not in MOVES[self.status]:
                raise Refused(_("This change of status is not possible. Choose another"), "status")
            if status == "active":
                self._refuse_beyond_the_plan()
        if status == "left" and left_on is None:
            raise Refused(_("Enter the last day of work"), "left_on")
        if left_on and left_on < self.joined_on:
            raise Refused(_("The last day of work must not be before the first"), "left_on")
        self.status, self.left_on = status, left_on if status == "left" else None

    def _refuse_beyond_the_plan(self) -> None:
        """The plan of the hospital counts the people who work; those who left are free."""
        limit = current_hospital().staff_limit
        if limit is not None and count_active() >= limit:
            sentence = _("The hospital’s plan covers {limit} active staff, and all places are taken. "
                         "Record who has left, or ask your administrator for a larger plan", limit=limit)  # fmt: skip
            raise Refused(sentence)

    def _refuse_known_national_id(self) -> None:
        """Nobody is registered twice at a time; who left may come back as a new row only with a free id."""
        if not self.national_id:
            return
        same = sa.select(Staff).where(Staff.national_id == self.national_id, Staff.id.is_distinct_from(self.id))
        known = db.session.scalar(same)
        if known:
            words = {"name": known.full_name, "number": known.employee_no}
            raise Refused(_("This national id belongs to {name}, {number}", **words), "national_id")


def count_active() -> int:
    """How many people work in the hospital now."""
    return db.session.scalar(sa.select(sa.func.count(Staff.id)).where(Staff.status == "active"))


@sa.event.listens_for(Staff, "before_insert")
@sa.event.listens_for(Staff, "before_update")
def keep_findable(mapper, connection, member: Staff) -> None:
    """Keep what searches look at in step with the name; last names first, as lists sort."""
    member.name_search = folded(member.last_name, member.first_name)


class Credential(Record):
    """A licence, certificate, training or contract of a person, and the day it ends."""

    __tablename__ = "staff_credential"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), index=True)
    kind: Mapped[str] = mapped_column(Choice("license", "certificate", "training", "contract", name="kind"))
    title: Mapped[str] = mapped_column(sa.String(120))
    number: Mapped[str | None] = mapped_column(sa.String(60))
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None] = mapped_column(index=True)
    attachment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("core_attachment.id"), index=True)
