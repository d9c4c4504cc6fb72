"""Work and rest of the staff: shifts and rosters, attendance, leave, contracts and pay."""

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Fixed, Money, Record, Refused, Voidable, _, now, today, transition

ZERO = Decimal(0)


class Shift(Record):
    """A part of the day that people work, such as the night."""

    __tablename__ = "hr_shift"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    start_time: Mapped[dt.time]
    end_time: Mapped[dt.time]
    crosses_midnight: Mapped[bool] = mapped_column(default=False)
    break_minutes: Mapped[int] = mapped_column(default=0)


class Holiday(Record):
    """A day on which the hospital's offices rest."""

    __tablename__ = "hr_holiday"

    date: Mapped[dt.date] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))


class Roster(Record):
    """One person's shift on one day.

    planned → published → worked | absent;  planned | published → cancelled
    """

    __tablename__ = "hr_roster"
    __table_args__ = (
        sa.Index("ix_hr_roster_ward_work_date", "ward_id", "work_date"),
        sa.Index("ix_hr_roster_staff_starts_at", "staff_id", "starts_at"),
    )

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"))
    shift_id: Mapped[int] = mapped_column(sa.ForeignKey("hr_shift.id"), index=True)
    work_date: Mapped[dt.date]
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    ward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_ward.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    status: Mapped[str] = mapped_column(
        Choice("planned", "published", "worked", "absent", "cancelled", name="status"), default="planned"
    )

    @transition("planned", "published", needs="change")
    def publish(self) -> None:
        """The person knows of the shift."""

    @transition("published", "worked", needs="change")
    def mark_worked(self) -> None:
        """The person worked the shift."""

    @transition("published", "absent", needs="change")
    def mark_absent(self) -> None:
        """The person did not come."""

    @transition("planned | published", "cancelled", needs="change")
    def cancel(self) -> None:
        """The person need not come."""


class ShiftSwap(Record):
    """Two people who want to change shifts, once somebody else agrees.

    requested → approved | rejected | cancelled
    """

    __tablename__ = "hr_shiftswap"

    from_roster_id: Mapped[int] = mapped_column(sa.ForeignKey("hr_roster.id"), index=True)
    to_roster_id: Mapped[int] = mapped_column(sa.ForeignKey("hr_roster.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice("requested", "approved", "rejected", "cancelled", name="status"), default="requested"
    )

    @transition("requested", "approved", needs="approve")
    def approve(self) -> None:
        """The two change shifts."""

    @transition("requested", "rejected", needs="approve")
    def reject(self) -> None:
        """The shifts stay as they were."""

    @transition("requested", "cancelled", needs="swap_add")
    def cancel(self) -> None:
        """The two do not want to change any more."""


class LeaveType(Record):
    """A kind of leave, and how much of it a year gives."""

    __tablename__ = "hr_leavetype"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    annual_days: Mapped[Decimal] = mapped_column(Fixed(1))
    is_paid: Mapped[bool] = mapped_column(default=True)
    needs_document: Mapped[bool] = mapped_column(default=False)
    max_run_days: Mapped[int]


class LeaveBalance(Record):
    """How much leave of one kind a person has in a year, and how much of it is gone or asked for."""

    __tablename__ = "hr_leavebalance"
    __table_args__ = (
        sa.UniqueConstraint("staff_id", "leave_type_id", "year"),
        sa.CheckConstraint("used + pending <= entitled + carried", name="within_balance"),
    )

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"))
    leave_type_id: Mapped[int] = mapped_column(sa.ForeignKey("hr_leavetype.id"), index=True)
    year: Mapped[int]
    entitled: Mapped[Decimal] = mapped_column(Fixed(1))
    carried: Mapped[Decimal] = mapped_column(Fixed(1), default=ZERO)
    used: Mapped[Decimal] = mapped_column(Fixed(1), default=ZERO)
    pending: Mapped[Decimal] = mapped_column(Fixed(1), default=ZERO)


class LeaveRequest(Voidable, Record):
    """Leave somebody asks for.

    draft → submitted → approved | rejected;  submitted | approved → cancelled (before it starts)
    """

    __tablename__ = "hr_leaverequest"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), index=True)
    leave_type_id: Mapped[int] = mapped_column(sa.ForeignKey("hr_leavetype.id"), index=True)
    date_from: Mapped[dt.date]
    date_to: Mapped[dt.date]
    half_day: Mapped[bool] = mapped_column(default=False)
    days: Mapped[Decimal] = mapped_column(Fixed(1))
    reason: Mapped[str] = mapped_column(sa.String(300))
    attachment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("core_attachment.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice("draft", "submitted", "approved", "rejected", "cancelled", name="status"), default="draft"
    )
    approver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    decided_at: Mapped[dt.datetime | None]

    @transition("draft", "submitted", needs="leave_add")
    def submit(self) -> None:
        """The request waits for approval."""

    @transition("submitted", "approved", needs="approve")
    def approve(self) -> None:
        """The person may be away."""
        self.approver_id, self.decided_at = self.updated_by, now()

    @transition("submitted", "rejected", needs="approve")
    def reject(self) -> None:
        """The person may not be away."""
        self.approver_id, self.decided_at = self.updated_by, now()

    @transition("submitted | approved", "cancelled", needs="leave_add")
    def cancel(self) -> None:
        """The person does not want to be away any more."""
        if self.date_from <= today():
            raise Refused(_("This leave has begun. Only leave that has not begun can be cancelled"))


