"""The forms of the consultation: the note, a diagnosis, how it ends, and what is added later."""

from datetime import timedelta

from wtforms import BooleanField

from modules.opd.words import DISPOSITIONS
from portal.kit import Refused, _, current_user, today
from portal.kit.forms import ChangeForm, Day, NewForm, Paragraph, Pick, RecordForm, Text

LONGEST = 8000
FARTHEST = timedelta(days=730)
DIAGNOSIS_KINDS = {
    "provisional": _("Provisional"),
    "confirmed": _("Confirmed"),
    "differential": _("Possible"),
    "ruled_out": _("Ruled out"),
}


class NoteForm(ChangeForm):
    """The note of a consultation, kept while it is written."""

    complaint = Paragraph(_("Complaint"), LONGEST)
    history = Paragraph(_("History"), LONGEST)
    examination = Paragraph(_("Examination"), LONGEST)
    assessment = Paragraph(_("Assessment"), LONGEST)
    plan = Paragraph(_("Plan"), LONGEST)


class DiagnosisForm(NewForm):
    """Records what was found."""

    description = Text(_("Diagnosis"), 300, _("Enter the diagnosis"))
    code = Text(_("ICD-10 code"), 20)
    kind = Pick(_("How sure"), _("Select how sure it is"), DIAGNOSIS_KINDS, default="provisional")
    is_primary = BooleanField(_("Main diagnosis"))


class FinishForm(RecordForm):
    """Asks where the patient goes before the consultation is signed."""

    disposition = Pick(_("Outcome"), _("Select where the patient goes"))
    followup_on = Day(_("Follow-up on"))
    advice = Paragraph(_("Advice to the patient"), 2000, description=_("It stands on the summary that is printed."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.disposition.choices = {"": _("Choose"), **{key: words for key, words in DISPOSITIONS.items() if may(key)}}

    def refuse_past(self) -> None:
        """Raise `Refused` for a follow-up that cannot be."""
        day = self.followup_on.data
        if day and not today() < day <= today() + FARTHEST:
            raise Refused(_("Follow-up on must be after today, within two years"), "followup_on")


def may(disposition: str) -> bool:
    """The doctor at work may let a visit end like this."""
    needs = {"admit": "opd.admit", "refer": "opd.refer"}.get(disposition)
    return needs is None or current_user.may(needs)


class AddendumForm(NewForm):
    """Adds something to a consultation that is signed."""

    body = Paragraph(_("Addendum"), LONGEST, _("Write what you add"))
