"""The steps of the day on the ward, from the bed to the way home (§24, 12, 13, 18, 21, 25 and 26)."""

from decimal import Decimal

from modules.doctors.models import Prescription, PrescriptionItem
from modules.ipd.models import Admission, Clearance
from modules.nurses.models import MedicationAdministration, Task
from modules.patients.models.encounters import Encounter
from modules.rooms.models import Bed, BedAllocation
from tests.day_hospital import Day, at_once


def admitting(day: Day) -> None:
    """Step 12; ROOM-1, IPD-2: two who click one bed at the same instant leave one patient in it."""
    day.at("11:00")
    day.rita.see("/patients/new")
    day.rita.press("Register patient", {"First name": "Tess", "Last name": "Trial", "Sex": "Female"})
    day.samir.see("/patients/3")
    day.samir.follow("Request an admission")
    day.samir.press("Request the admission", {"Reason": "To watch", "Provisional diagnosis": "Gastritis"})
    desks = ((day.noor, 1), (day.rosa, 2))
    for who, number in desks:
        who.see(f"/ipd/requests?for={number}")
        who.follow("Admit to Bed GW-03")
    screens = at_once([(who, "Admit", {}) for who, _number in desks])
    [(patient, status, bed)] = day.rows(
        BedAllocation.patient_id, BedAllocation.status, Bed.code, where=[Bed.id == BedAllocation.bed_id]
    )
    assert (status, bed) == ("active", "GW-03")
    assert "just taken" in screens[0 if patient == 3 else 1].text
    if patient == 3:  # somebody else was first, so Amina gets the next bed
        day.noor.press("Admit", {"Bed": "GW-04"})
    mine = (Admission.status, Encounter.status, Encounter.encounter_class, Encounter.parent_id)
    here = [Encounter.id == Admission.encounter_id, Admission.patient_id == 1]
    assert day.rows(*mine, where=here) == [("admitted", "in_progress", "IMP", 1)]
    admitted = [(name, number) for name, number in day.told("ipd.admitted") if number == 1]
    assert admitted == [("ipd.admitted", 1)]
    assert len(day.rows(Task.id, where=[Task.patient_id == 1, Task.status == "requested"])) == 4
    assert "Amina Yusuf" in day.noor.see("/nurses/").text
    assert "Amina Yusuf" in day.samir.see("/doctors/my-day").text
    assert "Amina" not in day.sam.see("/rooms/").text


def prescribing(day: Day) -> None:
    """Step 13; DOC-2, DOC-5, NUR-7."""
    day.at("11:15")
    day.samir.see("/ipd/1")
    day.samir.follow("Prescribe")
    day.samir.press("Find", {"Find: Drug": "amoxi"})
    amoxicillin = {"Amoxicillin 500 mg capsule": True, "Dose": "500", "Unit": "mg", "Route": "by mouth"}
    refused = day.samir.press("Put on the pad", amoxicillin | {"How often": "three times a day", "Days": "5"}, 422)
    assert "Penicillin" in refused.text
    assert day.rows(PrescriptionItem.id) == []
    day.samir.see("/doctors/encounters/2/prescribe")
    day.samir.press("Find", {"Find: Drug": "ceftri"})
    ceftriaxone = {"Ceftriaxone 1 g vial": True, "Dose": "1", "Unit": "g", "Route": "intravenous"}
    often = {"How often": "twice a day", "Days": "2", "First dose": f"{day.first}T12:00"}
    day.samir.press("Put on the pad", ceftriaxone | often)
    day.samir.press("Sign RX26-000001")
    assert day.rows(Prescription.kind, Prescription.status) == [("inpatient", "active")]
    assert day.rows(PrescriptionItem.quantity, PrescriptionItem.status) == [(Decimal(4), "active")]
    assert day.told("prescription.active") == [("prescription.active", *day.rows(Prescription.id)[0])]
    assert doses(day) == [("12:00", "scheduled"), ("00:00", "scheduled")]
    assert "Ceftriaxone 1 g vial" in day.paul.see("/doctors/prescriptions/").text


def doses(day: Day) -> list[tuple[str, str]]:
    """The doses by the hospital's clock, and what became of them."""
    dose = MedicationAdministration
    return [(day.clock(at), status) for at, status in day.rows(dose.due_at, dose.status)]


