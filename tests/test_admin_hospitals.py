"""The list of hospitals: what it shows, finds and counts, and how it keeps itself current."""

import re

import pytest
import sqlalchemy as sa

from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning import asking, operations
from tests.conftest import make_hospital
from tests.consoles import browser_as, tenant_of


def test_a_hospital_is_listed_with_its_address_state_and_administrator(signed_in, app, hospital):
    text = signed_in.page("/admin/hospitals/").text

    count = len(app.extensions["modules"])
    assert f"City General Hospital city-general.localhost Ready {count}/{count}" in text
    assert "Enterprise No end Omar Haddad just now" in text
    assert "Showing 1 to 1 of 1 hospital" in text


def test_the_console_begins_with_the_list(signed_in):
    assert signed_in.get("/admin/").location == "/admin/hospitals/"


@pytest.mark.parametrize("q", ["city", "GENERAL city", "city-gen", " hospital "])
def test_search_finds_words_of_the_name_and_the_subdomain(signed_in, two_hospitals, q):
    text = signed_in.page("/admin/hospitals/", query_string={"q": q}).text

    assert "City General Hospital" in text
    assert "Lakeside Clinic" not in text


@pytest.mark.parametrize("q", ["%", "_", "\\", "city lakeside"])
def test_search_takes_every_sign_as_itself(signed_in, two_hospitals, q):
    page = signed_in.page("/admin/hospitals/", query_string={"q": q})

    assert "No hospitals match" in page.text
    assert ("/admin/hospitals/", "Clear filters") in page.links


def test_tabs_count_what_search_and_plan_leave(signed_in, app, two_hospitals):
    with app.app_context():
        tenant_of("lakeside").status = "missing"
        db.session.commit()

    assert "All 2 Ready 1 Incomplete 0 Missing/Error 1 Unknown 0" in signed_in.page("/admin/hospitals/").text
    searched = signed_in.page("/admin/hospitals/?q=lakeside&status=missing").text
    assert "All 1 Ready 0 Incomplete 0 Missing/Error 1 Unknown 0" in searched
    assert "City General Hospital" not in searched


def test_the_plan_filter_leaves_hospitals_of_that_plan(signed_in, app, two_hospitals):
    with app.app_context():
        tenant_of("lakeside").plan_id = 1
        db.session.commit()

    text = signed_in.page("/admin/hospitals/?plan=1").text

    assert "Lakeside Clinic" in text
    assert "City General Hospital" not in text


@pytest.mark.parametrize("sort", ["name", "status", "modules", "tables", "plan", "ends", "checked"])
def test_each_column_sorts_both_ways(signed_in, app, two_hospitals, sort):
    with app.app_context():
        tenant = tenant_of("lakeside")
        tenant.status, tenant.modules_ready, tenant.tables, tenant.plan_id = "incomplete", 1, 1, 1
        tenant.ends_on = tenant.starts_on.replace(year=2030)
        db.session.commit()

    def order(sort: str) -> list[str]:
        links = signed_in.page(f"/admin/hospitals/?sort={sort}").links
        return [text for _address, text in links if text in ("City General Hospital", "Lakeside Clinic")]

    assert len(order(sort)) == 2
    assert sort == "ends" or order(sort) == order(f"-{sort}")[::-1]


def test_unknown_values_in_the_address_are_ignored(signed_in, hospital):
    page = signed_in.page("/admin/hospitals/?status=rich&plan=x&sort=-nothing&page=999&per_page=7&q=")

    assert "City General Hospital" in page.text


def test_the_number_of_queries_does_not_grow_with_the_rows(signed_in, app, hospital, count_queries):
    with count_queries() as one:
        signed_in.page("/admin/hospitals/")
    make_hospital(app, "lakeside", "Lakeside Clinic")
    make_hospital(app, "northgate", "Northgate General")
    with count_queries() as three:
        signed_in.page("/admin/hospitals/")

    assert len(three) == len(one) <= 8


def test_a_hospital_administrator_sees_only_the_own_hospital(app, two_hospitals):
    browser = browser_as(app, "omar", "hospital_admin", two_hospitals[0])

    text = browser.page("/admin/hospitals/").text

    assert "City General Hospital" in text
    assert "Lakeside Clinic" not in text
    assert "All 1 Ready 1" in text
    assert "Create hospital" not in text


def test_each_empty_list_says_why_it_is_empty(app, signed_in):
    assert "No hospitals yet" in signed_in.page("/admin/hospitals/").text
    assert "No hospitals match" in signed_in.page("/admin/hospitals/?q=nowhere").text
    stranger = browser_as(app, "nobody", "hospital_admin")
    assert "You do not administer a hospital yet" in stranger.page("/admin/hospitals/").text


def test_a_row_with_work_under_way_is_asked_for_again_until_the_work_ends(signed_in, app, hospital):
    with app.app_context():
        operation_id = asking.request(db.session.get(Tenant, hospital.id), "verify").id
        db.session.commit()

    page = signed_in.page("/admin/hospitals/")
    assert "Queued" in page.text
    address = re.search(r'data-hx-get="(/admin/hospitals/poll[^"]+)"', page.html)[1]
    answer = signed_in.get(address).get_data(as_text=True)
    assert "Queued" in answer
    assert 'data-hx-trigger="every 1s"' in answer

    with app.app_context():
        operations.perform(operation_id)
    answer = signed_in.get(address).get_data(as_text=True)
    assert "Ready" in answer
    assert "data-hx-trigger" not in answer


def test_the_poll_shows_nobody_elses_hospital(app, two_hospitals):
    browser = browser_as(app, "omar", "hospital_admin", two_hospitals[0])

    answer = browser.get("/admin/hospitals/poll?ids=1,2,x,99999999999999999999").get_data(as_text=True)

    assert 'id="hospital-1-status"' in answer
    assert 'id="hospital-2-status"' not in answer


def test_a_name_is_always_text(signed_in, app, hospital):
    with app.app_context():
        db.session.execute(sa.update(Tenant).values(name="<script>alert(1)</script> {{7*7}}"))
        db.session.commit()

    page = signed_in.page("/admin/hospitals/")

    assert "<script>alert" not in page.html
    assert "<script>alert(1)</script> {{7*7}}" in page.text
