"""The employee register and the departments people work in."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import Choice, Record

SEXES = ("male", "female", "other", "unknown")
DEPARTMENT_KINDS = ("clinical", "diagnostic", "support", "admin")
ROLE_KINDS = (
    "doctor", "nurse", "admin", "receptionist", "lab", "radiology", "pharmacy", "cashier", "hr", "support",
)  # fmt: skip
EMPLOYMENTS = ("full_time", "part_time", "contract", "visiting")
STATUSES = ("active", "on_leave", "suspended", "left")


class Department(Record):
    """A part of the hospital that people belong to."""

    __tablename__ = "staff_department"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    kind: Mapped[str] = mapped_column(Choice(*DEPARTMENT_KINDS, name="kind"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    floor: Mapped[str | None] = mapped_column(sa.String(20))
    is_active: Mapped[bool] = mapped_column(default=True)


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

    department: Mapped[Department] = relationship(lazy="raise")

    @property
    def full_name(self) -> str:
        """First and last name as written on the door."""
        return f"{self.first_name} {self.last_name}"
