"""The forms of a dose: giving it, and why it was not given or waits."""

from wtforms import BooleanField
from wtforms.validators import InputRequired

from modules.doctors.api import PrescriptionItem
from modules.nurses.find import refuse_other_wards
from modules.nurses.giving import is_controlled, witnesses
from portal.kit import MoveForm, _
from portal.kit.forms import Form, Measure, NewForm, Pick, RecordForm, Text, id_or_none

REASONS = (
    _("Patient refused"),
    _("Away from the ward"),
    _("Nil by mouth"),
    _("Not in stock"),
    _("Vomiting"),
    _("Decision of a doctor"),
)


class GiveFields(Form):
    """What is asked before a dose is given: the right patient, the allergies, how much, and who witnesses."""

    wristband = BooleanField(_("The wristband is this patient’s"), [InputRequired(_("Read the wristband"))])
    allergies = BooleanField(_("Allergies were asked again"), [InputRequired(_("Ask about allergies"))])
    dose_given = Measure(_("Dose given"), "0.001", "99999", 3, _("Enter how much was given"))
    witness_id = Pick(_("Witness"), _("Select who witnesses it"), coerce=id_or_none, required=False)

    def ask_about(self, item: PrescriptionItem) -> None:
        """Ask for a witness where the drug is controlled, and for none else (NUR-3)."""
        if is_controlled(item):
            self.witness_id.choices = {"": _("Select")} | {user.id: user.full_name for user in witnesses()}
        else:
            del self.witness_id

    @property
    def facts(self) -> dict:
        """What `give_dose` takes."""
        return {"dose_given": self.dose_given.data, "witness_id": self.witness_id.data if self.witness_id else None}


class GiveForm(GiveFields, RecordForm):
    """Gives a dose that is due."""


class GiveNowForm(GiveFields, NewForm):
    """Gives a dose of a drug that is given when needed."""


class OwnWardForm(MoveForm):
    """Asks nothing, and lets nobody move what belongs to another ward than the one they see."""

    def __init__(self, *args, record=None, **kwargs):
        super().__init__(*args, record=record, **kwargs)
        if record is not None:
            refuse_other_wards(record.patient_id)


class SkipForm(OwnWardForm):
    """Asks why a dose was not given (NUR-3)."""

    reason_not_given = Text(_("Reason"), 300, _("Say why the dose was not given"), description=", ".join(REASONS))


class HoldForm(OwnWardForm):
    """Asks what the dose waits for."""

    note = Text(_("What it waits for"), 300, _("Say what the dose waits for"))
