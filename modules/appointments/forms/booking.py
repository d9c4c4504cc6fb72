"""The forms that book a time, move it, and take in somebody who came without one."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from wtforms import BooleanField, Field, HiddenField, ValidationError

from modules.appointments.booking import book, move, walk_in
from modules.appointments.free import FreeTime, free_times, minutes_of
from modules.appointments.hours import moment_at
from modules.appointments.models import Appointment, ServiceType, WaitlistEntry
from modules.appointments.own import own_doctor_id
from modules.appointments.words import ASKED_BY, BOOKABLE_KINDS, PRIORITIES
from modules.doctors.api import doctor_choices
from modules.patients.api import PickPatient
from portal.kit import Refused, _, current_user, db, today
from portal.kit.forms import Day, Form, NewForm, Pick, Text, TimeOfDay, id_or_none

SELECT = {"": _("Select")}
NO_TIME = _("Choose one of the free times")


def service_choices(or_id: int | None = None) -> dict[int, str]:
    """The kinds of visit with their minutes: “New patient, 20 min”."""
    rows = db.session.scalars(sa.select(ServiceType).order_by(ServiceType.name))
    return {one.id: _("{name}, {count} min", name=one.name, count=one.default_minutes) for one in rows}


def bookable_doctors() -> dict[int, str]:
    """The doctors whom the person at work may book: all of them, or oneself."""
    mine = own_doctor_id()
    return {key: words for key, words in doctor_choices().items() if mine in (None, key)}


class PickTime(Field):
    """One of the free times, as the moment it begins."""

    def _value(self):
        return self.data.isoformat() if self.data else ""

    def process_formdata(self, valuelist):
        self.data = None
        if valuelist and valuelist[0]:
            try:
                at = datetime.fromisoformat(valuelist[0])
            except ValueError:
                raise ValidationError(NO_TIME) from None
            if at.tzinfo is None or not 2000 < at.year < 9999:
                raise ValidationError(NO_TIME)
            self.data = at.astimezone(UTC)


class TimeFields(Form):
    """Which free time of which doctor; who may overbook names any other time."""

    doctor_id = Pick(_("Doctor"), _("Select a doctor"), coerce=id_or_none)
    day = Day(_("Day"), _("Enter a day"))
    at = PickTime(_("Free times"))
    overbook = BooleanField(_("Beyond capacity, or outside the hours"))
    other_time = TimeOfDay(_("At"), description=_("Only beyond capacity; otherwise choose a free time."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        doctors = bookable_doctors()
        self.doctor_id.choices = SELECT | doctors
        if len(doctors) == 1 and self.doctor_id.data is None and not self.is_submitted():
            self.doctor_id.data = next(iter(doctors))
        if not current_user.may("appointments.overbook"):
            del self.overbook, self.other_time

    @property
    def goes_beyond(self) -> bool:
        """The time is to stand beyond the capacity."""
        return "overbook" in self and bool(self.overbook.data)

    @property
    def starts_at(self) -> datetime:
        """The moment that was chosen; raises `Refused` where none was."""
        if self.goes_beyond and self.other_time.data:
            return moment_at(self.day.data, self.other_time.data)
        if self.at.data is None:
            raise Refused(NO_TIME, "at")
        return self.at.data

    @property
    def minutes(self) -> int:
        """How long the time has to be."""
        raise NotImplementedError

    @property
    def wanted_kind(self) -> str:
        """In which windows it may stand."""
        return "scheduled"

    @property
    def times(self) -> list[FreeTime]:
        """The free times of the doctor on the day, as they are at this moment."""
        if not (self.doctor_id.data and isinstance(self.day.data, date) and 2000 < self.day.data.year < 9000):
            return []
        return free_times(self.doctor_id.data, self.day.data, self.minutes, self.wanted_kind)


class BookForm(TimeFields, NewForm):
    """Books a time for a patient."""

    patient_id = PickPatient()
    service_type_id = Pick(_("Visit"), _("Select the kind of visit"), coerce=id_or_none)
    kind = Pick(_("Held"), _("Select how it is held"), BOOKABLE_KINDS, default="scheduled")
    priority = Pick(_("Priority"), _("Select a priority"), PRIORITIES, default="routine")
    source = Pick(_("Asked for"), _("Select how it was asked for"), ASKED_BY, default="reception")
    reason = Text(_("Reason"), 300)
    waitlist_id = HiddenField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.service_type_id.choices = SELECT | service_choices()
        if not current_user.may("appointments.add"):
            del self.source
            self.kind.choices = {"follow_up": BOOKABLE_KINDS["follow_up"]}
        if self.day.data is None and not self.is_submitted():
            self.day.data = today()

    @property
    def minutes(self) -> int:
        """How long the chosen kind of visit takes."""
        return minutes_of(db.session.get(ServiceType, self.service_type_id.data or 0))

    @property
    def wanted_kind(self) -> str:
        """How it is held."""
        return self.kind.data or "scheduled"

    def save(self) -> Appointment:
        """Book it; where it was somebody’s wish, the waiting list has one entry less."""
        names = ("patient_id", "doctor_id", "service_type_id", "kind", "priority")
        facts = {name: self[name].data for name in names} | {"reason": self.reason.data or ""}
        facts["source"] = self.source.data if "source" in self else "doctor"
        booked = book(starts_at=self.starts_at, overbook=self.goes_beyond, **facts)
        self._take_off_the_list(booked)
        return booked

    def _take_off_the_list(self, booked: Appointment) -> None:
        entry = db.session.get(WaitlistEntry, id_or_none(self.waitlist_id.data) or 0)
        if entry and entry.patient_id == booked.patient_id and entry.status in ("waiting", "offered"):
            if entry.status == "waiting":
                entry.offer()
            entry.book()


class MoveTimeForm(TimeFields, NewForm):
    """Gives an appointment another time."""

    def __init__(self, *args, record: Appointment, **kwargs):
        self.record = record
        super().__init__(*args, **kwargs)

    @property
    def minutes(self) -> int:
        """As long as it takes now."""
        return self.record.minutes

    @property
    def wanted_kind(self) -> str:
        """Held as it is now."""
        return self.record.kind if self.record.kind == "virtual" else "scheduled"

    def save(self) -> Appointment:
        """Move it."""
        return move(self.record, self.starts_at, doctor_id=self.doctor_id.data, overbook=self.goes_beyond)


class WalkInForm(NewForm):
    """Takes in somebody who came without an appointment."""

    patient_id = PickPatient()
    doctor_id = Pick(_("Doctor"), _("Select a doctor"), coerce=id_or_none)
    service_type_id = Pick(_("Visit"), _("Select the kind of visit"), coerce=id_or_none)
    priority = Pick(_("Priority"), _("Select a priority"), PRIORITIES, default="routine")
    reason = Text(_("Reason"), 300)
    overbook = BooleanField(_("Now, beyond capacity"))
    check_in = BooleanField(_("Check in at once"), default=True)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.doctor_id.choices = SELECT | bookable_doctors()
        self.service_type_id.choices = SELECT | service_choices()
        if not current_user.may("appointments.overbook"):
            del self.overbook
        if not current_user.may("appointments.check_in"):
            del self.check_in

    def save(self) -> Appointment:
        """Give the patient the next free time of the doctor, and check in where that was asked."""
        names = ("patient_id", "doctor_id", "service_type_id", "priority")
        facts = {name: self[name].data for name in names} | {"reason": self.reason.data or ""}
        came = walk_in(overbook="overbook" in self and self.overbook.data, **facts)
        if "check_in" in self and self.check_in.data:
            came.check_in()
        return came
