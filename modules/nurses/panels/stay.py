"""What nursing shows on the page of a stay: vital signs, the medicines by time, tasks and notes."""

from collections.abc import Callable
from datetime import date
from functools import wraps

from flask import url_for

from modules.nurses import module
from modules.nurses.find import own_wards, wards_of
from modules.nurses.mar import read_grid
from modules.nurses.panels.nursing import nursing
from modules.nurses.panels.patient import SEES, vitals_shown
from modules.patients.api import Encounter, Patient
from portal.kit import Record, _, current_hospital, db, fragment, today

STAY = "ipd_admission"


def of_own_ward(show: Callable[[Record, Patient], str]) -> Callable[[Record], str]:
    """A tab that is shown for who stays on a ward of the person at work; for others it says whose it is."""

    @wraps(show)
    def tab(admission: Record) -> str:
        wards, ward_id = own_wards(), wards_of([admission.patient_id]).get(admission.patient_id)
        if wards is not None and ward_id is not None and ward_id not in wards:
            return fragment("nurses/_other_ward.html")
        return show(admission, db.session.get_one(Patient, admission.patient_id))

    return tab


@module.tab(STAY, "vitals", _("Vital signs"), needs=SEES, order=20)
@of_own_ward
def vitals_of_the_stay(admission: Record, patient: Patient) -> str:
    """What was measured of the patient in the last day or week."""
    here = url_for("ipd.show", record_id=admission.id, tab="vitals")
    return vitals_shown(patient, here)


@module.tab(STAY, "medicines", _("Medicines"), needs="dose_view", order=30)
@of_own_ward
def medicines_of_the_stay(admission: Record, _patient: Patient) -> str:
    """The doses of today; of the last day, where the stay is over."""
    encounter = db.session.get_one(Encounter, admission.encounter_id)
    day = last_day_of(encounter)
    return fragment("nurses/_stay_medicines.html", grid=read_grid(encounter, day), day=day)


def last_day_of(encounter: Encounter) -> date:
    """Today, or the day on which the visit ended."""
    return encounter.ended_at.astimezone(current_hospital().zone).date() if encounter.ended_at else today()


@module.tab(STAY, "nursing", _("Nursing"), needs=SEES, order=40)
@of_own_ward
def nursing_of_the_stay(_admission: Record, patient: Patient) -> str:
    """Tasks and notes of the patient."""
    return nursing(patient)
