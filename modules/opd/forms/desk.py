"""The forms of the reception desk: a walk-in, and to which room a patient is called."""

from modules.doctors.api import active_doctors, doctor_choices, get_doctor
from modules.opd.arrivals import least_busy, receive
from modules.opd.models import Queue, Visit
from modules.opd.words import PRIORITIES, VISIT_TYPES
from modules.patients.api import Patient, PickPatient
from modules.rooms.api import rooms_of_kind
from modules.staff.api import departments
from portal.kit import Refused, _, db
from portal.kit.forms import NewForm, Pick, RecordForm, Text


class WalkInForm(NewForm):
    """Registers a patient who came without an appointment."""

    patient_id = PickPatient()
    who = Pick(_("Wants to see"), _("Select a doctor or a department"))
    visit_type = Pick(_("Comes for"), _("Select what the patient comes for"), VISIT_TYPES, default="new")
    priority = Pick(_("Priority"), _("Select the priority"), PRIORITIES, default="normal")
    reason = Text(_("Reason"), 300, description=_("In the patient’s words."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        doctors = {f"doctor:{key}": words for key, words in doctor_choices().items()}
        places = {
            f"department:{one.id}": _("Any doctor of {name}", name=one.name) for one in departments_with_doctors()
        }
        self.who.choices = {"": _("Nobody chosen"), **doctors, **places}

    def save(self) -> Visit:
        """Register the visit with the doctor, or with whom of the department the fewest wait for."""
        kind, _colon, number = self.who.data.partition(":")
        shared = kind == "department"
        doctor = least_busy(departments_by_id()[int(number)]) if shared else get_doctor(int(number))
        if doctor is None:
            raise Refused(_("Select a doctor or a department"), "who")
        facts = {name: self[name].data for name in ("visit_type", "priority", "reason")}
        return receive(db.session.get_one(Patient, self.patient_id.data), doctor, shared=shared, **facts)


def departments_with_doctors() -> list:
    """The departments in which a doctor treats patients, by name."""
    from_doctors = {one.department_id for one in active_doctors()}
    return [one for one in departments() if one.id in from_doctors]


def departments_by_id() -> dict:
    """The departments by id."""
    return {one.id: one for one in departments()}


class CallForm(RecordForm):
    """Says to which room a patient is called."""

    counter = Pick(_("Room"), _("Choose the room to which you call"))

    def __init__(self, *args, queue: Queue, **kwargs):
        super().__init__(*args, **kwargs)
        self.queue = queue
        self.rooms = {str(room): room.id for room in rooms_of_kind("consulting")}
        own = [str(queue.room)] if queue.room else []
        self.counter.choices = list(dict.fromkeys([*own, *self.rooms])) or [_("Counter 1"), _("Counter 2")]

    def remember(self) -> str:
        """The room that was chosen; the queue is called from there until another one is."""
        room_id = self.rooms.get(self.counter.data)
        if room_id and room_id != self.queue.room_id:
            self.queue.room_id = room_id
        return self.counter.data
