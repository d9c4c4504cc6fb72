"""Doses: when they are planned and stopped, how they are given, and the grid that shows them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from modules.nurses.giving import give_as_needed, give_dose
from modules.nurses.models import MedicationAdministration
from modules.nurses.slots import due_times, extend_doses
from modules.nurses.stopping import stop_doses
from modules.patients.models.clinical import Allergy
from modules.patients.models.encounters import Encounter
from portal import clock
from portal.auth.models import User
from portal.extensions import db
from portal.kit import Refused, WrongState, current_hospital, now
from portal.kit.housekeeping import keep_house
from tests.modules.clinic import medicine
from tests.modules.nursing import EVERYTHING, doses_of, due_dose, full_hour, lie_in, prescribe
from tests.page import Page

GIVEN = {"wristband": "y", "allergies": "y", "dose_given": "1"}
HOUR = timedelta(hours=1)


@pytest.fixture
def stay(look):
    """Somebody who lies in a bed of Ward A."""
    return look(lie_in)


@pytest.fixture
def nurse(client_with):
    """Somebody who gives medicines in every ward."""
    return client_with(*EVERYTHING)


def state(look, number: int):
    """What became of a dose."""
    dose = MedicationAdministration
    return look(lambda: db.session.query(dose.status, dose.dose_given, dose.witness_id).filter_by(id=number).one())


# When doses are due


def item(frequency: str, start: str, days: int | None = None, times=(), is_prn: bool = False) -> SimpleNamespace:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    return SimpleNamespace(frequency=frequency, start_at=at, duration_days=days, times=list(times), is_prn=is_prn)


@pytest.mark.parametrize(
    ("drug", "due"),
    [
        (item("bd", "2026-11-24T12:00", 2), ["24 12:00", "25 00:00", "25 12:00", "26 00:00"]),
        (item("od", "2026-11-24T07:10", 2), ["24 08:00", "25 08:00"]),
        (item("tds", "2026-11-24T06:00", 1), ["24 06:00", "24 14:00", "24 22:00"]),
        (item("q4h", "2026-11-24T20:00", 1), ["24 20:00", "25 00:00", "25 04:00", "25 08:00", "25 12:00", "25 16:00"]),
        (item("stat", "2026-11-24T09:41"), ["24 09:41"]),
        (item("custom", "2026-11-24T12:00", 2, ["08:00", "20:30"]), ["24 20:30", "25 08:00", "25 20:30", "26 08:00"]),
        (item("prn", "2026-11-24T12:00", 2), []),
        (item("bd", "2026-11-24T12:00", 2, is_prn=True), []),
    ],
)
def test_doses_are_due_at_even_steps_or_set_times_until_their_days_are_over(drug, due, look):
    """NUR-7."""
    until = datetime(2026, 11, 30, tzinfo=UTC)
    assert look(lambda: [f"{at:%d %H:%M}" for at in due_times(drug, until)]) == due


def test_what_is_given_by_the_clock_keeps_its_time_when_the_clocks_change(look):
    """NUR-7: in London the clocks go forward on 29 March 2026."""
    until = datetime(2026, 3, 30, 12, tzinfo=UTC)

    def at(drug):
        return [f"{one.astimezone(current_hospital().zone):%d %H:%M}" for one in due_times(drug, until)]

    assert look(lambda: at(item("od", "2026-03-28T08:00", 2))) == ["28 08:00", "29 08:00"]
    assert look(lambda: at(item("q8h", "2026-03-28T16:00")))[:4] == ["28 16:00", "29 00:00", "29 09:00", "29 17:00"]


def test_signing_plans_a_day_ahead_and_the_hours_work_extends_it_to_the_end(stay, look, hospital, in_app):
    """NUR-7."""
    number = look(lambda: prescribe(stay, frequency="q6h", start_at=full_hour() + HOUR).id)
    first = look(lambda: [dose.due_at for dose in doses_of(number)])
    assert first == [look(full_hour) + HOUR + timedelta(hours=6) * step for step in range(4)]
    assert look(extend_doses) == 0
    clock.move(timedelta(hours=12))
    keep_house(hospital.subdomain)
    assert look(lambda: len(doses_of(number))) == 6
    clock.move(timedelta(days=3))
    keep_house(hospital.subdomain)
    assert look(lambda: [dose.due_at for dose in doses_of(number)])[:6] == [
        first[0] + timedelta(hours=6) * step for step in range(6)
    ]


def test_only_what_is_prescribed_for_the_ward_is_planned(stay, look):
    """NUR-7."""
    for number, kind in enumerate(("outpatient", "discharge")):
        assert look(lambda kind=kind, number=number: doses_of(prescribe(stay, f"Drug {number}", kind=kind).id)) == []


def test_stopping_a_drug_stops_the_doses_ahead_and_leaves_the_others(stay, look):
    """NUR-7."""
    drug = look(lambda: prescribe(stay, frequency="q4h", start_at=full_hour()).id)
    clock.move(timedelta(hours=5))
    look(lambda: doses_of(drug)[0].item.stop())
    assert look(lambda: [dose.status for dose in doses_of(drug)])[:3] == ["scheduled", "scheduled", "stopped"]
    assert look(lambda: len(doses_of(drug, "stopped"))) == look(lambda: len(doses_of(drug))) - 2
    clock.move(timedelta(hours=12))
    assert look(extend_doses) == 0


def test_who_left_has_no_doses_ahead(stay, look):
    """NUR-7: all of a stay that is over is stopped, what was given stays."""
    drug = look(lambda: prescribe(stay, start_at=full_hour()).id)
    look(lambda: give_dose(doses_of(drug)[0], dose_given=Decimal(1)) and None)
    assert look(lambda: stop_doses(stay.visit)) == look(lambda: len(doses_of(drug))) - 1
    look(lambda: db.session.get(Encounter, stay.visit).finish())
    clock.move(timedelta(hours=20))
    assert look(extend_doses) == 0
    assert look(lambda: len(doses_of(drug, "completed"))) == 1


# Giving


def test_a_second_click_gives_no_second_dose(stay, look, nurse):
    """NUR-1."""
    number = look(lambda: due_dose(stay))
    answers = [nurse.post(f"/nurses/doses/{number}/give", data=GIVEN).status_code for _time in range(2)]
    assert answers == [303, 409]


@pytest.mark.parametrize(("minutes", "given"), [(59, True), (62, False)])
def test_a_dose_is_given_one_hour_early_at_most(minutes, given, stay, look, nurse):
    """NUR-2."""
    number = look(lambda: due_dose(stay, minutes))
    answer = nurse.post(f"/nurses/doses/{number}/give", data=GIVEN)
    assert answer.status_code == (303 if given else 422)
    assert given or "It is too early" in Page(answer.text).text
    assert state(look, number).status == ("completed" if given else "scheduled")


@pytest.mark.parametrize(("minutes", "word"), [(58, "Given "), (62, "Given late")])
def test_what_is_given_more_than_an_hour_late_is_kept_and_marked(minutes, word, stay, look, nurse):
    """NUR-2."""
    number = look(lambda: due_dose(stay))
    clock.move(timedelta(minutes=minutes))
    assert nurse.post(f"/nurses/doses/{number}/give", data=GIVEN).status_code == 303
    dose = look(lambda: db.session.get(MedicationAdministration, number).is_late)
    assert dose == (word == "Given late")


def test_nothing_is_given_of_a_drug_that_was_stopped(stay, look, nurse):
    """NUR-2."""
    number = look(lambda: due_dose(stay))
    clock.move(timedelta(minutes=5))
    look(lambda: db.session.get(MedicationAdministration, number).item.stop())
    answer = nurse.post(f"/nurses/doses/{number}/give", data=GIVEN)
    assert "was stopped. It must not be given any more" in Page(answer.text).text
    assert state(look, number).status == "scheduled"


def test_a_dose_that_was_not_given_needs_a_reason(stay, look, nurse):
    """NUR-3."""
    number = look(lambda: due_dose(stay))
    assert nurse.post(f"/nurses/doses/{number}/skip", data={"reason_not_given": " "}).status_code == 422
    assert nurse.post(f"/nurses/doses/{number}/skip", data={"reason_not_given": "Nil by mouth"}).status_code == 303
    assert state(look, number).status == "not_done"
    assert "Not given Nil by mouth" in nurse.page(f"/nurses/encounters/{stay.visit}/medicines").text


def test_a_controlled_drug_needs_a_witness_who_is_somebody_else(stay, look, client_with):
    """NUR-3."""
    giver = client_with(*EVERYTHING, "nurses.witness")
    client_with("nurses.view", "nurses.witness", username="mira")
    client_with("nurses.view", username="nobody")

    def controlled():
        found = medicine("MOR", name="Morphine 10 mg ampoule", is_controlled=True).id
        return due_dose(stay, item_id=found, drug="Morphine")

    number = look(controlled)
    users = {name: _user(look, name) for name in ("leila", "mira", "nobody")}
    path = f"/nurses/doses/{number}/give"
    assert "needs a second person" in giver.page(path).text
    for witness in ("", users["leila"], users["nobody"]):
        assert giver.post(path, data=GIVEN | {"witness_id": witness}).status_code == 422
    assert state(look, number).status == "scheduled"
    with pytest.raises(Refused, match="is controlled"):
        look(lambda: give_dose(db.session.get(MedicationAdministration, number), dose_given=Decimal(1)))
    assert giver.post(path, data=GIVEN | {"witness_id": users["mira"]}).status_code == 303
    assert state(look, number).witness_id == users["mira"]


def _user(look, name: str) -> int:
    return look(lambda: db.session.query(User.id).filter_by(username=name).scalar())


def test_an_allergy_that_was_recorded_since_keeps_a_dose_back(stay, look, nurse):
    """DOC-2, asked again when giving."""
    number = look(lambda: due_dose(stay, drug="Penicillin V"))
    look(lambda: _allergic(stay))
    shown = nurse.page(f"/nurses/encounters/{stay.visit}/medicines?dose={number}")
    assert "It cannot be given. Hold the dose and ask the doctor." in shown.text
    answer = nurse.post(f"/nurses/doses/{number}/give", data=GIVEN)
    assert answer.status_code == 422
    assert "Hold the dose and ask the doctor" in Page(answer.text).text
    other = look(lambda: due_dose(stay, drug="Amoxicillin penicillin", allergy_override_reason="Tolerated in 2024"))
    assert "Tolerated in 2024" in nurse.page(f"/nurses/encounters/{stay.visit}/medicines?dose={other}").text
    assert nurse.post(f"/nurses/doses/{other}/give", data=GIVEN).status_code == 303


def _allergic(stay) -> None:
    facts = {"substance": "Penicillin", "category": "medication", "severity": "severe", "criticality": "high"}
    db.session.add(Allergy(patient_id=stay.patient, active_key=f"{stay.patient}:penicillin", **facts))


def test_the_checks_have_to_be_ticked(stay, look, nurse):
    number = look(lambda: due_dose(stay))
    answer = nurse.post(f"/nurses/doses/{number}/give", data={"dose_given": "1"})
    assert answer.status_code == 422
    assert "Read the wristband Ask about allergies" in Page(answer.text).text


def test_a_dose_waits_and_is_due_again(stay, look, nurse):
    number = look(lambda: due_dose(stay))
    nurse.post(f"/nurses/doses/{number}/hold", data={"note": "Until the kidney test"})
    assert "On hold Until the kidney test" in nurse.page(f"/nurses/encounters/{stay.visit}/medicines").text
    assert nurse.post(f"/nurses/doses/{number}/give", data=GIVEN).status_code == 409
    nurse.post(f"/nurses/doses/{number}/resume")
    assert nurse.post(f"/nurses/doses/{number}/give", data=GIVEN).status_code == 303


def test_what_is_needed_is_given_now_and_by_one_nurse_in_a_minute(stay, look, nurse):
    drug = look(lambda: prescribe(stay, "Paracetamol", frequency="prn", is_prn=True).id)
    path = f"/nurses/items/{drug}/give"
    assert "When needed Paracetamol" in nurse.page(f"/nurses/encounters/{stay.visit}/medicines").text
    clock.move(timedelta(seconds=61 - now().second))
    for token in ("6a0f6c1e-0000-4000-8000-00000000000b",) * 2:
        assert nurse.post(path, data=GIVEN | {"token": token}).status_code == 303
    answer = nurse.post(path, data=GIVEN | {"token": "6a0f6c1e-0000-4000-8000-00000000000c"})
    assert "Somebody gave Paracetamol just now" in Page(answer.text).text
    assert look(lambda: len(doses_of(drug))) == 1
    with pytest.raises(Refused, match="set times"):
        look(lambda: give_as_needed(prescribe(stay), dose_given=Decimal(1)))


def test_a_dose_that_was_given_is_not_given_by_a_verb_either(stay, look):
    """NUR-1."""
    number = look(lambda: due_dose(stay))
    look(lambda: give_dose(db.session.get(MedicationAdministration, number), dose_given=Decimal(1)) and None)
    with pytest.raises(WrongState):
        look(lambda: give_dose(db.session.get(MedicationAdministration, number), dose_given=Decimal(1)))


# The grid


def test_the_grid_shows_drugs_by_time_and_opens_the_dose_that_is_clicked(stay, look, nurse):
    number = look(lambda: due_dose(stay))
    clock.move(timedelta(minutes=42))
    path = f"/nurses/encounters/{stay.visit}/medicines"
    shown = nurse.page(path)
    assert "1 overdue, 0 due within the hour" in shown.text
    assert "Overdue 42 min Give now" in shown.text
    assert "Give Ceftriaxone" in nurse.page(f"{path}?dose={number}").text
    assert "No medicines for the ward" not in shown.text
    assert "Give Ceftriaxone" not in nurse.page(f"{path}?dose=4711").text
    part = nurse.get(path, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<section id="medicines"')


def test_the_pharmacy_reads_the_grid_and_gives_nothing(stay, look, client_with):
    number = look(lambda: due_dose(stay))
    reader = client_with("nurses.dose_view", username="petra")
    shown = reader.page(f"/nurses/encounters/{stay.visit}/medicines?dose={number}")
    assert "Ceftriaxone" in shown.text
    assert f"/nurses/doses/{number}/give" not in shown.html
    assert reader.post(f"/nurses/doses/{number}/give", data=GIVEN).status_code == 403


def test_the_grid_takes_a_fixed_number_of_queries(stay, look, nurse, count_queries):
    path = f"/nurses/encounters/{stay.visit}/medicines"

    def asked() -> int:
        with count_queries() as statements:
            nurse.page(path)
        return len([one for one in statements if "nurses_" in one or "doctors_" in one])

    look(lambda: prescribe(stay, "Drug"))
    nurse.page(path)
    few = asked()
    look(lambda: [prescribe(stay, f"Drug {number}", frequency="qds").id for number in range(6)])
    assert asked() == few <= 12
