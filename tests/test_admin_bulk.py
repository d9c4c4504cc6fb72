"""Work on many hospitals from the list: one operation each, a result for each, also without script (T27, ux 8–10)."""

import re

import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry, Operation, Tenant
from portal.extensions import db
from portal.provisioning import operations
from tests.consoles import browser_as, operations_of, tenant_of
from tests.provisioned import change, database, register, remove, request_again

BULK = "/admin/hospitals/bulk"


def ids(app) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Tenant.id).order_by(Tenant.id)))


def perform_all(app) -> None:
    """What the worker does with everything that waits."""
    with app.app_context():
        waiting = db.session.scalars(sa.select(Operation.id).where(Operation.state == "queued")).all()
        for operation_id in waiting:
            assert operations.perform(operation_id)


def clinics(app, count: int) -> None:
    with app.app_context():
        for number in range(count):
            register(f"clinic-{number:03}", f"Clinic {number:03}", with_database=False)


def test_chosen_hospitals_are_checked_one_operation_each_and_summed_up(app, signed_in, two_hospitals):
    clinics(app, 1)
    answer = signed_in.post(BULK, data={"work": "verify", "hospital": ids(app)})
    assert answer.status_code == 303
    page = signed_in.page(answer.location)
    assert "Checking 3 hospitals" in page.headings
    assert "0 of 3 have ended" in page.text
    assert 'data-hx-trigger="every 1s"' in page.html
    assert "Show the progress now" in page.text
    perform_all(app)
    page = signed_in.page(answer.location)
    assert "3 checked: 2 Ready, 1 Missing/Error." in page.text
    assert "Clinic 000 Succeeded Missing/Error The database cannot be found." in page.text
    assert "data-hx-trigger" not in page.html
    with app.app_context():
        entries = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "verify_hospital")).all()
        assert sorted(entry.tenant_id for entry in entries) == [1, 2, 3]
        assert [operation.kind for operation in operations_of("lakeside")] == ["create", "verify"]


def test_creating_leaves_out_what_is_ready_or_busy_and_one_failure_stops_nobody(app, signed_in, two_hospitals):
    clinics(app, 4)
    with app.app_context():
        request_again(tenant_of("clinic-000").id, "verify")
        change(database("clinic-001"), "CREATE TABLE somebody_elses (id INTEGER)")
    answer = signed_in.post(BULK, data={"work": "create", "hospital": ids(app)})
    text = signed_in.page(answer.location).text
    assert "City General Hospital Skipped Ready The database was Ready already." in text
    assert "Clinic 000 Skipped Unknown Other work on this hospital was under way." in text
    assert "All 6 Waiting 3 Skipped 3" in text
    perform_all(app)
    page = signed_in.page(answer.location)
    summary = "2 created, 2 skipped (already Ready), 1 skipped (other work is under way), 1 failed."
    assert summary in page.text
    assert "All 6 Succeeded 2 Failed 1 Skipped 3" in page.text
    failed = signed_in.page(f"{answer.location}?state=failed").text
    assert "Clinic 001 Failed" in failed
    assert "Clinic 002" not in failed
    assert summary in failed
    again = [field["value"] for field in page.fields if field.get("name") == "hospital"]
    with app.app_context():
        assert again == [str(tenant_of("clinic-001").id)]
        remove(database("clinic-001"))
    answer = signed_in.post(BULK, data={"work": "create", "hospital": again})
    perform_all(app)
    assert "1 created." in signed_in.page(answer.location).text


@pytest.mark.sqlite
def test_five_poisoned_hospitals_do_not_stop_195(app, signed_in):
    poisoned = (3, 11, 57, 120, 199)
    clinics(app, 200)
    with app.app_context():
        for number in poisoned:
            change(database(f"clinic-{number:03}"), "CREATE TABLE somebody_elses (id INTEGER)")
    answer = signed_in.post(f"{BULK}?q=clinic", data={"work": "create", "all": "1"})
    perform_all(app)
    page = signed_in.page(answer.location)
    assert "195 created, 5 failed." in page.text
    again = [field["value"] for field in page.fields if field.get("name") == "hospital"]
    with app.app_context():
        assert again == [str(tenant_of(f"clinic-{number:03}").id) for number in poisoned]
        assert db.session.scalar(sa.select(sa.func.count()).where(Tenant.status == "ready")) == 195


def test_where_all_were_left_out_the_list_says_why(app, signed_in, two_hospitals):
    answer = signed_in.post(f"{BULK}?q=a", data={"work": "create", "hospital": ids(app)})
    assert answer.location == "/admin/hospitals/?q=a"
    assert "2 skipped, already Ready: City General Hospital, Lakeside Clinic" in signed_in.page(answer.location).text