class Attendance(Record):
    """When a person came and went on one day."""

    __tablename__ = "hr_attendance"
    __table_args__ = (sa.UniqueConstraint("staff_id", "work_date"),)

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"))
    work_date: Mapped[dt.date]
    clock_in: Mapped[dt.datetime | None]
    clock_out: Mapped[dt.datetime | None]
    source: Mapped[str] = mapped_column(Choice("web", "terminal", "manual", name="source"), default="web")
    late_minutes: Mapped[int] = mapped_column(default=0)
    worked_minutes: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(Choice("present", "late", "absent", "leave", "off", name="status"))
    correction_reason: Mapped[str | None] = mapped_column(sa.String(200))


class Contract(Record):
    """What a person is paid, for how many hours a week, from when to when."""

    __tablename__ = "hr_contract"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), index=True)
    start: Mapped[dt.date]
    end: Mapped[dt.date | None]
    base_salary: Mapped[Decimal] = mapped_column(Money())
    weekly_hours: Mapped[Decimal] = mapped_column(Fixed(2))


class PayrollRun(Record):
    """The pay of everybody for one month, such as 2025-04.

    draft → reviewed → approved → paid
    """

    __tablename__ = "hr_payrollrun"

    period: Mapped[str] = mapped_column(sa.String(7), unique=True)
    status: Mapped[str] = mapped_column(Choice("draft", "reviewed", "approved", "paid", name="status"), default="draft")

    @transition("draft", "reviewed", needs="payroll")
    def review(self) -> None:
        """The payslips were looked through."""

    @transition("reviewed", "approved", needs="approve_payroll")
    def approve(self) -> None:
        """The payslips are right and never change again."""

    @transition("approved", "paid", needs="payroll")
    def pay(self) -> None:
        """Everybody has their pay."""


class Payslip(Voidable, Record):
    """What one person gets in one run; once approved it never changes."""

    __tablename__ = "hr_payslip"
    __table_args__ = (sa.UniqueConstraint("run_id", "staff_id"),)

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("hr_payrollrun.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), index=True)
    gross: Mapped[Decimal] = mapped_column(Money())
    deductions: Mapped[Decimal] = mapped_column(Money(), default=ZERO)
    net: Mapped[Decimal] = mapped_column(Money())
    lines: Mapped[list] = mapped_column(sa.JSON, default=list)
