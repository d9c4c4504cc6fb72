"""The form of vital signs, alone or as a part of another module's form."""

from wtforms import BooleanField

from modules.nurses.models.vitals import BOUNDS, CONSCIOUSNESS, NAMES
from modules.nurses.words import CONSCIOUSNESS_WORDS
from portal.kit import _
from portal.kit.forms import DayAndTime, Form, Measure, NewForm, Pick, Whole


def measured(name: str, unit: str = "", **kwargs) -> Measure | Whole:
    """The field of something that is measured, between its bounds (NUR-4)."""
    least, most, places = BOUNDS[name]
    label = f"{NAMES[name]} ({unit})" if unit else NAMES[name]
    if places:
        return Measure(label, least, most, places, **kwargs)
    return Whole(label, int(least), int(most), render_kw={"inputmode": "numeric"}, **kwargs)


class VitalsForm(Form):
    """What is asked of vital signs; a module that takes them in a form of its own inherits these fields."""

    measures = (*BOUNDS, "on_oxygen", "consciousness")
    resp_rate = measured("resp_rate", _("a minute"))
    spo2 = measured("spo2", "%")
    on_oxygen = BooleanField(_("On oxygen"))
    bp_sys = measured("bp_sys", "mmHg")
    bp_dia = measured("bp_dia", "mmHg")
    pulse = measured("pulse", _("a minute"))
    consciousness = Pick(
        _("Consciousness"),
        _("Select how awake the patient is"),
        {"": _("Not looked at")} | {key: CONSCIOUSNESS_WORDS[key] for key in CONSCIOUSNESS},
        required=False,
    )
    temperature_c = measured("temperature_c", "°C")
    pain = measured("pain", _("0 to 10"))
    glucose = measured("glucose", "mmol/L")
    height_cm = measured("height_cm", "cm")
    weight_kg = measured("weight_kg", "kg")

    @property
    def vitals(self) -> dict:
        """What was measured, as `record_vitals` takes it."""
        return {name: self[name].data for name in self.measures}


class NewVitalsForm(VitalsForm, NewForm):
    """Takes vital signs by themselves."""

    taken_at = DayAndTime(_("Taken at"), description=_("Left empty: now."))
