"""Arranging the dashboard: by each person for themselves, and by the hospital for each role."""

import re

import pytest
import sqlalchemy as sa

from modules.dashboard.arranging import PLACES
from modules.dashboard.models import Layout, Widget
from portal.auth.models import ADMIN_ROLE, Group, UserGroup
from portal.extensions import db
from portal.kit.seed import ROLES
from portal.tenancy.current import in_hospital
from tests.conftest import add_user

EVERYTHING = ("dashboard.view", "patients.view", "staff.view")
USUAL = ["Patients", "Registered today", "Active staff", "On leave"]
KEYS = ["patients-all", "patients-today", "staff-active", "staff-leave"]
PANELS = ["staff-departments", "patients-registrations", "patients-latest"]
MOST = 6
TILE = re.compile(r'<span class="k">.*?</svg>([^<]+)</span>', re.S)
ROWS = re.compile(r'<input type="hidden" name="part" value="([^"]+)">.*?name="shown" value="[^"]+"( checked)?', re.S)


@pytest.fixture
def person_with(app, hospital):
    """A browser of somebody who has these roles of the hospital, as it was set up."""

    def make(*roles: str, username: str = "leila"):
        browser = app.test_client(hospital=hospital)
        with app.app_context():
            user = add_user(hospital, username)
            with in_hospital(hospital):
                ids = db.session.scalars(sa.select(Group.id).where(Group.name.in_(roles))).all()
                assert len(ids) == len(roles)
                db.session.add_all(UserGroup(user_id=user.id, group_id=one) for one in ids)
                db.session.commit()
                browser.sign_in_as(user)
        return browser

    return make


@pytest.fixture
def kept(app, hospital):
    """How many rows of a model the hospital keeps."""

    def count(model) -> int:
        with app.app_context(), in_hospital(hospital):
            return db.session.scalar(sa.select(sa.func.count()).select_from(model))

    return count


def tiles(browser) -> list[str]:
    """The numbers of somebody's dashboard, in their order; those of the clinical modules stand in their own tests."""
    known = {*USUAL, "Failed events", "Credentials ending soon"}
    return [label for label in TILE.findall(browser.page("/dashboard/").html) if label in known]


def rows(browser, path: str = "/dashboard/arrange") -> list[tuple[str, bool]]:
    """The parts that a form arranges: key, and whether it is ticked."""
    return [(key, bool(ticked)) for key, ticked in ROWS.findall(browser.page(path).html)]


def send(browser, parts: list[str], shown: list[str], path: str = "/dashboard/arrange", **button):
    """Send the form with this order and these ticks."""
    return browser.post(path, data={"part": parts, "shown": shown, **button})


# --- what is usual -------------------------------------------------------------------------------------------------


def test_a_person_without_a_role_has_everything_they_may_see(client_with):
    assert tiles(client_with(*EVERYTHING)) == USUAL


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("doctor", []),
        ("cashier", ["Patients"]),
        ("receptionist", ["Registered today"]),
        ("hr_officer", ["Active staff", "On leave", "Credentials ending soon"]),
        ("staff", ["Active staff"]),
    ],
)
def test_each_role_has_what_the_modules_mean_for_it(person_with, role, seen):
    assert tiles(person_with(role)) == seen


def test_the_administrator_begins_with_what_no_other_role_has_and_may_add_the_rest(person_with):
    administrator = person_with(ADMIN_ROLE)
    assert tiles(administrator) == ["Failed events"]
    assert {"patients-all", "staff-active"} <= {key for key, shown in rows(administrator) if not shown}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", ROLES)
def test_no_role_begins_with_more_than_fits_on_a_first_page(app, role, place):
    parts = [part for module in app.extensions["modules"].values() for part in module.parts if part.place == place]
    usual = [part.key for part in parts if role in part.roles]
    assert 1 <= len(usual) <= MOST, f"take “{role}” out of the roles of some of these: {usual}"


def test_who_has_two_roles_has_what_one_of_them_shows(person_with):
    assert tiles(person_with("cashier", "hr_officer")) == [
        "Patients",
        "Active staff",
        "On leave",
        "Credentials ending soon",
    ]


# --- for oneself ---------------------------------------------------------------------------------------------------


