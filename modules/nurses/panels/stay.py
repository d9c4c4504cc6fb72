"""The tabs of nursing on the page of a stay: the vital signs, and today's medicines by time."""

from modules.nurses import module
from modules.nurses.find import refuse_other_wards
from modules.nurses.mar import read_grid
from modules.nurses.panels.patient import vitals
from modules.patients.api import Encounter, Patient
from portal.kit import Record, _, db, fragment, today


@module.tab("ipd_admission", "vitals", _("Vital signs"), needs="view | view_own", order=20)
def vitals_of_the_stay(admission: Record) -> str:
    """What was measured in the last day or week."""
    return vitals(db.session.get_one(Patient, admission.patient_id))


@module.tab("ipd_admission", "medicines", _("Medicines"), needs="dose_view", order=30)
def medicines_of_the_stay(admission: Record) -> str:
    """The drugs of the ward and their doses of today."""
    refuse_other_wards(admission.patient_id)
    grid = read_grid(db.session.get_one(Encounter, admission.encounter_id), today())
    return fragment("nurses/_grid.html", grid=grid, day=today())
