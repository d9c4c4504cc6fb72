"""The forms of who comes: registering an arrival, correcting why and how somebody came."""

from wtforms import BooleanField, ValidationError

from modules.emergency.arriving import UNKNOWN, register_arrival, register_unidentified
from modules.emergency.models import Visit
from modules.emergency.words import ARRIVALS
from modules.patients.api import Patient, PickPatient
from portal.kit import _, db
from portal.kit.forms import ChangeForm, Form, NewForm, Pick, Text, Whole

SEXES = {"female": _("Female"), "male": _("Male"), "other": _("Other"), "unknown": _("Unknown")}
MODES = {key: word for key, (_icon, word) in ARRIVALS.items()}


class VisitFields(Form):
    """Why and how somebody came."""

    complaint = Text(_("Why the patient came"), 300, _("Enter why the patient came"))
    arrival_mode = Pick(_("Arrived by"), _("Select how the patient came"), MODES, default="walk_in")
    is_medicolegal = BooleanField(_("Medico-legal case"), description=_("Such as an assault or a road accident."))


class ArrivalForm(VisitFields, NewForm):
    """Registers who came: a known patient, or somebody whose sex and age alone can be seen."""

    patient_id = PickPatient(required=False)
    sex = Pick(_("Sex"), _("Select the sex"), {"": _("Select")} | SEXES, required=False)
    age = Whole(_("Estimated age in years"), 0, 120)

    def validate_patient_id(self, field) -> None:
        """It is said who came, by name or by what can be seen."""
        seen = self.sex.data is not None or self.age.data is not None
        if field.data is None and not seen:
            raise ValidationError(_("Find the patient, or enter sex and age of somebody nobody knows"))
        if field.data is not None and seen:
            raise ValidationError(_("Choose the patient, or enter sex and age of somebody nobody knows, not both"))

    def validate_age(self, field) -> None:
        """Both are needed of somebody whom nobody knows (ER-3)."""
        if self.sex.data in UNKNOWN and field.data is None and not field.errors:
            raise ValidationError(_("Enter the age that the person seems to have"))

    def validate_sex(self, field) -> None:
        """Both are needed of somebody whom nobody knows (ER-3)."""
        if self.age.data is not None and field.data is None:
            raise ValidationError(_("Select the sex, or “Unknown”"))

    def save(self) -> Visit:
        """Register the arrival, and the person too where nobody knows them."""
        known = self.patient_id.data
        patient = db.session.get(Patient, known) if known else register_unidentified(self.sex.data, self.age.data)
        facts = {"arrival_mode": self.arrival_mode.data, "is_medicolegal": self.is_medicolegal.data}
        return register_arrival(patient, self.complaint.data, **facts)


class VisitForm(VisitFields, ChangeForm):
    """Corrects why and how somebody came."""