def test_what_is_not_ticked_is_hidden_and_the_order_is_kept(client_with):
    browser = client_with(*EVERYTHING)
    answer = send(browser, KEYS[::-1], KEYS[1:])
    assert answer.location == "/dashboard/"
    assert tiles(browser) == ["On leave", "Active staff", "Registered today"]
    assert dict(rows(browser))["patients-all"] is False


def test_a_hidden_part_may_still_be_opened(client_with):
    """Hiding is taste, not permission."""
    browser = client_with(*EVERYTHING)
    send(browser, KEYS, [])
    assert browser.page("/dashboard/widgets/patients-all").headings == ["Patients"]


def test_up_and_down_move_a_part_one_step_and_keep_the_ticks(client_with):
    browser = client_with(*EVERYTHING)
    send(browser, KEYS, KEYS[:3], up="staff-active")
    assert tiles(browser) == ["Patients", "Active staff", "Registered today"]
    send(browser, [key for key, _shown in rows(browser)], KEYS[:3], down="patients-all")
    assert tiles(browser) == ["Active staff", "Patients", "Registered today"]


def test_at_the_ends_of_its_list_nothing_moves(client_with):
    browser = client_with(*EVERYTHING)
    send(browser, KEYS + PANELS, KEYS + PANELS, up="patients-all")
    send(browser, KEYS + PANELS, KEYS + PANELS, down="staff-leave")
    send(browser, KEYS + PANELS, KEYS + PANELS, up="staff-departments")
    assert rows(browser) == [(key, True) for key in KEYS + PANELS]


@pytest.mark.parametrize(
    ("button", "goes_to"),
    [
        ({"up": "staff-leave"}, "up-staff-leave"),
        ({"up": "patients-today"}, "down-patients-today"),
        ({"down": "patients-all"}, "down-patients-all"),
        ({"down": "staff-active"}, "up-staff-active"),
    ],
)
def test_the_focus_stays_on_the_button_while_there_is_one(client_with, button, goes_to):
    browser = client_with(*EVERYTHING)
    location = send(browser, KEYS, KEYS, **button).location
    assert location == f"/dashboard/arrange#{goes_to}"
    assert goes_to in browser.page("/dashboard/arrange").ids


def test_a_part_that_the_form_does_not_name_stays_as_it_was(client_with):
    browser = client_with(*EVERYTHING)
    send(browser, ["staff-leave", "nothing-like-it", "staff-leave"], ["staff-leave", "nothing-like-it"])
    assert tiles(browser) == ["On leave", "Patients", "Registered today", "Active staff"]


def test_looking_keeps_nothing_and_arranging_keeps_one_row_for_each_part(client_with, kept):
    browser = client_with(*EVERYTHING)
    rows(browser), tiles(browser)
    assert (kept(Widget), kept(Layout)) == (0, 0)
    send(browser, KEYS, KEYS)
    send(browser, KEYS[::-1], KEYS)
    assert (kept(Widget), kept(Layout)) == (len(KEYS + PANELS), len(KEYS + PANELS))


@pytest.mark.parametrize("path", ["/dashboard/arrange", "/dashboard/roles/nurse"])
def test_asking_only_for_the_head_of_a_page_keeps_nothing(person_with, kept, path):
    administrator = person_with(ADMIN_ROLE)
    assert administrator.head(path).status_code == 200
    assert (kept(Widget), kept(Layout)) == (0, 0)


def test_one_persons_arrangement_is_nobody_elses(client_with):
    browser, other = client_with(*EVERYTHING), client_with(*EVERYTHING, username="omar")
    send(browser, KEYS, ["staff-active"])
    assert (tiles(browser), tiles(other)) == (["Active staff"], USUAL)


def test_back_to_the_usual_arrangement(client_with, kept):
    browser = client_with(*EVERYTHING)
    send(browser, KEYS, [])
    assert "Nothing is chosen" in send_and_look(browser)
    browser.post("/dashboard/arrange/usual")
    assert tiles(browser) == USUAL
    assert kept(Layout) == 0


def send_and_look(browser) -> str:
    """What the dashboard says when every part is hidden."""
    send(browser, KEYS + PANELS, [])
    return browser.page("/dashboard/").text


