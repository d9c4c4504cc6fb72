"""The forms of an ambulance."""

from modules.emergency.models import Ambulance
from portal.kit import _
from portal.kit.forms import ChangeForm, Form, NewForm, Text


class AmbulanceFields(Form):
    """How an ambulance is called, and who drives in it."""

    code = Text(_("Code"), 20, _("Enter the code of the ambulance"))
    crew = Text(_("Crew"), 200, description=_("Names or team, and what the crew reports."))

    @property
    def answers(self) -> dict:
        """The answers by column; no crew is an empty text."""
        return {"code": self.code.data, "crew": self.crew.data or ""}


class NewAmbulanceForm(AmbulanceFields, NewForm):
    """Adds an ambulance."""

    def save(self) -> Ambulance:
        """Add it."""
        return Ambulance.add(**self.answers)


class EditAmbulanceForm(AmbulanceFields, ChangeForm):
    """Changes an ambulance."""