def test_a_hospital_that_is_gone_since_it_was_ticked_is_left_out(app, signed_in, two_hospitals):
    gone = ids(app)[1]
    with app.app_context():
        db.session.execute(sa.update(Tenant).where(Tenant.id == gone).values(mode="deleted"))
        db.session.commit()
    answer = signed_in.post(BULK, data={"work": "verify", "hospital": [ids(app)[0], gone, 4711]})
    assert "Checking 1 hospitals" in signed_in.page(answer.location).headings


@pytest.mark.parametrize("state", ["nonsense", "cancelled"])
def test_an_unknown_tab_shows_all_and_an_empty_one_none(app, signed_in, two_hospitals, state):
    answer = signed_in.post(BULK, data={"work": "verify", "hospital": ids(app)})
    text = signed_in.page(f"{answer.location}?state={state}").text
    assert ("Lakeside Clinic" in text) == (state == "nonsense")


def test_what_was_cancelled_is_not_among_what_is_tried_again(app, signed_in, two_hospitals):
    answer = signed_in.post(BULK, data={"work": "verify", "hospital": ids(app)})
    signed_in.post(f"{answer.location}/cancel")
    page = signed_in.page(answer.location)
    assert "0 checked, 2 cancelled." in page.text
    assert "again" not in page.text


def test_all_that_match_are_chosen_with_the_filters_of_the_list(app, signed_in, two_hospitals):
    clinics(app, 30)
    page = signed_in.page("/admin/hospitals/?q=clinic&status=unknown&per_page=10")
    assert "Select all 30 hospitals that match" in page.text
    address = re.search(r'id="hospitals-bulk" method="post" action="([^"]+)"', page.html)[1].replace("&amp;", "&")
    answer = signed_in.post(address, data={"work": "verify", "all": "1"})
    assert "Checking 30 hospitals" in signed_in.page(answer.location).headings
    with app.app_context():
        assert len(operations_of("lakeside")) == 1


def test_two_hundred_are_asked_for_with_a_fixed_number_of_reads(app, signed_in, count_queries):
    clinics(app, 200)
    with count_queries() as few:
        signed_in.post(BULK, data={"work": "verify", "hospital": ids(app)[:2]})
    with count_queries() as many:
        answer = signed_in.post(BULK, data={"work": "verify", "hospital": ids(app)[2:]})
    assert answer.status_code == 303
    reads = [sum(one.startswith("SELECT") for one in statements) for statements in (few, many)]
    assert reads[0] == reads[1]
    with count_queries() as shown:
        assert "Checking 198 hospitals" in signed_in.page(answer.location).headings
    assert len(shown) <= 6


def test_what_no_worker_has_begun_can_be_taken_back(app, signed_in, two_hospitals):
    answer = signed_in.post(BULK, data={"work": "verify", "hospital": ids(app)})
    with app.app_context():
        assert operations.perform(operations_of("city-general")[-1].id)
    signed_in.post(f"{answer.location}/cancel")
    text = signed_in.page(answer.location).text
    assert "1 cancelled before they began." in text
    assert "1 checked: 1 Ready. 1 cancelled." in text
    with app.app_context():
        last = operations_of("lakeside")[-1]
        assert (last.state, last.active_key, {step.state for step in last.steps}) == ("cancelled", None, {"skipped"})


@pytest.mark.parametrize("given", [{}, {"hospital": ["999", "x"]}])
def test_nothing_chosen_is_said_and_the_filters_stay(signed_in, hospital, given):
    answer = signed_in.post(f"{BULK}?q=city&endpoint=x&_external=1", data={"work": "verify", **given})
    assert answer.location == "/admin/hospitals/?q=city"
    assert "Select at least one hospital." in signed_in.page(answer.location).text


def test_unknown_work_and_unknown_batches_are_refused(signed_in, hospital):
    assert signed_in.post(BULK, data={"work": "drop", "hospital": [1]}).status_code == 400
    for batch in ("x", "0" * 36, "00000000-0000-0000-0000-000000000000"):
        assert signed_in.get(f"{BULK}/{batch}").status_code == 404


def test_a_hospital_administrator_has_no_boxes_and_may_not(app, hospital):
    browser = browser_as(app, "omar", "hospital_admin", hospital)
    assert 'name="hospital"' not in browser.page("/admin/hospitals/").html
    assert browser.post(BULK, data={"work": "verify", "hospital": [hospital.id]}).status_code == 403


def test_a_poll_is_answered_only_when_something_has_changed(app, signed_in, two_hospitals):
    answer = signed_in.post(BULK, data={"work": "verify", "hospital": ids(app)})
    page = signed_in.page(answer.location)
    poll = re.search(r'id="bulk-work"[^>]* data-hx-get="([^"]+)"', page.html)[1].replace("&amp;", "&")
    assert signed_in.get(poll).status_code == 204
    with app.app_context():
        assert operations.perform(operations_of("city-general")[-1].id)
    assert "1 of 2 have ended" in signed_in.page(poll).text