def test_what_a_person_may_not_see_is_not_to_arrange(client_with):
    browser = client_with("dashboard.view", "patients.view")
    assert [key for key, _shown in rows(browser)] == [*KEYS[:2], "patients-registrations", "patients-latest"]
    send(browser, KEYS, KEYS)
    assert tiles(browser) == USUAL[:2]


def test_a_part_that_came_later_stands_at_the_end_as_is_usual(client_with, app, hospital):
    browser = client_with(*EVERYTHING)
    send(browser, KEYS[::-1], KEYS)
    with app.app_context(), in_hospital(hospital):
        late = db.session.scalars(sa.select(Widget).where(Widget.code == "staff-leave")).one()
        db.session.execute(sa.delete(Layout).where(Layout.widget_id == late.id))
        db.session.commit()
    assert tiles(browser) == ["Active staff", "Registered today", "Patients", "On leave"]


def test_who_may_see_nothing_has_nothing_to_arrange(client_with):
    assert "Nothing to arrange" in client_with("dashboard.view").page("/dashboard/arrange").text


def test_the_page_takes_as_many_queries_however_much_is_arranged(client_with, count_queries):
    browser = client_with(*EVERYTHING)
    browser.get("/dashboard/")
    with count_queries() as before:
        browser.get("/dashboard/")
    send(browser, KEYS[::-1], KEYS)
    with count_queries() as after:
        browser.get("/dashboard/")
    assert len(after) == len(before)


# --- for a role ----------------------------------------------------------------------------------------------------

FOR_NURSES = "/dashboard/roles/nurse"


def test_the_hospital_arranges_what_is_usual_for_a_role(person_with):
    administrator, nurse = person_with(ADMIN_ROLE, username="ines"), person_with("nurse")
    assert dict(rows(administrator, FOR_NURSES))["staff-active"] is False
    send(administrator, ["staff-active", "patients-all", "staff-leave"], ["staff-active", "patients-all"], FOR_NURSES)
    assert tiles(nurse) == ["Active staff", "Patients"]
    assert tiles(person_with("doctor", username="kofi")) == []


def test_a_persons_own_arrangement_stays_when_the_role_is_arranged(person_with):
    administrator, nurse = person_with(ADMIN_ROLE, username="ines"), person_with("nurse")
    send(nurse, KEYS, ["patients-today"])
    send(administrator, KEYS, ["staff-active"], FOR_NURSES)
    assert tiles(nurse) == ["Registered today"]
    nurse.post("/dashboard/arrange/usual")
    assert tiles(nurse) == ["Active staff"]


def test_a_role_goes_back_to_what_the_modules_mean(person_with):
    administrator, nurse = person_with(ADMIN_ROLE, username="ines"), person_with("nurse")
    send(administrator, KEYS, KEYS, FOR_NURSES)
    send(administrator, KEYS, KEYS, "/dashboard/roles/doctor")
    assert administrator.post(f"{FOR_NURSES}/usual").location == FOR_NURSES
    assert tiles(nurse) == []
    assert tiles(person_with("doctor", username="kofi")) == USUAL


def test_a_role_is_offered_only_what_it_may_see(person_with):
    administrator = person_with(ADMIN_ROLE)
    assert not [key for key, _shown in rows(administrator, "/dashboard/roles/staff") if key.startswith("patients")]


def test_moving_a_part_of_a_role_stays_on_the_roles_page(person_with):
    answer = send(person_with(ADMIN_ROLE), KEYS, KEYS, FOR_NURSES, down="patients-all")
    assert answer.location == f"{FOR_NURSES}#down-patients-all"


def test_a_role_that_no_hospital_has_is_not_found(person_with):
    administrator = person_with(ADMIN_ROLE)
    assert administrator.get("/dashboard/roles/wizard").status_code == 404
    assert administrator.post("/dashboard/roles/wizard/usual").status_code == 404


def test_only_who_may_arrange_roles_sees_them(person_with):
    assert "/dashboard/roles/nurse" in [url for url, _words in person_with(ADMIN_ROLE).page("/dashboard/arrange").links]
    doctor = person_with("doctor", username="kofi")
    assert "Whose dashboard" not in doctor.page("/dashboard/arrange").text
    assert doctor.get("/dashboard/roles/nurse").status_code == 403
