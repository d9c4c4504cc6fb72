"""The forms of going home: the order, the summary, the departure, and times that were wrong."""

from modules.ipd import words
from modules.ipd.models.discharge import NEEDED
from portal.kit import MoveForm, _, now, today
from portal.kit.forms import ChangeForm, Day, DayAndTime, NewForm, Paragraph, Pick, RecordForm, Text

LONGEST_PART = 8000


class OrderForm(RecordForm):
    """Asks when the patient is to leave."""

    expected_on = Day(_("Leaves on"), _("Enter the day"), default=today)


class RevokeForm(MoveForm):
    """Asks why the patient stays after all."""

    note = Text(_("Reason"), 200, _("Enter the reason"))


class WaiveForm(MoveForm):
    """Asks why a patient may leave without a clearance."""

    reason = Text(_("Reason"), 300, _("Enter the reason"))


class SummaryForm(ChangeForm):
    """Writes a discharge summary."""

    diagnoses = Paragraph(words.SECTIONS["diagnoses"], LONGEST_PART)
    course = Paragraph(words.SECTIONS["course"], LONGEST_PART)
    procedures = Paragraph(words.SECTIONS["procedures"], LONGEST_PART)
    key_results = Paragraph(words.SECTIONS["key_results"], LONGEST_PART)
    condition = Paragraph(words.SECTIONS["condition"], LONGEST_PART)
    advice = Paragraph(words.SECTIONS["advice"], LONGEST_PART)
    followup_on = Day(_("Follow-up on"))


class SignSummaryForm(SummaryForm):
    """Signs a summary, or corrects one that is signed: what it needs is not optional any more."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in NEEDED:
            self[name].flags.required = True


class LeaveForm(NewForm):
    """Confirms that a patient has left."""

    disposition = Pick(_("Leaves to"), _("Select where the patient goes"), words.DISPOSITIONS, default="home")
    discharged_at = DayAndTime(_("Left the bed at"), _("Enter the time"), default=now)


class StayTimesForm(RecordForm):
    """Corrects when a stay began and ended."""

    admitted_at = DayAndTime(_("Admitted"), _("Enter the time of the admission"))
    discharged_at = DayAndTime(_("Left"), description=_("Empty while the patient stays here."))
