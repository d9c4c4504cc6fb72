"""Vital signs: what is refused, the score, whom it alerts, and the pages that take and show it."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from modules.nurses.api import latest_vitals, news2_badge, record_vitals
from modules.nurses.models import VitalSign
from modules.nurses.news2 import points_of, score_of
from modules.patients.models.encounters import Encounter
from modules.rooms.api import assign_bed
from portal.extensions import db
from portal.kit import Refused, now
from tests.modules.bed_ward import come, kept, open_ward
from tests.page import Page

WELL = {
    "temperature_c": Decimal("37.0"), "pulse": 72, "resp_rate": 16, "bp_sys": 120, "bp_dia": 80, "spo2": 98,
    "on_oxygen": False, "consciousness": "A",
}  # fmt: skip
TYPED = {"temperature_c": "37.0", "pulse": "72", "resp_rate": "16", "bp_sys": "120", "bp_dia": "80", "spo2": "98"}
TYPED |= {"consciousness": "A", "token": "6a0f6c1e-0000-4000-8000-00000000000a"}
NURSE = ("nurses.view", "nurses.vitalsign_add", "nurses.change", "patients.view")


@pytest.fixture
def look(app, hospital):
    """What `work` gives inside the hospital, kept; a measurement can be read afterwards."""

    def worked(work):
        answer = work()
        if isinstance(answer, VitalSign):
            db.session.commit()
            db.session.refresh(answer)
            db.session.expunge(answer)
        return answer

    return lambda work: kept(app, hospital, lambda: worked(work))


@pytest.fixture
def amina(look):
    """A woman of 36 with an open stay."""
    return look(lambda: come())


@pytest.fixture
def nurse(client_with):
    """Somebody who takes vital signs in every ward."""
    return client_with(*NURSE)


def take(who, **changes) -> VitalSign:
    """Measure a patient who is well but for these changes."""
    return record_vitals(db.session.get_one(Encounter, who.visit), **{"taken_by": 1, **WELL, **changes})


@pytest.fixture
def heard(hear):
    """The events that were told of, in their order."""
    return hear("vitals.recorded", "vitals.alert", note=lambda record: record.news2)


# What is refused


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("temperature_c", "24.9"), ("temperature_c", "45.1"), ("spo2", 49), ("spo2", 101), ("pulse", 19),
        ("pulse", 301), ("resp_rate", 2), ("resp_rate", 81), ("bp_sys", 39), ("bp_sys", 301), ("pain", 11),
    ],
)  # fmt: skip
def test_what_nobody_alive_has_is_refused_at_its_field(name, wrong, look, amina):
    """NUR-4."""
    with pytest.raises(Refused, match="must be from") as refusal:
        look(lambda: take(amina, **{name: Decimal(wrong) if name == "temperature_c" else wrong}))
    assert refusal.value.field == name
    assert look(lambda: latest_vitals([amina.patient])) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature_c", "25"), ("temperature_c", "45"), ("spo2", 50), ("spo2", 100), ("pulse", 20), ("pulse", 300),
     ("resp_rate", 3), ("resp_rate", 80), ("bp_sys", 300)],
)  # fmt: skip
def test_what_is_barely_possible_is_kept(name, value, look, amina):
    """NUR-4."""
    measured = Decimal(value) if name == "temperature_c" else value
    assert look(lambda: getattr(take(amina, **{name: measured}), name)) == measured


@pytest.mark.parametrize("systolic", [80, 79, None])
def test_systolic_pressure_is_above_the_diastolic_one(systolic, look, amina):
    """NUR-4."""
    with pytest.raises(Refused) as refusal:
        look(lambda: take(amina, bp_sys=systolic))
    assert refusal.value.field == "bp_sys"


def test_nothing_at_all_and_the_future_are_refused(look, amina):
    nothing = dict.fromkeys((*WELL, "taken_by"), None) | {"on_oxygen": False, "taken_by": 1}
    with pytest.raises(Refused, match="at least one"):
        look(lambda: record_vitals(db.session.get_one(Encounter, amina.visit), **nothing))
    with pytest.raises(Refused, match="past"):
        look(lambda: take(amina, taken_at=now() + timedelta(minutes=1)))


# The score

EDGES = {
    "resp_rate": ((8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3)),
    "spo2": ((91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0)),
    "bp_sys": ((90, 3), (91, 2), (100, 2), (101, 1), (110, 1), (111, 0), (219, 0), (220, 3)),
    "pulse": ((40, 3), (41, 1), (50, 1), (51, 0), (90, 0), (91, 1), (110, 1), (111, 2), (130, 2), (131, 3)),
    "temperature_c": (("35.0", 3), ("35.1", 1), ("36.0", 1), ("36.1", 0), ("38.0", 0), ("38.1", 1), ("39.0", 1),
                      ("39.1", 2)),
}  # fmt: skip


@pytest.mark.parametrize(("name", "value", "points"), [(name, *edge) for name, some in EDGES.items() for edge in some])
def test_each_part_of_the_score_has_the_points_of_its_step(name, value, points):
    """NUR-5."""
    assert points_of(name, Decimal(value)) == points


def test_oxygen_counts_two_and_not_being_alert_three():
    """NUR-5."""
    born, on = date(1990, 1, 1), date(2026, 1, 1)
    assert score_of(SimpleNamespace(**WELL), born, on).total == 0
    assert score_of(SimpleNamespace(**WELL | {"on_oxygen": True}), born, on).parts["on_oxygen"] == 2
    for level in "CVPU":
        score = score_of(SimpleNamespace(**WELL | {"consciousness": level}), born, on)
        assert (score.total, score.highest) == (3, 3)


def test_the_score_of_the_day_in_the_hospital(look, amina):
    """NUR-5: temperature 38.6 is one point, a pulse of 112 two."""
    measured = {
        "temperature_c": Decimal("38.6"),
        "pulse": 112,
        "resp_rate": 20,
        "spo2": 97,
        "bp_sys": 118,
        "bp_dia": 74,
    }
    row = look(lambda: take(amina, **measured))
    assert (row.news2, row.news2_max_single, row.is_alert) == (3, 2, False)


@pytest.mark.parametrize("missing", [name for name in WELL if name not in ("on_oxygen", "bp_dia")])
def test_there_is_no_score_without_all_of_its_parts(missing, look, amina):
    """NUR-5."""
    assert (
        look(lambda: take(amina, **{missing: None, **({"bp_dia": None} if missing == "bp_sys" else {})})).news2 is None
    )


@pytest.mark.parametrize(("years", "scored"), [(15, False), (16, True)])
def test_there_is_no_score_for_children_nor_for_those_of_unknown_age(years, scored, look):
    """NUR-5."""
    day = now().date()
    born = date(day.year - years, 1, 1) if scored else date(day.year - years, 12, 31)
    child = look(lambda: come("Ann", birth_date=born))
    assert (look(lambda: take(child)).news2 is not None) == scored
    unknown = look(lambda: come("Bea", encounter_class="AMB", birth_date=None))
    assert look(lambda: take(unknown)).news2 is None


# Whom it alerts


@pytest.mark.parametrize(
    ("changes", "score", "alerts", "is_red"),
    [
        ({"pulse": 115, "spo2": 93}, 4, False, False),
        ({"pulse": 115, "spo2": 93, "temperature_c": Decimal("38.5")}, 5, True, False),
        ({"consciousness": "V"}, 3, True, False),
        ({"pulse": 115, "spo2": 93, "resp_rate": 22}, 6, True, False),
        ({"pulse": 115, "spo2": 93, "resp_rate": 22, "temperature_c": Decimal("38.5")}, 7, True, True),
    ],
)
def test_five_or_any_single_three_tells_a_doctor_and_seven_turns_the_bed_red(
    changes, score, alerts, is_red, look, amina, heard
):
    """NUR-6."""
    row = look(lambda: take(amina, **changes))
    assert (row.news2, row.is_alert, row.is_red) == (score, alerts, is_red)
    assert heard == [("vitals.recorded", score), *([("vitals.alert", score)] if alerts else [])]
    assert news2_badge(row).solid == is_red


def test_a_score_of_seven_marks_the_bed_red(look, amina, client_with):
    """NUR-6."""
    ward = look(open_ward)
    look(lambda: assign_bed(ward.beds[0], amina.patient, amina.visit))
    look(lambda: take(amina))
    viewer = client_with("rooms.view", "nurses.view")
    assert "NEWS2 0 " in viewer.page("/rooms/").text
    look(lambda: take(amina, consciousness="P", spo2=90, pulse=112))
    shown = viewer.page("/rooms/")
    assert "NEWS2 8" in shown.text
    assert 'class="bed occ red"' in shown.html


def test_the_last_measurement_counts_and_one_taken_back_does_not(look, amina):
    look(lambda: take(amina, taken_at=now() - timedelta(hours=2)))
    wrong = look(lambda: take(amina, pulse=150).id)
    assert look(lambda: latest_vitals([amina.patient, 4711])[amina.patient].pulse) == 150
    look(lambda: db.session.get(VitalSign, wrong).void("The neighbour’s"))
    assert look(lambda: latest_vitals([amina.patient])[amina.patient].pulse) == 72


def test_the_body_mass_index_needs_height_and_weight(look, amina):
    measured = {"height_cm": Decimal(165), "weight_kg": Decimal("58.4")}
    assert look(lambda: take(amina, **measured).bmi) == Decimal("21.5")
    assert look(lambda: take(amina, weight_kg=Decimal(60)).bmi) is None


# The pages


def test_a_nurse_takes_vital_signs_and_the_patients_page_shows_them(amina, nurse):
    path = f"/nurses/encounters/{amina.visit}/vitals/new"
    assert "Amina Yusuf" in nurse.page(path).text
    answer = nurse.post(path, data=TYPED | {"pulse": "115", "spo2": "91"})
    assert answer.location == f"/patients/{amina.patient}/vitals"
    shown = nurse.page(answer.location)
    assert "NEWS2 5: the attending doctor is told." in shown.text
    assert "120/80" in shown.text
    assert "Pulse and blood pressure" in shown.text
    assert "NEWS2 5" in nurse.page(f"/patients/{amina.patient}/timeline").text
    assert nurse.page(f"/patients/{amina.patient}/vitals?span=7d").text.count("120/80") == shown.text.count("120/80")


def test_a_form_that_says_something_impossible_is_refused_at_the_field(amina, nurse):
    """NUR-4."""
    answer = nurse.post(f"/nurses/encounters/{amina.visit}/vitals/new", data=TYPED | {"spo2": "101", "bp_dia": "120"})
    assert answer.status_code == 422
    assert "Oxygen saturation (%) must be a whole number from 50 to 100" in Page(answer.text).text
    answer = nurse.post(f"/nurses/encounters/{amina.visit}/vitals/new", data=TYPED | {"bp_dia": "120"})
    assert "Systolic blood pressure must be above the diastolic one" in Page(answer.text).text


def test_the_same_form_sent_twice_is_kept_once(amina, nurse, look):
    for _time in range(2):
        nurse.post(f"/nurses/encounters/{amina.visit}/vitals/new", data=TYPED)
    assert look(lambda: db.session.query(VitalSign).count()) == 1


def test_what_was_recorded_wrongly_is_taken_back_for_a_reason(amina, nurse, look):
    number = look(lambda: take(amina, pulse=287).id)
    assert "287" in nurse.page(f"/patients/{amina.patient}/vitals").text
    assert nurse.post(f"/nurses/vitals/{number}/void", data={"reason": ""}).status_code == 422
    assert nurse.post(f"/nurses/vitals/{number}/void", data={"reason": "Wrong patient"}).status_code == 303
    assert "287" not in nurse.page(f"/patients/{amina.patient}/vitals").text
    assert nurse.get(f"/nurses/vitals/{number}/void").status_code == 409
