"""What nursing shows on the page of a stay: vital signs, the medicines by time, tasks and notes."""

from datetime import date

from flask import url_for

from modules.nurses import module
from modules.nurses.find import refuse_other_wards
from modules.nurses.mar import read_grid
from modules.nurses.panels.nursing import nursing
from modules.nurses.panels.patient import SEES, vitals_shown
from modules.patients.api import Encounter, Patient
from portal.kit import Record, _, current_hospital, db, fragment, today

STAY = "ipd_admission"


def patient_of(admission: Record) -> Patient:
    """Who stays; 403 where that is on a ward that the person at work does not care for."""
    refuse_other_wards(admission.patient_id)
    return db.session.get_one(Patient, admission.patient_id)


@module.tab(STAY, "vitals", _("Vital signs"), needs=SEES, order=20)
def vitals_of_the_stay(admission: Record) -> str:
    """What was measured of the patient in the last day or week."""
    here = url_for("ipd.show", record_id=admission.id, tab="vitals")
    return vitals_shown(patient_of(admission), here)


@module.tab(STAY, "medicines", _("Medicines"), needs="dose_view", order=30)
def medicines_of_the_stay(admission: Record) -> str:
    """The doses of today; of the last day, where the stay is over."""
    patient_of(admission)
    encounter = db.session.get_one(Encounter, admission.encounter_id)
    day = last_day_of(encounter)
    return fragment("nurses/_stay_medicines.html", grid=read_grid(encounter, day), day=day)


def last_day_of(encounter: Encounter) -> date:
    """Today, or the day on which the visit ended."""
    return encounter.ended_at.astimezone(current_hospital().zone).date() if encounter.ended_at else today()


@module.tab(STAY, "nursing", _("Nursing"), needs=SEES, order=40)
def nursing_of_the_stay(admission: Record) -> str:
    """Tasks and notes of the patient."""
    return nursing(patient_of(admission))
