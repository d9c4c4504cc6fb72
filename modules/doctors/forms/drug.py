"""The forms of the prescription pad: a drug, why one is stopped, a set to order by."""

from decimal import Decimal

from wtforms import BooleanField

from modules.doctors.doses import FREQUENCY_WORDS, ROUTE_WORDS, amount, clock_times, quantity_of
from modules.doctors.find import find_own
from modules.doctors.items import PickItem, name_of
from modules.doctors.models.prescription import Prescription, PrescriptionItem
from modules.doctors.prescribing import refuse_stranger
from modules.doctors.words import KIND_WORDS
from modules.patients.api import Encounter
from portal.kit import MoveForm, Refused, _, now
from portal.kit.forms import ChangeForm, DayAndTime, Form, Measure, NewForm, Paragraph, Pick, Text, Whole

SELECT = {"": _("Select")}
MOST_DAYS = 365


class DrugFields(Form):
    """What is asked about a drug."""

    kept = (
        "item_id", "dose", "dose_unit", "route", "frequency", "duration_days", "quantity", "start_at", "is_prn",
        "allergy_override_reason",
    )  # fmt: skip
    item_id = PickItem(required=False)
    drug_text = Text(_("Or write the drug"), 200, description=_("For what is not in the catalogue."))
    dose = Measure(_("Dose"), "0", "99999", 3, _("Enter the dose"))
    dose_unit = Text(_("Unit"), 20, _("Enter the unit, such as mg or tablet"))
    route = Pick(_("Route"), _("Select the route"), SELECT | ROUTE_WORDS)
    frequency = Pick(_("How often"), _("Select how often"), SELECT | FREQUENCY_WORDS)
    times = Text(_("Set times"), 100, description=_("For “at set times”, such as 08:00 20:00."))
    duration_days = Whole(_("Days"), 1, MOST_DAYS)
    quantity = Measure(_("Quantity"), "0", "999999", 3, description=_("Left empty: dose × times a day × days."))
    start_at = DayAndTime(_("First dose"), description=_("Left empty: now."))
    is_prn = BooleanField(_("Only when needed"))
    instructions = Paragraph(_("Instructions"), 500)
    allergy_override_reason = Text(_("Reason to prescribe in spite of an allergy"), 300)

    def validate(self, extra_validators=None):
        """Each answer by itself, then what has to fit together."""
        return super().validate(extra_validators) and not any(
            [self._refused_drug(), self._refused_times(), self._refused_amounts()]
        )

    def _refused_drug(self) -> bool:
        if self.item_id.data is None and not self.drug_text.data:
            self.item_id.errors = [_("Find and select a drug, or write it")]
        return bool(self.item_id.errors)

    def _refused_times(self) -> bool:
        typed = clock_times(self.times.data)
        if typed is None:
            self.times.errors = [_("Write times of the day, such as 08:00 20:00")]
        elif self.frequency.data == "custom" and not typed:
            self.times.errors = [_("Write at which times of the day")]
        elif self.frequency.data != "custom" and typed:
            self.times.errors = [_("Set times need “at set times”")]
        return bool(self.times.errors)

    def _refused_amounts(self) -> bool:
        if not self.dose.data:
            self.dose.errors = [_("The dose must be more than 0")]
        elif self.quantity.data is not None and not self.quantity.data:
            self.quantity.errors = [_("The quantity must be more than 0")]
        elif not self._times_wrong and self.quantity.data is None and self.counted is None:
            field = self.quantity if self.needs_no_days else self.duration_days
            field.errors = [_("Enter the quantity") if self.needs_no_days else _("Enter for how many days")]
        return bool(self.dose.errors or self.quantity.errors or self.duration_days.errors)

    @property
    def _times_wrong(self) -> bool:
        return bool(self.times.errors)

    @property
    def needs_no_days(self) -> bool:
        """What is given when needed is counted by hand."""
        return self.frequency.data == "prn" or bool(self.is_prn.data)

    @property
    def counted(self):
        """The quantity by the dose (DOC-5); None where it cannot be counted."""
        if self.dose.data is None or self.needs_no_days:
            return None
        return quantity_of(
            self.dose.data, self.frequency.data or "", clock_times(self.times.data) or [], self.duration_days.data
        )

    @property
    def answers(self) -> dict:
        """The answers by column: the drug by its name, the quantity counted where none was typed."""
        answers = super().answers
        answers.pop("kind", None)
        item_id, quantity = answers["item_id"], answers["quantity"]
        return answers | {
            "drug_text": (item_id and name_of(item_id)) or answers["drug_text"],
            "times": clock_times(answers["times"]) or [],
            "quantity": self.counted if quantity is None else quantity,
            "start_at": answers["start_at"] or now(),
            "is_prn": self.needs_no_days,
            "instructions": answers["instructions"] or None,
        }


class DrugForm(DrugFields, NewForm):
    """Puts a drug on the pad of a visit."""

    kind = Pick(_("Prescription"), _("Select what it is for"), required=False)

    @classmethod
    def of(cls, encounter: Encounter) -> "DrugForm":
        """The form for a visit: in a stay it asks for whether the drug is for the ward or to take home."""
        form = cls()
        if encounter.encounter_class == "IMP":
            form.kind.choices = {name: KIND_WORDS[name] for name in ("inpatient", "discharge")}
        else:
            del form.kind
        return form

    @property
    def wanted_kind(self) -> str | None:
        """What the prescription is for; None for the usual kind of the visit."""
        return self.kind.data if "kind" in self else None


def typed_of(item: PrescriptionItem) -> dict:
    """What somebody would type to prescribe the drug as it is."""
    kept = {name: getattr(item, name) for name in DrugFields.kept}
    typed = {"times": " ".join(item.times), "drug_text": None if item.item_id else item.drug_text}
    typed |= {name: Decimal(amount(kept[name])) for name in ("dose", "quantity")}
    return kept | typed | {"instructions": item.instructions or ""}


class EditDrugForm(DrugFields, ChangeForm):
    """Corrects a drug of a draft."""

    def __init__(self, *args, obj: PrescriptionItem, **kwargs):
        super().__init__(*args, data=typed_of(obj) | {"version": obj.version}, **kwargs)


class AgainForm(DrugFields, NewForm):
    """Issues a drug again, changed; its first dose is a new one, and an allergy is thought of anew."""

    def __init__(self, *args, obj: PrescriptionItem, **kwargs):
        typed = typed_of(obj) | {"start_at": None, "allergy_override_reason": None, "quantity": None}
        super().__init__(*args, data=typed, **kwargs)


class StopForm(MoveForm):
    """Asks why a drug, or all of a prescription, is stopped."""

    note = Text(_("Reason"), 200, _("Enter the reason"))

    def validate(self, extra_validators=None):
        """Also refuses who may not open the patient's notes (DOC-6)."""
        if not super().validate(extra_validators):
            return False
        prescription = self.record if isinstance(self.record, Prescription) else self.record.prescription
        try:
            refuse_stranger(prescription, find_own())
        except Refused as refused:
            self.form_errors = [refused.sentence]
        return not self.form_errors


class SetForm(NewForm):
    """Keeps the drugs of a prescription as a set to order by."""

    name = Text(_("Name of the set"), 120, _("Enter a name"))
    shared = BooleanField(_("Other doctors may use it too"))
