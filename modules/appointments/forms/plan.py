"""The forms of hours, days off, kinds of visit and wishes."""

from datetime import datetime

from wtforms import BooleanField

from modules.appointments.absences import CANCEL, Undecided, add_exception, clashes_with
from modules.appointments.forms.booking import SELECT
from modules.appointments.free import next_free
from modules.appointments.hours import REASONS
from modules.appointments.models import Appointment, Schedule, ScheduleException, ServiceType, WaitlistEntry
from modules.appointments.models.schedules import WEEKDAYS
from modules.appointments.words import MODES, PRIORITIES
from modules.doctors.api import doctor_choices, get_doctor
from modules.patients.api import Patient, PickPatient
from modules.rooms.api import rooms_of_kind
from modules.staff.api import departments
from portal.kit import Refused, _, current_hospital, db, today
from portal.kit.forms import ChangeForm, Day, Form, NewForm, Pick, Text, TimeOfDay, Whole, id_or_none


class ServiceFields(Form):
    """What is asked about a kind of visit."""

    name = Text(_("Name"), 120, _("Enter the name"))
    default_minutes = Whole(_("Minutes"), 5, 480, _("Enter how long it takes"), default=20)
    department_id = Pick(_("Department"), _("Select a department"), required=False, coerce=id_or_none)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.department_id.choices = {"": _("Every department")} | {one.id: one.name for one in departments()}

    @property
    def answers(self) -> dict:
        """The answers; raises `Refused` for minutes that cannot be booked."""
        if self.default_minutes.data % 5:
            raise Refused(_("Choose a multiple of five minutes"), "default_minutes")
        return super().answers


class NewServiceForm(ServiceFields, NewForm):
    """Offers a new kind of visit."""

    def save(self) -> ServiceType:
        """Add it."""
        return ServiceType.add(**self.answers)


class EditServiceForm(ServiceFields, ChangeForm):
    """Changes a kind of visit."""


class ScheduleFields(Form):
    """What is asked about hours."""

    weekday = Pick(_("Day of the week"), _("Select a day"), SELECT | dict(enumerate(WEEKDAYS)), coerce=id_or_none)
    start_time = TimeOfDay(_("From"), _("Enter the start"))
    end_time = TimeOfDay(_("To"), _("Enter the end"))
    slot_minutes = Whole(_("Minutes of a slot"), 5, 240, _("Enter how long a slot is"), default=20)
    capacity_per_slot = Whole(_("Patients in a slot"), 1, 50, _("Enter how many patients"), default=1)
    room_id = Pick(_("Room"), _("Select a room"), required=False, coerce=id_or_none)
    mode = Pick(_("Held"), _("Select how it is held"), MODES, default="in_person")
    valid_from = Day(_("From day"), _("Enter the first day"))
    valid_to = Day(_("To day"), description=_("Empty where it has no end."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.room_id.choices = {"": _("None")} | {one.id: one.number for one in rooms_of_kind("consulting")}


class NewScheduleForm(ScheduleFields, NewForm):
    """Opens hours of a doctor."""

    doctor_id = Pick(_("Doctor"), _("Select a doctor"), coerce=id_or_none)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.doctor_id.choices = SELECT | doctor_choices()
        if self.valid_from.data is None and not self.is_submitted():
            self.valid_from.data = today()

    def save(self) -> Schedule:
        """Open them."""
        return Schedule.add(**self.answers)


class EditScheduleForm(ScheduleFields, ChangeForm):
    """Changes or ends hours; what is booked in them stays booked."""

    is_active = BooleanField(_("The doctor can be booked in these hours"))


class ExceptionForm(NewForm):
    """Takes time away from a doctor, or adds some; each patient who is booked then is moved or told (APT-8)."""

    doctor_id = Pick(_("Doctor"), _("Select a doctor"), coerce=id_or_none)
    reason = Pick(_("Reason"), _("Select a reason"), SELECT | REASONS)
    date_from = Day(_("From day"), _("Enter the first day"))
    date_to = Day(_("To day"), _("Enter the last day"))
    start_time = TimeOfDay(_("From"), description=_("Empty for whole days."))
    end_time = TimeOfDay(_("To"))

    def __init__(self, *args, sent=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.doctor_id.choices = SELECT | doctor_choices()
        self.sent, self.clashes = sent or {}, []

    def save(self) -> ScheduleException:
        """Keep it, and do with each booked patient what was said; else `clashes` holds whom it is about."""
        one = self._made()
        if (one.date_to - one.date_from).days > 366:
            raise Refused(_("Choose a year or less"), "date_to")
        try:
            return add_exception(one, self._decisions())
        except Refused:
            db.session.rollback()  # what was moved before it failed stands in the way again
            one = self._made()
            db.session.add(one)
            db.session.flush()
            self.clashes = [Clash(row, self.sent.get(f"clash-{row.id}", "")) for row in clashes_with(one)]
            for clash in self.clashes:
                clash.offer()
            raise

    def _made(self) -> ScheduleException:
        names = ("doctor_id", "reason", "date_from", "date_to", "start_time", "end_time")
        return ScheduleException(adds_time=self.reason.data == "extra_session", **{n: self[n].data for n in names})

    def _decisions(self) -> dict:
        found = {}
        for name, value in self.sent.items():
            number = id_or_none(name.removeprefix("clash-")) if name.startswith("clash-") else None
            if number and value:
                found[number] = CANCEL if value == CANCEL else _moment(value)
        return found


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Undecided(_("Say for each patient what happens"))
    return at


class Clash:
    """A patient who is booked in time that is taken away, with what may be done about it."""

    def __init__(self, appointment: Appointment, chosen: str):
        self.appointment, self.chosen = appointment, chosen
        self.about = f"{appointment.number}, {appointment.patient}"
        self.number, self.id = appointment.number, appointment.id
        self.patient, self.starts_at = str(appointment.patient), appointment.starts_at
        self.choices: dict[str, str] = {}

    def offer(self) -> None:
        """Offer the next times at which the doctor is free, and calling it off."""
        zone = current_hospital().zone
        one = self.appointment
        day = max(one.starts_at.astimezone(zone).date(), today())
        times = next_free(one.doctor_id, one.minutes, day)
        words = {time.value: f"{time.starts_at.astimezone(zone):%a %d %b, %H:%M}" for time in times}
        self.choices = {"": _("Select"), CANCEL: _("Cancel it")}
        self.choices |= {value: _("Move to {time}", time=text) for value, text in words.items()}


class WaitForm(NewForm):
    """Keeps a wish for a time."""

    patient_id = PickPatient()
    doctor_id = Pick(_("Doctor"), _("Select a doctor"), required=False, coerce=id_or_none)
    department_id = Pick(_("Department"), _("Select a department"), coerce=id_or_none)
    wanted_from = Day(_("From day"), _("Enter the first day"))
    wanted_to = Day(_("To day"), _("Enter the last day"))
    priority = Pick(_("Priority"), _("Select a priority"), PRIORITIES, default="routine")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.doctor_id.choices = {"": _("Any doctor")} | doctor_choices()
        self.department_id.choices = SELECT | {one.id: one.name for one in departments()}

    def save(self) -> WaitlistEntry:
        """Keep it."""
        facts = self.answers
        patient = db.session.get_one(Patient, facts.pop("patient_id"))
        return WaitlistEntry(patient=patient, doctor=get_doctor(facts.pop("doctor_id")), **facts).add()