def giving(day: Day) -> None:
    """Step 18; NUR-1, NUR-7: four doses, each once; those of the next day are planned by the work of the hour."""
    for number, (clock_time, days) in enumerate([("12:00", 0), ("00:00", 1), ("12:00", 1), ("00:00", 2)], 1):
        day.hours_pass_until(clock_time, days)
        day.noor.see("/nurses/encounters/2/medicines")
        day.noor.follow("Give now")
        checks = {"The wristband": True, "Allergies": True}
        after = day.noor.press_twice("Record as given", checks, 409)
        assert f"Given {clock_time}" in after.text
        assert [status for _at, status in doses(day)].count("completed") == number
    assert doses(day) == [(at, "completed") for at in ("12:00", "00:00", "12:00", "00:00")]
    assert day.rows(MedicationAdministration.dose_given) == [(Decimal(1),)] * 4
    assert day.rita.is_refused("/nurses/encounters/2/medicines")


def ordering_the_discharge(day: Day) -> None:
    """Step 21; IPD-4."""
    day.at("09:00", 2)
    day.samir.see("/ipd/1")
    day.samir.follow("Order the discharge")
    day.samir.press("Order the discharge")
    assert day.rows(Admission.status, where=[Admission.id == 1]) == [("discharge_ordered",)]
    assert day.told("ipd.discharge_ordered") == [("ipd.discharge_ordered", 1)]
    assert "Discharge summary is not signed" in day.samir.screen.text
    day.samir.follow("Open summary", "Sign")
    written = {"Diagnoses": "Acute appendicitis", "Course": "Antibiotics, then well", "Condition": "Good"}
    day.samir.press("Sign", written | {"Advice": "Rest for a week"})
    assert day.noor.is_refused("/ipd/1/order-discharge")
    for who, kind in ((day.noor, "Nursing"), (day.paul, "Pharmacy"), (day.lena, "Laboratory")):
        who.see("/ipd/leaving")
        who.follow("Checklist, Amina Yusuf")
        who.press(f"Give, {kind} clearance")
    panel = day.noor.see("/ipd/1/checklist").text
    assert "1 blocker remains" in panel
    assert "Billing clearance Not given yet. Blocks" in panel
    day.noor.press("Confirm discharge", status=422)
    assert "The discharge is blocked: Billing clearance" in day.noor.screen.text
    assert bed_of_amina(day) == [("occupied",)]
    assert day.noor.is_refused("/ipd/clearances/5/waive")
    day.ada.see("/ipd/1/checklist")
    day.ada.follow("Waive, Billing clearance")
    day.ada.press("Waive", {"Reason": "The bill is written when billing is here"})
    assert "Nothing blocks the discharge" in day.ada.screen.text
    kinds = day.rows(Clearance.kind, Clearance.status)
    assert dict(kinds) == dict.fromkeys(("medical", "nursing", "pharmacy", "laboratory"), "cleared") | {
        "billing": "waived"
    }


def bed_of_amina(day: Day) -> list[tuple[str]]:
    """The state of the bed in which Amina lies, or lay."""
    return day.rows(Bed.status, where=[Bed.id == BedAllocation.bed_id, BedAllocation.patient_id == 1])


def leaving(day: Day) -> None:
    """Step 25; IPD-5, ROOM-4."""
    day.at("10:00", 2)
    assert day.rita.is_refused("/ipd/1/depart")
    day.noor.see("/ipd/leaving")
    day.noor.follow("Checklist, Amina Yusuf")
    day.noor.press("Confirm discharge")
    assert "No discharge is ordered" in day.noor.screen.text
    [(status, disposition, at)] = day.rows(
        Admission.status, Admission.disposition, Admission.discharged_at, where=[Admission.id == 1]
    )
    assert (status, disposition, day.clock(at)) == ("discharged", "home", "10:00")
    assert bed_of_amina(day) == [("cleaning",)]
    assert day.rows(BedAllocation.status, where=[BedAllocation.patient_id == 1]) == [("ended",)]
    assert day.rows(Encounter.status, where=[Encounter.patient_id == 1]) == [("finished",), ("finished",)]
    assert day.rows(Prescription.status) == [("stopped",)]
    assert {status for _at, status in doses(day)} == {"completed"}
    assert set(day.rows(Task.status, where=[Task.patient_id == 1])) == {("cancelled",)}
    assert [one for one in day.told("ipd.discharged", "ipd.admitted") if one[1] == 1] == [
        ("ipd.admitted", 1),
        ("ipd.discharged", 1),
    ]
    assert "Amina" not in day.noor.see("/nurses/").text


def cleaning(day: Day) -> None:
    """Step 26."""
    day.at("10:20", 2)
    day.sam.see("/")
    board = day.sam.follow("Beds to clean 1")
    assert "Amina" not in board.html
    [(code,)] = day.rows(Bed.code, where=[Bed.status == "cleaning"])
    day.sam.press(f"Mark clean, Bed {code}")
    assert bed_of_amina(day) == [("available",)]
    assert len(day.told("bed.cleaned")) == 1
    assert f"Bed {code}" in day.noor.see("/rooms/find").text
    assert day.sam.is_refused("/rooms/find")
