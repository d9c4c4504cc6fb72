"""What tests of nursing share: a patient in a bed of a ward, what a doctor prescribed there, and nurses."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from modules.doctors.models import Prescription, PrescriptionItem
from modules.ipd.models import Admission
from modules.nurses.models import MedicationAdministration, Nurse
from modules.patients.models.encounters import Encounter
from modules.rooms.api import assign_bed, held_by
from modules.staff.models import Department
from portal.auth.models import User
from portal.extensions import db
from portal.kit import now
from tests.modules.bed_ward import BedWard, come, open_ward
from tests.modules.clinic import department, doctor, licence_of, member

EVERYTHING = (
    "view", "add", "change", "nurse_change", "give", "handover", "assignment_change", "dose_view", "vitalsign_add",
    "task_add",
)  # fmt: skip
EVERYTHING = (*(f"nurses.{verb}" for verb in EVERYTHING), "patients.view")
OWN = tuple(one for one in EVERYTHING if one not in ("nurses.view", "nurses.assignment_change"))
OWN = (*OWN, "nurses.view_own", "nurses.assignment_change_own")


@dataclass
class Stay:
    """The ids of a patient in a bed, of the stay, the ward, and the doctor."""

    patient: int
    visit: int
    ward: BedWard
    doctor: int


def lie_in(ward: BedWard | None = None, name: str = "Amina", place: int = 0) -> Stay:
    """Somebody who lies in a bed of a ward, inside a hospital."""
    ward, who = ward or open_ward(), come(name)
    visit = db.session.get_one(Encounter, who.visit)
    visit.admit()
    assign_bed(ward.beds[place], who.patient, who.visit)
    return Stay(who.patient, who.visit, ward, doctor(f"Haddad{place}").id)


def admit(stay: Stay) -> Stay:
    """The same stay, with the admission that it belongs to."""
    admitted(stay)
    return stay


def admitted(stay: Stay) -> Admission:
    """The admission that a stay belongs to."""
    visit = db.session.get_one(Encounter, stay.visit)
    facts = {"encounter_id": visit.id, "patient_id": visit.patient_id, "source": "direct", "status": "admitted"}
    facts |= {"requested_by": stay.doctor, "attending_id": stay.doctor, "department_id": department().id}
    told = {"reason": "Pneumonia", "provisional_dx": "Pneumonia", "admitted_at": now()}
    row = Admission(number=f"IP-{visit.id}", **told, **facts)
    db.session.add(row)
    db.session.flush()
    held_by(visit.patient_id).admission_id = row.id
    return row


def prescribe(stay: Stay, drug: str = "Ceftriaxone", *, kind: str = "inpatient", **facts) -> PrescriptionItem:
    """A drug that the doctor has signed for the ward: 1 g twice a day, for two days from the full hour on."""
    of = {"patient_id": stay.patient, "encounter_id": stay.visit, "doctor_id": stay.doctor, "kind": kind}
    count = db.session.query(Prescription).count()
    prescription = Prescription(number=f"RX-{count}", **of)
    db.session.add(prescription)
    db.session.flush()
    usual = {
        "item_id": None, "drug_text": drug, "dose": Decimal(1), "dose_unit": "g", "route": "iv", "frequency": "bd",
        "duration_days": 2, "quantity": Decimal(4), "start_at": full_hour(),
    }  # fmt: skip
    item = PrescriptionItem.add(prescription, **usual | facts)
    prescription.sign()
    return item


def full_hour():
    """The beginning of this hour."""
    return now().replace(minute=0, second=0, microsecond=0)


def doses_of(item_id: int, *statuses: str) -> list[MedicationAdministration]:
    """The doses of a drug in these states, the first due first."""
    dose = MedicationAdministration
    rows = db.session.query(dose).filter(dose.prescription_item_id == item_id).order_by(dose.due_at)
    return [row for row in rows if not statuses or row.status in statuses]


def due_dose(stay: Stay, minutes: int = 0, **facts) -> int:
    """The id of a dose that is due so many minutes from now."""
    item = prescribe(stay, frequency="stat", start_at=now() + timedelta(minutes=minutes), **facts)
    return doses_of(item.id)[0].id


def enter_nurse(
    last_name: str = "Rahman", *, user_id: int | None = None, where: Department | None = None, **facts
) -> Nurse:
    """A nurse of the register, whom this user signs in as."""
    one = member("nurse", where, first_name="Leila", last_name=last_name, sex="female", user_id=user_id)
    return Nurse.register(one, **licence_of(one) | {"grade": "registered", "ward_id": None} | facts)


def at_work(look, client_with, name: str, ward_id: int | None, *permissions: str, **facts):
    """A nurse of the register who is signed in, of a ward."""
    browser = client_with(*(permissions or OWN), username=name)
    user = look(lambda: db.session.query(User.id).filter_by(username=name).scalar())
    look(lambda: enter_nurse(name.title(), user_id=user, ward_id=ward_id, **facts).id)
    return browser
