"""The emergency department: arrivals, triage, the board with its clocks, all that is asked at the same instant."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from modules.emergency.arriving import register_arrival
from modules.emergency.board import read_board
from modules.emergency.models import Triage, Visit
from modules.emergency.triaging import triage, triages_of
from modules.emergency.waits import tell_breaches
from modules.patients.merging import merge
from modules.patients.models import Patient
from modules.patients.models.encounters import Encounter
from portal import clock
from portal.extensions import db
from portal.kit import HospitalProfile, Refused, WrongState, now
from portal.kit.housekeeping import keep_house
from tests.modules.casualty import NURSE, arrive, nurse, person
from tests.page import Page

READ = ("emergency_", "patients_", "rooms_", "nurses_")


@pytest.fixture
def heard(hear):
    """The events of the department as they are told, each with the level of the visit."""
    names = ("arrived", "triaged", "seen", "departed", "breached", "awaiting_bed")
    return hear(*(f"er.{name}" for name in names), note=lambda visit: visit.triage_level)


def judged(level: int, name: str = "Amina") -> int:
    """Somebody who waits at a level; the visit's id."""
    visit = arrive(name)
    triage(visit, level, nurse(f"nurse of {name}").id)
    return visit.id


def read(look, number: int, *names: str) -> list:
    return look(lambda: [getattr(db.session.get(Visit, number), name) for name in names])


def lanes(look) -> list[tuple]:
    def told():
        return [(lane.level, [case.patient.first_name for case in lane.cases]) for lane in read_board().lanes]

    return look(told)


# Arrival


def test_who_arrives_has_a_number_a_clock_and_an_emergency_encounter(look, leila, heard):
    amina = look(lambda: person().id)
    answer = leila.post("/emergency/new", data={"patient_id": amina, "complaint": "Chest pain", "token": "a"})
    assert answer.location == "/emergency/"
    number, status, encounter = read(look, 1, "number", "status", "encounter_id")
    assert number.startswith("ER")
    assert status == "arrived"
    kind, state, reason = look(
        lambda: db.session.execute(
            sa.select(Encounter.encounter_class, Encounter.status, Encounter.reason).where(Encounter.id == encounter)
        ).one()
    )
    assert (kind, state, reason) == ("EMER", "arrived", "Chest pain")
    assert heard == [("er.arrived", None)]
    board = leila.page("/emergency/").text
    assert "Amina Yusuf 0 min Chest pain · 36 F Walk-in Triage" in board


def test_a_patient_has_one_open_emergency_visit(look, leila):
    """ER-6."""
    amina = look(lambda: person().id)
    answers = {"patient_id": amina, "complaint": "Chest pain"}
    leila.post("/emergency/new", data={**answers, "token": "a"})
    again = leila.post("/emergency/new", data={**answers, "token": "b"})
    assert again.status_code == 422
    assert "Amina Yusuf has an open emergency visit already" in Page(again.text).text
    assert leila.post("/emergency/new", data={**answers, "token": "a"}).status_code == 303
    look(lambda: db.session.get(Visit, 1).leave_unseen())
    assert leila.post("/emergency/new", data={**answers, "token": "c"}).status_code == 303
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(Visit.id)))) == 2


def test_somebody_unknown_is_registered_with_sex_and_age_alone_and_merged_later(look, leila):
    """ER-3."""
    answers = {"sex": "male", "age": "40", "complaint": "Found unconscious", "is_medicolegal": "y", "token": "a"}
    assert leila.post("/emergency/new", data=answers).status_code == 303
    names = ("id", "full_name", "sex", "is_temporary", "birth_date_estimated", "mrn")
    known, *facts, mrn = look(lambda: [getattr(db.session.scalars(sa.select(Patient)).one(), name) for name in names])
    assert facts == ["Unknown male (approx. 40)", "male", True, True]
    assert mrn
    assert read(look, 1, "mlc_no")[0].startswith("MLC")
    assert "Unidentified Medico-legal" in leila.page("/emergency/").text

    def merge_with_the_own_record():
        omar = person("Omar", sex="male")
        merge(omar, db.session.get(Patient, known), "Identity card found")
        return omar.id

    omar = look(merge_with_the_own_record)
    assert read(look, 1, "patient_id", "status") == [omar, "arrived"]
    again = leila.post("/emergency/new", data={"patient_id": omar, "complaint": "Again", "token": "b"})
    assert "has an open emergency visit already" in Page(again.text).text


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({}, "Find the patient, or enter sex and age of somebody nobody knows"),
        ({"sex": "male"}, "Enter the age that the person seems to have"),
        ({"age": "40"}, "Select the sex, or “Unknown”"),
        ({"patient_id": "1", "sex": "male", "age": "40"}, "not both"),
    ],
)
def test_an_arrival_says_who_came_one_way(look, leila, answers, says):
    """ER-3."""
    look(person)
    answer = leila.post("/emergency/new", data={"complaint": "Fall", "token": "a", **answers})
    assert answer.status_code == 422
    assert says in Page(answer.text).text
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(Visit.id)))) == 0


