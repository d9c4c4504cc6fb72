"""The forms of care: how urgent it is, who sees the patient, in which bay, what is noted, what becomes of them."""

from flask import request

from modules.doctors.api import doctor_choices, find_own
from modules.emergency.bays import free_bays, put_into_bay
from modules.emergency.leaving import decide, record_death
from modules.emergency.models import Note, Triage, Visit
from modules.emergency.suggesting import Suggestion, suggest
from modules.emergency.triaging import triage
from modules.emergency.words import DISPOSITIONS, LEVELS
from modules.nurses.api import VitalsForm, find_own_nurse, record_vitals
from portal.kit import MoveForm, Record, _, current_user, db
from portal.kit.forms import DayAndTime, NewForm, Paragraph, Pick, RecordForm, Text, id_or_none

LEAVING = ("discharged", "admitted", "transferred", "left_against_advice")


class TriageForm(VitalsForm, NewForm):
    """Judges how urgent a visit is; vital signs may come along, and suggest a level."""

    level = Pick(
        _("Level"),
        _("Select a level from 1 to 5"),
        {"": _("Select")} | {level: f"{level} {word}" for level, word in LEVELS.items()},
        coerce=id_or_none,
    )
    discriminator = Text(_("What decided"), 200, description=_("Such as “chest pain” or “low oxygen”."))

    @property
    def is_measured(self) -> bool:
        """Something was measured; pain alone is a part of the triage."""
        return any(value not in (None, False) for name, value in self.vitals.items() if name != "pain")

    def is_submitted(self) -> bool:
        """The form was sent to be saved, not to hear which level is suggested."""
        return super().is_submitted() and "suggest" not in request.form

    def suggestion(self, visit: Visit) -> Suggestion | None:
        """What the vital signs that were typed speak for."""
        return suggest(self.vitals, visit.patient.birth_date)

    def save(self, visit: Visit) -> Triage:
        """Judge it as the nurse at work, and keep what was measured."""
        nurse = find_own_nurse()
        facts = {"discriminator": self.discriminator.data, "pain": self.pain.data}
        with db.session.begin_nested():
            measured = record_vitals(visit.encounter, **self.vitals) if nurse and self.is_measured else None
            db.session.flush()
            facts["vital_sign_id"] = measured.id if measured else None
            return triage(visit, self.level.data, nurse.id if nurse else None, **facts)


class PickDoctor(Pick):
    """A doctor who treats patients now; the one at work where nothing else is chosen."""

    def __init__(self, label: str = _("Doctor"), **kwargs):
        super().__init__(label, _("Select a doctor"), coerce=id_or_none, **kwargs)

    def process(self, formdata, data=None, extra_filters=None):
        """Offer the doctors of this moment."""
        own = find_own()
        self.choices = {"": _("Select")} | doctor_choices(or_id=own.id if own else None)
        super().process(formdata, data if isinstance(data, int) else own.id if own else None, extra_filters)


class SeeForm(MoveForm):
    """Asks which doctor sees the patient."""

    doctor_id = PickDoctor()


class BayForm(NewForm):
    """Puts a patient into a bay, or moves them to another."""

    bed_id = Pick(_("Bay"), _("The bay was just taken. Choose another one"), coerce=id_or_none)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.bed_id.choices = {"": _("Select")} | free_bays()

    def save(self, visit: Visit) -> Record:
        """Give the bay to the patient."""
        return put_into_bay(visit, self.bed_id.data)


class NoteForm(NewForm):
    """Writes a note about a visit."""

    body = Paragraph(_("Note"), 4000, _("Write the note"), render_kw={"rows": 3})

    def save(self, visit: Visit) -> Note:
        """Keep the note under the name of who writes it."""
        note = Note(visit_id=visit.id, author_id=current_user.id, body=self.body.data)
        db.session.add(note)
        return note


class DispositionForm(RecordForm):
    """Says what becomes of the patient."""

    disposition = Pick(
        _("Where the patient goes"),
        _("Say where the patient goes"),
        {"": _("Select")} | {key: DISPOSITIONS[key] for key in LEAVING},
    )
    note = Paragraph(_("Advice and follow-up"), 2000, render_kw={"rows": 2})

    def save(self, visit: Visit) -> Visit:
        """Decide it."""
        return decide(visit, self.disposition.data, self.note.data)


class DeathForm(RecordForm):
    """Says when the patient died and which doctor found it (ER-9)."""

    disposition_at = DayAndTime(_("Time of death"), _("Enter the day and time of death"))
    doctor_id = PickDoctor(_("Doctor who found it"))

    def save(self, visit: Visit) -> Visit:
        """Record the death."""
        return record_death(visit, self.disposition_at.data, self.doctor_id.data)
