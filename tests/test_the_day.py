"""A day in the hospital, from the front desk to a bed and home again, as the people who work in it live it (§24).

Steps 1–5, 10, 12, 13, 18, 20, 21, 25 and 26 with the roles named there; each does its work on its own pages, and what
must be true afterwards is read from what is kept, from the outbox and from what the others now see. The other steps
join with their modules. Charges are events that billing will hear; its clearance is waived.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from modules.doctors.models import Prescription
from portal.kit import events
from portal.kit.models import AuditLog, Event
from tests import day_clinic, day_ward
from tests.day_hospital import Day, opened
from tests.modules import clinic
from tests.modules.bed_ward import kept
from tests.provisioned import checksums

TOLD = (
    "patient.registered", "appointment.booked", "appointment.checked_in", "appointment.no_show",
    "appointment.reminder_due", "opd.arrived", "opd.fee_due", "opd.completed", "vitals.alert", "ipd.requested",
    "ipd.admitted", "ipd.discharge_ordered", "ipd.discharged", "prescription.active", "bed.released", "bed.cleaned",
)  # fmt: skip
STEPS = (
    day_clinic.registering,
    day_clinic.booking_at_the_same_instant,
    day_clinic.checking_in,
    day_clinic.vital_signs,
    day_clinic.consultation,
    day_clinic.signing,
    day_ward.admitting,
    day_ward.prescribing,
    day_ward.giving,
    day_clinic.who_did_not_come,
    day_ward.ordering_the_discharge,
    day_ward.leaving,
    day_ward.cleaning,
)
HEARD: list[dict] = []


def remember(**record) -> None:
    """Stands for the modules that will hear of it: a bill, a message."""
    HEARD.append(record)


@pytest.fixture
def day(app, signed_in, hospital) -> Iterator[Day]:
    """The hospital, with forms that need their tokens, and with everything that is told kept in its outbox."""
    app.config["WTF_CSRF_ENABLED"] = True
    kept(app, hospital, clinic.patient)
    HEARD.clear()
    for name in TOLD:
        events._later[name].append(remember)
    yield opened(app, signed_in)
    for name in TOLD:
        events._later[name].remove(remember)


def file_of(day: Day, subdomain: str) -> Path:
    """Where a hospital is kept."""
    return day.app.extensions["settings"].hospitals_dir / f"hospital_{subdomain}.db"


def test_the_day_is_lived_as_it_is_written(day, hospital):
    """§24; every step stands in the audit, and the other hospital is as it was."""
    before = checksums(file_of(day, hospital.subdomain))
    for step in STEPS:
        audited = len(day.rows(AuditLog.id))
        step(day)
        assert len(day.rows(AuditLog.id)) > audited or step is day_clinic.who_did_not_come
    what_the_others_see(day)
    what_is_printed(day)
    once_and_not_again(day)
    assert checksums(file_of(day, hospital.subdomain)) == before


def what_the_others_see(day: Day) -> None:
    """The one record holds the whole day, for those who may read it."""
    story = day.samir.see("/patients/1/timeline").text
    for moment in (
        "Registered DH-000001-8",
        "Appointment",
        "Outpatient visit OP26-000001",
        "Prescription RX26-000001",
        "Admitted",
        "Left the ward",
    ):
        assert moment in story
    assert "Inpatient stay" not in story, "who stays is admitted: one line tells it"
    for path in ("/patients/", "/patients/1", "/opd/visits/1", "/ipd/1", "/nurses/"):
        assert day.sam.is_refused(path)
    for path in ("/opd/visits/1/consult", "/ipd/1/summary", "/nurses/encounters/2/medicines", "/patients/1/allergies"):
        assert day.cara.is_refused(path)
    for path in ("/doctors/encounters/2/prescribe", "/opd/visits/1/finish", "/settings/users/"):
        assert day.noor.is_refused(path)


def what_is_printed(day: Day) -> None:
    """Slips and summaries name what they are of."""
    [(prescription,)] = day.rows(Prescription.id)
    papers = (
        (day.rita, "/opd/visits/1/print/slip", "SH-001"),
        (day.samir, "/opd/visits/1/print/summary", "OP26-000001"),
        (day.samir, f"/doctors/prescriptions/{prescription}/print", "RX26-000001"),
        (day.samir, "/ipd/1/summary/print", "IPD26-000001"),
        (day.noor, "/patients/1/print/wristband", "DH-000001-8"),
    )
    for who, path, number in papers:
        assert number in who.see(path).text, path
        assert ("Amina Yusuf" in who.screen.text) is ("slip" not in path)  # which lies about in the waiting room


def once_and_not_again(day: Day) -> None:
    """CORE-3: what was told is heard once, and the work of the hour finds nothing more to do."""
    day.hours_pass_until("12:30", 2)
    known = [one for one in day.rows(Event.id, Event.name, Event.last_error) if one[1] in TOLD]
    assert {error for *_event, error in known} == {""}
    assert len(HEARD) == len(known)
    kept_now = {name: rows for name, rows in checksums(file_of(day, "day-hospital")).items() if "core_" not in name}
    day.hours_pass_until("15:30", 2)
    assert len(HEARD) == len(known)
    later = checksums(file_of(day, "day-hospital"))
    assert {name: later[name] for name in kept_now} == kept_now
