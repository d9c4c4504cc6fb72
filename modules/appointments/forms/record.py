"""The forms of one appointment: correcting it, calling it off."""

from modules.appointments.words import CANCELLED_BY, PRIORITIES
from portal.kit import MoveForm, _
from portal.kit.forms import ChangeForm, Paragraph, Pick, Text


class EditForm(ChangeForm):
    """Corrects what is known of an appointment; patient and time are not among that (APT-11)."""

    priority = Pick(_("Priority"), _("Select a priority"), PRIORITIES)
    reason = Text(_("Reason"), 300)
    notes = Paragraph(_("Notes"), 2000)

    @property
    def answers(self) -> dict:
        """The answers; no reason is an empty text."""
        return super().answers | {"reason": self.reason.data or ""}


class CancelForm(MoveForm):
    """Asks who called an appointment off, and why."""

    cancelled_by = Pick(_("Cancelled by"), _("Select who cancelled"), CANCELLED_BY, default="patient")
    cancel_reason = Text(_("Reason"), 300, _("Enter the reason"))