def test_who_has_died_does_not_arrive_and_who_was_away_is_active_again(look):
    def try_both():
        gone, away = person("Bea"), person("Cleo")
        gone.record_death(now())
        away.deactivate()
        with pytest.raises(Refused, match="has died"):
            register_arrival(gone, "Fall")
        register_arrival(away, "Fall")
        return away.status

    assert look(try_both) == "active"


# The board


def test_the_board_goes_by_level_then_by_arrival_with_those_not_triaged_above_level_three(look):
    """ER-1."""
    for name, level in (("Ann", 3), ("Bea", None), ("Cleo", 1), ("Dina", 3), ("Eve", 5), ("Fay", 2), ("Gil", None)):
        look(lambda name=name, level=level: judged(level, name) if level else arrive(name).id)
        clock.move(timedelta(minutes=1))
    expected = [(1, ["Cleo"]), (2, ["Fay"]), (None, ["Bea", "Gil"]), (3, ["Ann", "Dina"]), (4, []), (5, ["Eve"])]
    assert lanes(look) == expected


def test_somebody_not_triaged_has_a_running_clock_and_no_target(look, leila):
    """ER-1, ER-2."""
    look(arrive)
    clock.move(timedelta(minutes=200))
    text = leila.page("/emergency/").text
    assert "Amina Yusuf 200 min Chest pain" in text
    assert "Past target 0 Nobody waits too long Not triaged 1 Longest 200 min" in text


@pytest.mark.parametrize(("level", "target"), [(1, 0), (2, 10), (3, 30), (4, 60), (5, 120)])
def test_past_the_minutes_of_the_level_a_wait_is_breached_and_counted(look, leila, level, target):
    """ER-2."""
    look(lambda: judged(level))
    clock.move(timedelta(minutes=target, seconds=30))
    assert "Past target by" not in leila.page("/emergency/").text
    clock.move(timedelta(minutes=1))
    text = leila.page("/emergency/").text
    assert f"{target + 1} min Chest pain" in text
    assert "Past target by 1 min" in text
    assert "Past target 1 Longest by 1 min" in text
    assert "Amina" in leila.page("/emergency/?f=breach").text


def test_the_minutes_are_those_of_the_hospital(look):
    """ER-2: a setting."""

    def set_and_wait():
        db.session.get(HospitalProfile, 1).triage_targets = {"1": 0, "2": 5, "3": 15, "4": 30, "5": 60}
        return judged(3)

    look(set_and_wait)
    clock.move(timedelta(minutes=20))
    assert look(lambda: [case.wait.over for case in read_board().found("breach")]) == [5]


def test_the_clock_stops_when_a_doctor_sees_the_patient(look, leila, samir):
    """ER-2: waiting is until seen, and who was seen late does not wait any more."""
    number = look(lambda: judged(2))
    clock.move(timedelta(minutes=13))
    assert samir.post(f"/emergency/visits/{number}/see").status_code == 303
    clock.move(timedelta(minutes=60))
    text = leila.page("/emergency/").text
    assert "13 min" in text
    assert "Seen 3 min past target" in text
    assert "Past target 0" in text
    assert read(look, number, "status", "doctor_id") == ["in_treatment", 1]
    assert look(lambda: db.session.get(Encounter, 1).status) == "in_progress"


