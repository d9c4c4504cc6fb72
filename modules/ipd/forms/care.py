"""The forms of care on the ward: rounds, the team, the diet."""

from modules.ipd import words
from modules.ipd.find import colleagues
from portal.kit import _
from portal.kit.forms import ChangeForm, Form, NewForm, Paragraph, Pick, Text, id_or_none

LONGEST_NOTE = 4000


class RoundFields(Form):
    """The four parts of a round."""

    subjective = Paragraph(_("What the patient says"), LONGEST_NOTE)
    objective = Paragraph(_("What is found"), LONGEST_NOTE)
    assessment = Paragraph(_("Assessment"), LONGEST_NOTE)
    plan = Paragraph(_("Plan"), LONGEST_NOTE)


class RoundForm(RoundFields, NewForm):
    """Writes a round."""


class EditRoundForm(RoundFields, ChangeForm):
    """Corrects a round that is not signed."""


class TeamForm(NewForm):
    """Puts somebody into the team of a patient."""

    staff_id = Pick(_("Person"), _("Select a person"), coerce=id_or_none)
    role = Text(_("Role"), 40, _("Enter the role"), description=_("Such as “named nurse” or “dietitian”."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.staff_id.choices = {"": _("Select")} | colleagues()


class DietForm(NewForm):
    """Orders what a patient eats."""

    diet = Pick(_("Diet"), _("Select a diet"), {"": _("Select")} | words.DIETS)
    note = Text(_("More"), 80, description=_("Such as an allergy, or how much to drink."))

    @property
    def ordered(self) -> str:
        """The diet in words, as it is kept."""
        return ", ".join(filter(None, (words.DIETS[self.diet.data], self.note.data)))
