"""The forms of tasks, notes and handovers."""

from wtforms import BooleanField

from modules.nurses.find import active_nurses
from modules.nurses.words import NOTE_KINDS, PHASE_WORDS, PRIORITY_WORDS
from portal.kit import _
from portal.kit.forms import ChangeForm, DayAndTime, Form, NewForm, Paragraph, Pick, Text, id_or_none


class TaskForm(NewForm):
    """Sets a task for a patient."""

    title = Text(_("What is to be done"), 200, _("Say what is to be done"))
    due_at = DayAndTime(_("Due"), _("Say by when"))
    phase = Pick(_("Part of the stay"), _("Select the part of the stay"), PHASE_WORDS, default="routine")
    priority = Pick(_("Priority"), _("Select the priority"), PRIORITY_WORDS, default="routine")
    assigned_to_id = Pick(_("For"), _("Select the nurse"), coerce=id_or_none, required=False)
    mandatory = BooleanField(_("The patient may not leave before it is done"))

    def __init__(self, *args, ward_id: int | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.assigned_to_id.choices = {"": _("Anybody of the ward")} | {
            one.id: one.full_name for one in active_nurses(ward_id)
        }


class NoteForm(NewForm):
    """Writes a note about a patient’s stay."""

    kind = Pick(_("Kind"), _("Select the kind"), NOTE_KINDS, default="progress")
    body = Paragraph(_("Note"), 4000, _("Write the note"))


class HandoverFields(Form):
    """What the next shift must know of a patient."""

    situation = Paragraph(_("Situation"), 2000, _("Say how it is with the patient now"))
    background = Paragraph(_("Background"), 2000)
    assessment = Paragraph(_("Assessment"), 2000)
    recommendation = Paragraph(_("Recommendation"), 2000)
    to_nurse_id = Pick(_("To"), _("Select who takes over"), coerce=id_or_none, required=False)

    def offer(self, nurses: dict[int, str]) -> None:
        """Offer these nurses."""
        self.to_nurse_id.choices = {"": _("Whoever takes over")} | nurses


class NewHandoverForm(HandoverFields, NewForm):
    """Hands a patient over."""


class EditHandoverForm(HandoverFields, ChangeForm):
    """Corrects a handover that nobody accepted yet."""
