"""What doctors show on the page of a stay: what was prescribed during it."""

from modules.doctors import module
from modules.doctors.find import find_own, told
from modules.doctors.models import Prescription
from modules.doctors.panels.patient import ENDED, MOST, SEES, mine_of
from modules.doctors.words import ITEM_STATES, KIND_WORDS, PRESCRIPTION_STATES
from modules.patients.api import Encounter, Patient
from portal.kit import Record, _, db, fragment


@module.tab("ipd_admission", "prescriptions", _("Prescriptions"), needs=SEES, order=50)
def prescribed_in_the_stay(admission: Record) -> str:
    """The prescriptions of the stay, the newest first."""
    patient = db.session.get_one(Patient, admission.patient_id)
    visit = db.session.get_one(Encounter, admission.encounter_id)
    seen, closed = mine_of(patient)
    rows = told(seen, Prescription.encounter_id == visit.id, most=MOST)
    words = {"states": PRESCRIPTION_STATES, "item_states": ITEM_STATES, "kinds": KIND_WORDS}
    shown = {"prescriptions": rows, "visit": None if visit.status in ENDED else visit, "referrals": []}
    is_doctor = closed and find_own() is not None
    return fragment("doctors/_prescriptions.html", patient=patient, closed=is_doctor, **shown, **words)
