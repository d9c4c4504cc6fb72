"""The employee register and the departments people work in."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.staff.credentials import Credential
from portal.kit import (
    Choice,
    Exposed,
    HospitalProfile,
    Record,
    Refused,
    _,
    current_hospital,
    db,
    emit,
    held,
    hold,
    next_number,
    ngettext,
    today,
    transition,
)
from portal.kit.claims import claim
from portal.kit.people import User, may_manage
from portal.kit.search import folded

__all__ = ["Credential", "Department", "Staff"]

SEXES = ("male", "female", "other", "unknown")
DEPARTMENT_KINDS = ("clinical", "diagnostic", "support", "admin")
ROLE_KINDS = (
    "doctor", "nurse", "admin", "receptionist", "lab", "radiology", "pharmacy", "cashier", "hr", "support",
)  # fmt: skip
EMPLOYMENTS = ("full_time", "part_time", "contract", "visiting")
STATUSES = ("active", "on_leave", "suspended", "left")


class Department(Exposed, Record):
    """A part of the hospital that people belong to, perhaps below another; `head_id` is who leads it."""

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

    def __str__(self) -> str:
        return self.name

    @classmethod
    def add(cls, **facts) -> "Department":
        """A new department; raises `Refused` for a code or a name in use, or below a closed one."""
        department = cls(**facts)
        with db.session.no_autoflush:
            department._refuse_names_in_use()
            department._refuse_wrong_parent()
        db.session.add(department)
        return department

    def change(self, *, is_active: bool, **facts) -> "Department":
        """Change, open or close the department; raises `Refused` while something still happens in it (STF-3)."""
        if self.is_active and not is_active:
            hold(self)
            self._refuse_while_in_use()
        with db.session.no_autoflush:
            for name, value in {**facts, "is_active": is_active}.items():
                setattr(self, name, value)
            self._refuse_names_in_use()
        self._refuse_wrong_parent()
        return self

    def _refuse_while_in_use(self) -> None:
        """Nobody works here, nothing stands below, and no other module has something here that goes on."""
        working = self.active_count()
        if working:
            people = ngettext("{count} person works", "{count} people work", working)
            raise Refused(_("{people} here. Move them before you close the department", people=people), "is_active")
        below = sa.select(Department.name).where(Department.parent_id == self.id, Department.is_active)
        name = db.session.scalar(below.order_by(Department.name).limit(1))
        if name:
            raise Refused(_("{name} stands below it. Move or close that one first", name=name), "is_active")
        emit("department.closing", self)

    def hold_open(self, field: str | None = None) -> None:
        """Hold the department, then raise `Refused` where nothing new may begin in it: it is closed (STF-3)."""
        hold(self)
        if not self.is_active:
            raise Refused(_("{department} is closed. Choose another department first", department=self), field)

    def active_count(self) -> int:
        """How many people work here now."""
        active = sa.select(sa.func.count(Staff.id)).where(Staff.department_id == self.id, Staff.status == "active")
        return db.session.scalar(active)

    def _refuse_wrong_parent(self) -> None:
        """What stands above is open, and nothing stands above itself; the lock lets one at a time move departments."""
        every = sa.select(Department.id, Department.parent_id, Department.is_active).order_by(Department.id)
        above = {row.id: row for row in db.session.execute(held(every))}
        seen, parent = set(), above.get(self.parent_id)
        if parent and self.is_active and not parent.is_active:
            raise Refused(_("This department is closed. Choose one that is in use"), "parent_id")
        while parent and parent.id not in seen:
            if parent.id == self.id:
                raise Refused(_("This department stands below {name} itself. Choose another", name=self), "parent_id")
            seen.add(parent.id)
            parent = above.get(parent.parent_id)

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

    Who comes back is a new row with the same national id; `active_national_id` holds it until the person leaves (P1).
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
    national_id: Mapped[str | None] = mapped_column(sa.String(40), index=True)
    active_national_id: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
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
    user: Mapped[User | None] = relationship(lazy="raise", foreign_keys="Staff.user_id")

    def __str__(self) -> str:
        return self.full_name

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
        db.session.get_one(Department, member.department_id).hold_open("department_id")
        member._refuse_beyond_the_plan(coming=1)
        member.employee_no = next_number("staff", "ST")
        member._claim_national_id()
        emit("staff.joined", member)
        return member

    def change(self, **facts) -> "Staff":
        """Correct what is known; raises `Refused` for a national id that somebody else has who works here."""
        if facts.get("department_id", self.department_id) != self.department_id:
            db.session.get_one(Department, facts["department_id"]).hold_open("department_id")
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
            if self.left_on and self.left_on < self.joined_on:
                raise Refused(_("The first day of work must not be after the last"), "joined_on")
            self._claim_national_id()
        return self

    def link(self, user_id: int | None) -> "Staff":
        """Let this user be the person who signs in, or nobody; raises `Refused` for a user who is somebody else here.

        A user of somebody who has left, such as the same person before, is free again. Users whom the person at work
        may not manage are neither given to anybody nor taken away.
        """
        if self.status == "left":
            raise Refused(_("{name} has left. Only people who work here sign in", name=self), "user_id")
        for one in {self.user_id, user_id} - {None} if user_id != self.user_id else ():
            refuse_beyond_mine(db.session.get_one(User, one), "user_id")
        former = db.session.scalar(sa.select(Staff).where(Staff.user_id == user_id, Staff.status == "left").limit(1))
        if user_id is not None and former is not None:
            former.user_id = None
            db.session.flush()
        return claim(self, _("This user belongs to somebody else. Choose another"), "user_id", user_id=user_id)

    @transition("active", "on_leave", needs="change")
    def go_on_leave(self) -> None:
        """The person is away for a while."""

    @transition("on_leave", "active", needs="change")
    def return_to_work(self) -> None:
        """The person is back at work."""
        self._refuse_no_place()

    @transition("active", "suspended", needs="change")
    def suspend(self) -> None:
        """The person does not work for the time being."""

    @transition("suspended", "active", needs="change")
    def reinstate(self) -> None:
        """The person works again."""
        self._refuse_no_place()

    @transition(
        "active | suspended",
        "left",
        needs="void",
        asks=_("This cannot be taken back: the person can no longer sign in, and is registered anew to come back."),
    )
    def end_employment(self, left_on: date) -> None:
        """The person has left the hospital."""
        if self.user_id is not None and self.user_id == self.updated_by:
            raise Refused(_("You cannot record that you have left yourself. Ask somebody else"))
        if left_on < self.joined_on:
            raise Refused(_("The last day of work must not be before the first"), "left_on")
        if left_on > today():
            raise Refused(_("The last day of work must be today or in the past"), "left_on")
        self.left_on = left_on
        self._end_access()

    def _end_access(self) -> None:
        """Nobody signs in as somebody who has left, and who is signed in is not any more (STF-2)."""
        user = db.session.get(User, self.user_id) if self.user_id else None
        if user and user.is_active:
            refuse_beyond_mine(user)
            user.disable()
            emit("user.disabled", user)

    def _refuse_no_place(self) -> None:
        """Who comes back works in a department that is in use (STF-3), and within the plan."""
        db.session.get_one(Department, self.department_id).hold_open()
        self._refuse_beyond_the_plan()

    def _refuse_beyond_the_plan(self, coming: int = 0) -> None:
        """The plan of the hospital counts the people who work; those who left are free. One at a time is counted."""
        limit = current_hospital().staff_limit
        if limit is None:
            return
        db.session.scalar(held(sa.select(HospitalProfile)))
        if count_active() + coming > limit:
            sentence = _("The hospital’s plan covers {limit} active staff, and all places are taken. "
                         "Record who has left, or ask your administrator for a larger plan", limit=limit)  # fmt: skip
            raise Refused(sentence)

    def _claim_national_id(self) -> None:
        """Nobody is registered twice at a time; who has left may come back."""
        same = sa.and_(Staff.active_national_id == self.national_id, Staff.id.is_distinct_from(self.id))
        asked = self.national_id and self.status != "left"
        known = db.session.scalar(sa.select(Staff).where(same)) if asked else None
        if known:
            words = {"name": known.full_name, "number": known.employee_no}
            raise Refused(_("This national id belongs to {name}, {number}", **words), "national_id")
        claim(self, _("This national id belongs to somebody who works here"), "national_id")


def refuse_beyond_mine(user: User, field: str | None = None) -> None:
    """Raise `Refused` for a user who manages more of the hospital than the person at work does."""
    if not may_manage(user):
        sentence = _("{name} may change more of the settings than you. Ask an administrator to do this", name=user)
        raise Refused(sentence, field)


def count_active() -> int:
    """How many people work in the hospital now."""
    return db.session.scalar(sa.select(sa.func.count(Staff.id)).where(Staff.status == "active"))


@sa.event.listens_for(Staff, "before_insert")
@sa.event.listens_for(Staff, "before_update")
def keep_in_step(mapper, connection, member: Staff) -> None:
    """Keep what searches look at in step with the name, last names first, and the active key with the status."""
    member.name_search = folded(member.last_name, member.first_name)
    member.active_national_id = None if member.status == "left" else member.national_id