def test_a_breach_is_told_once(look, hospital, in_app, heard):
    """ER-2, ER-5: by the hour's work, however often it comes, and however many do it."""
    look(lambda: judged(2))
    look(lambda: judged(4, "Bea"))
    clock.move(timedelta(minutes=15))
    for _time in range(3):
        keep_house(hospital.subdomain)
    assert [one for one in heard if one[0] == "er.breached"] == [("er.breached", 2)]
    clock.move(timedelta(minutes=60))
    assert look(tell_breaches) == 1
    assert look(tell_breaches) == 0
    assert heard.count(("er.breached", 4)) == 1


def test_of_twenty_who_look_for_breaches_at_once_one_tells(look, heard, at_once):
    """ER-2, ER-5."""
    look(lambda: judged(2))
    clock.move(timedelta(minutes=15))
    assert sum(at_once(lambda _number: tell_breaches())) == 1
    assert heard.count(("er.breached", 2)) == 1


# Triage


def test_a_nurse_triages_and_the_visit_takes_the_level(look, leila, heard):
    """ER-4, ER-5."""
    number = look(lambda: arrive().id)
    answers = {"level": "2", "discriminator": "Chest pain", "pain": "7", "token": "a"}
    assert leila.post(f"/emergency/visits/{number}/triage", data=answers).status_code == 303
    assert read(look, number, "status", "triage_level") == ["triaged", 2]
    assert look(lambda: db.session.get(Encounter, 1).status) == "triaged"
    assert heard[-1] == ("er.triaged", 2)
    assert "Amina Yusuf" in leila.page("/emergency/").text


def test_who_is_triaged_again_keeps_every_earlier_triage_and_the_board_the_latest(look, leila, heard):
    """ER-4; and ER-5: the doctor on call hears at once when it became urgent."""
    number = look(lambda: arrive().id)
    for token, level in (("a", 4), ("b", 2), ("c", 3), ("c", 3)):
        answers = {"level": str(level), "discriminator": f"Reason {level}", "token": token}
        assert leila.post(f"/emergency/visits/{number}/triage", data=answers).status_code == 303
    kept_all = look(
        lambda: [(row.Triage.level, row.Triage.is_retriage) for row in triages_of(db.session.get(Visit, number))]
    )
    assert kept_all == [(3, True), (2, True), (4, False)]
    assert lanes(look)[3] == (3, ["Amina"])
    assert [level for name, level in heard if name == "er.triaged"] == [4, 2, 3]
    text = leila.page(f"/emergency/visits/{number}").text
    assert "Reason 2" in text
    assert "Reason 4" in text


def test_who_is_no_nurse_does_not_triage(look, client_with):
    number = look(lambda: arrive().id)
    browser = client_with(*NURSE, username="nobody")
    answer = browser.post(f"/emergency/visits/{number}/triage", data={"level": "2", "token": "a"})
    assert "You are not in the register of nurses" in Page(answer.text).text
    assert look(lambda: db.session.scalar(sa.select(sa.func.count(Triage.id)))) == 0


def test_who_has_left_is_not_triaged_again(look, leila):
    """ER-4."""
    number = look(lambda: judged(3))
    look(lambda: db.session.get(Visit, number).leave_unseen())
    answer = leila.post(f"/emergency/visits/{number}/triage", data={"level": "2", "token": "a"})
    assert answer.status_code == 409
    assert read(look, number, "triage_level", "status") == [3, "left_without_being_seen"]

    def again():
        with pytest.raises(WrongState):
            triage(db.session.get(Visit, number), 1, 1)
        db.session.rollback()

    look(again)


# What the boards cost


def test_the_boards_take_a_fixed_number_of_queries(look, leila, count_queries):
    counts = []
    leila.page("/emergency/")
    for letter, more in (("A", (1, 2)), ("B", (3, 4, 5, 1, 2))):
        for place, level in enumerate(more):
            look(lambda name=f"{letter}{place}", level=level: judged(level, name))
        counts.append([])
        for path in ("/emergency/", "/emergency/bays", "/emergency/visits/"):
            with count_queries() as statements:
                leila.page(path)
            counts[-1].append(len([one for one in statements if any(name in one for name in READ)]))
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 10


def test_the_board_asks_for_its_part_alone(look, leila):
    look(lambda: judged(3))
    part = leila.get("/emergency/", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "triage-board" in part
    assert "Amina" in part
