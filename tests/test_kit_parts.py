"""What modules show on each other's pages: one that fails takes nothing else with it."""

import pytest

from modules.patients.models import Patient
from portal.extensions import db
from portal.kit import Act, Moment, filled, now, timeline_of
from portal.kit.parts import Part, tabs_of
from portal.tenancy.current import in_hospital

PLACE = "trial.acts"


@pytest.fixture
def declare(app, monkeypatch):
    """Declares a part of the patients' module for this test."""
    module = app.extensions["modules"]["patients"]

    def add(place: str, read, **more) -> None:
        part = Part(place, f"trial-{len(module.parts)}", "Trial", "patients.view", read, **more)
        monkeypatch.setattr(module, "parts", [*module.parts, part])

    return add


@pytest.fixture
def anybody(app, hospital, monkeypatch):
    """Inside the hospital, as somebody who may see patients."""
    monkeypatch.setattr(Part, "is_allowed", True)
    with app.test_request_context(), in_hospital(hospital):
        yield


def test_a_part_that_fails_while_it_gives_is_left_out(declare, anybody):
    def one_by_one():
        yield Act("First", "plus", "/first")
        raise OSError("the second is away")

    declare(PLACE, one_by_one)
    declare(PLACE, lambda: [Act("Other", "plus", "/other")])
    assert [act.label for act in filled(PLACE)] == ["Other"]


def test_what_fills_a_place_can_be_looked_at_twice(declare, anybody):
    declare(PLACE, lambda: [Act("Other", "plus", "/other")])
    acts = filled(PLACE)
    assert [act.label for act in acts] == [act.label for act in acts] == ["Other"]


def test_what_is_told_in_general_gives_way_to_who_knows_more_of_the_same_thing(declare, anybody):
    def general(_record, _before, _most) -> list[Moment]:
        return [Moment(now(), "bed", title, told_of=of, is_general=True) for title, of in (("Stay", 1), ("Visit", 2))]

    declare(PLACE, general)
    declare(PLACE, lambda *_asked: [Moment(now(), "bed", "Admitted", told_of=1), Moment(now(), "plus", "Registered")])
    titles = sorted(moment.title for moment in timeline_of(PLACE, Patient(), now(), 9))
    assert titles == ["Admitted", "Registered", "Visit"]


def test_a_number_beside_a_tab_that_cannot_be_counted_leaves_the_page_standing(app, hospital, client_with, declare):
    def count(patient):
        raise OSError("the laboratory is away")

    declare(tabs_of("patients_patient"), lambda patient: "", count=count)
    with app.app_context(), in_hospital(hospital):
        Patient(first_name="Zoë", last_name="Ng", sex="female").register()
        db.session.commit()
    page = client_with("patients.view").page("/patients/1")
    assert "Trial" in page.text
