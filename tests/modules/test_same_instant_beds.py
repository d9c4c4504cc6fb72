"""Beds at the same instant: real requests to the served portal, on real files."""

import pytest
import sqlalchemy as sa

from modules.rooms.agreement import find_mismatches
from modules.rooms.api import assign_bed
from modules.rooms.models import Bed, BedAllocation
from portal.extensions import db
from tests.modules.at_once import AT_ONCE, statuses, together
from tests.modules.bed_ward import come, open_ward

NURSE = tuple(f"rooms.{verb}" for verb in "view reserve assign transfer clean change".split())
NURSE = (*NURSE, "patients.view")
GIVEN = {"patients_encounter": 0}


@pytest.fixture
def ward(look):
    """Ward A with four beds."""
    return look(open_ward)


def states(look) -> list[str]:
    """The states of the beds, and that each of them agrees with who has it (ROOM-8)."""
    assert look(find_mismatches) == []
    return look(lambda: db.session.scalars(sa.select(Bed.status).order_by(Bed.id)).all())


def test_of_twenty_who_assign_one_bed_one_patient_gets_it_and_the_others_see_the_fresh_board(
    ward, look, crowd, traces
):
    """ROOM-1, ROOM-8."""
    patients = look(lambda: [come(f"Name{number}").patient for number in range(AT_ONCE)])
    nurses, trace = crowd(*NURSE), traces()

    def click(number: int):
        wanted = {"bed_id": ward.beds[2], "patient_id": patients[number], "token": f"t{number}"}
        return nurses[number].post("/rooms/assign", **wanted)

    answers = together(click)
    assert statuses(answers) == {303: 1, 422: AT_ONCE - 1}
    for answer in answers:
        if answer.status_code == 422:
            assert "was just taken. Choose another one" in answer.text
            assert "A-03 Occupied" in answer.text
    assert states(look) == ["available", "available", "occupied", "available"]
    assert trace.rows() == {"rooms_bedallocation": 1}
    assert trace.events() == {"bedallocation.active": 1, "bed.occupied": 1, "bed.assigned": 1}
    trace.refuse_doubles()
