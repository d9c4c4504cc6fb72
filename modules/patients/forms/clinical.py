"""The forms of what is known of a patient: each part is added, corrected, and ended with a reason."""

from decimal import Decimal

from wtforms import BooleanField

from modules.patients import words
from modules.patients.find_clinical import insurers
from modules.patients.models.beside import Contact, Identifier, Insurance
from modules.patients.models.clinical import Allergy, Consent, MedicalHistory
from portal.kit import MoveForm, Record, _, current_user, today
from portal.kit.forms import (
    Amount,
    ChangeForm,
    Day,
    DayAndTime,
    Form,
    NewForm,
    Paragraph,
    Phone,
    Pick,
    Text,
    id_or_none,
)

SELECT = {"": _("Select")}
AGREED = {"": _("Select"), "True": _("Agreed"), "False": _("Refused")}


def yes_or_no(value) -> bool | None:
    """Whether somebody agreed; None where nothing was chosen."""
    return {"True": True, "False": False}.get(str(value))


class NewPart(NewForm):
    """Adds a part to a patient’s record."""

    model: type[Record]

    def add(self, patient) -> Record:
        """Add the part to this patient."""
        return self.model(patient=patient, **self.answers).add()


class AllergyFields(Form):
    """What is asked about an allergy."""

    tab = "allergies"
    substance = Text(_("Substance"), 120, _("Enter the substance"))
    category = Pick(_("Kind"), _("Select the kind of substance"), SELECT | words.ALLERGY_CATEGORIES)
    reaction = Text(_("Reaction"), 200)
    severity = Pick(_("Severity"), _("Select the severity"), SELECT | words.SEVERITIES)
    criticality = Pick(
        _("Danger to life"),
        _("Select the danger to life"),
        SELECT | words.CRITICALITIES,
        description=_("How dangerous would the next contact be?"),
    )

    @property
    def answers(self) -> dict:
        """The answers by column; no reaction is an empty text."""
        answers = super().answers
        return answers | {"reaction": answers["reaction"] or ""}


class NewAllergy(AllergyFields, NewPart):
    """Records an allergy."""

    heading = _("Record an allergy")
    model = Allergy


class EditAllergy(AllergyFields, ChangeForm):
    """Corrects an allergy."""

    heading = _("Correct the allergy")


class HistoryFields(Form):
    """What is asked about an entry of the history."""

    tab = "history"
    category = Pick(_("Category"), _("Select the category"), SELECT | words.HISTORY_CATEGORIES)
    title = Text(_("What it is"), 200, _("Enter what it is"))
    code = Text(_("ICD-10 code"), 20, description=_("Such as J45 or E11.9"))
    severity = Pick(
        _("Severity"), _("Select a severity from the list"), {"": _("Not recorded")} | words.SEVERITIES, required=False
    )
    onset_date = Day(_("Since"))
    notes = Paragraph(_("Notes"), 4000)

    @property
    def answers(self) -> dict:
        """The answers by column; a code in capitals, without spaces."""
        answers = super().answers
        return answers | {"code": "".join((answers["code"] or "").split()).upper() or None}


class NewHistory(HistoryFields, NewPart):
    """Adds an entry to the history."""

    heading = _("Add to the history")
    model = MedicalHistory

    @property
    def answers(self) -> dict:
        """The answers by column, and who wrote them down."""
        return super().answers | {"recorded_by": current_user.id}


class EditHistory(HistoryFields, ChangeForm):
    """Corrects an entry of the history."""

    heading = _("Correct the history")


class AskForm(MoveForm):
    """Asks before a move of a part of a patient's record, under the banner of the patient."""

    template = "patients/ask.html"


class ResolveHistory(AskForm):
    """Asks since when something is over."""

    resolved_date = Day(_("Over since"), _("Enter the day since which it is over"), default=today)


class ConsentFields(Form):
    """What is asked about a consent."""

    tab = "consents"
    kind = Pick(_("Consent to"), _("Select what the consent is to"), SELECT | words.CONSENT_KINDS)
    granted = Pick(_("Decision"), _("Select the decision"), AGREED, coerce=yes_or_no)
    signed_by_name = Text(_("Signed by"), 160, _("Enter who signed"), description=_("The patient, or who may decide"))
    signed_at = DayAndTime(_("Signed at"), _("Enter the day and time of signing"))


class NewConsent(ConsentFields, NewPart):
    """Keeps a consent."""

    heading = _("Record a consent")
    model = Consent


class EditConsent(ConsentFields, ChangeForm):
    """Corrects what was written down of a consent."""

    heading = _("Correct the consent")


class InsuranceFields(Form):
    """What is asked about an insurance policy."""

    tab = "insurance"
    insurer_id = Pick(_("Insurer"), _("Select the insurer"), coerce=id_or_none)
    policy_no = Text(_("Policy number"), 60, _("Enter the policy number"))
    plan = Text(_("Plan"), 80)
    valid_from = Day(_("Valid from"), _("Enter the first day"))
    valid_to = Day(_("Valid to"), description=_("Empty where the policy has no last day"))
    coverage_pct = Amount(_("Share the insurer pays, in per cent"), _("Enter the share"), most=Decimal(100))
    copay = Amount(_("Patient’s own part for each invoice"), _("Enter the part, 0 for none"), default=Decimal(0))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.insurer_id.choices = SELECT | insurers()


class NewInsurance(InsuranceFields, NewPart):
    """Adds a policy."""

    heading = _("Add an insurance policy")
    model = Insurance


class EditInsurance(InsuranceFields, ChangeForm):
    """Corrects a policy."""

    heading = _("Correct the insurance policy")


class ContactFields(Form):
    """What is asked about somebody to call."""

    tab = None
    name = Text(_("Name"), 120, _("Enter the name"))
    relation = Text(
        _("Relation to the patient"), 60, _("Enter the relation"), description=_("Such as mother or friend")
    )
    phone = Phone(_("Phone number"), _("Enter a phone number"))
    is_emergency = BooleanField(_("Call in an emergency"))
    is_guardian = BooleanField(_("Decides for the patient (parent or guardian)"))


class NewContact(ContactFields, NewPart):
    """Adds somebody to call."""

    heading = _("Add a contact")
    model = Contact


class EditContact(ContactFields, ChangeForm):
    """Corrects somebody to call."""

    heading = _("Correct the contact")


class IdentifierFields(Form):
    """What is asked about another number of a patient."""

    tab = None
    kind = Pick(_("Kind of number"), _("Select the kind of number"), SELECT | words.IDENTIFIER_KINDS)
    value = Text(_("Number"), 60, _("Enter the number"))

    @property
    def answers(self) -> dict:
        """The answers by column; a number in capitals, without spaces."""
        answers = super().answers
        return answers | {"value": "".join((answers["value"] or "").split()).upper()}


class NewIdentifier(IdentifierFields, NewPart):
    """Adds another number."""

    heading = _("Add another number")
    model = Identifier


class EditIdentifier(IdentifierFields, ChangeForm):
    """Corrects another number."""

    heading = _("Correct the number")


class VoidForm(AskForm):
    """Asks why an entry should never have been written."""

    reason = Text(_("Reason"), 200, _("Enter the reason"), description=_("Such as: written into the wrong record"))
