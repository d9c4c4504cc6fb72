"""The console and the command line change a hospital's mode: asked first, written down, shown in the list."""

import json

import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager
from tests.consoles import browser_as, tenant_of

RECORD = "/admin/hospitals/city-general"


def mode(app) -> tuple[str, str]:
    with app.app_context():
        tenant = tenant_of("city-general")
        return tenant.mode, tenant.mode_reason


def audited(app) -> list[tuple[str, str, str]]:
    with app.app_context():
        rows = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action != "create_hospital"))
        return [(row.action, row.actor, row.outcome) for row in rows]


@pytest.mark.parametrize(
    ("close", "after", "badge", "back", "opens"),
    [
        ("suspend", "suspended", "Suspended", "resume", "resume_hospital"),
        ("start-maintenance", "maintenance", "Maintenance", "end-maintenance", "end_maintenance"),
        ("make-read-only", "read_only", "Read-only", "make-writable", "make_writable"),
    ],
)
def test_each_mode_is_asked_about_shown_and_taken_back(signed_in, app, hospital, close, after, badge, back, opens):
    page = signed_in.page(f"{RECORD}/close/{close}")
    assert "What this does" in page.text
    assert mode(app)[0] == "active"
    answer = signed_in.post(f"{RECORD}/close/{close}", data={"reason": "Because of it."})
    assert answer.status_code == 303
    assert mode(app) == (after, "Because of it.")
    record = signed_in.page(RECORD)
    assert "Because of it." in record.text
    assert badge in record.text
    assert f"Ready {badge}" in signed_in.page("/admin/hospitals/").text
    assert f"{RECORD}/open/{back}" in record.html
    assert signed_in.post(f"{RECORD}/open/{back}").status_code == 303
    assert mode(app) == ("active", "")
    assert [row[0] for row in audited(app)][-1] == opens
    assert {row[1] for row in audited(app)} == {"root"}


def test_suspending_wants_a_reason_and_keeps_what_was_typed(signed_in, app, hospital):
    answer = signed_in.post(f"{RECORD}/close/suspend", data={"reason": " "})
    assert answer.status_code == 422
    assert "Enter the reason" in answer.text
    answer = signed_in.post(f"{RECORD}/close/suspend", data={"reason": "y" * 301})
    assert answer.status_code == 422
    assert "y" * 301 in answer.text
    assert mode(app)[0] == "active"


def test_the_list_can_be_narrowed_to_a_mode(signed_in, app, two_hospitals):
    with app.app_context():
        TenantDatabaseManager.start_maintenance("lakeside")
    for wanted, shown in (("maintenance", True), ("suspended", False), ("read_only", False), ("odd", True)):
        assert ("Lakeside Clinic" in signed_in.page(f"/admin/hospitals/?mode={wanted}").text) is shown
    page = signed_in.page("/admin/hospitals/?mode=maintenance")
    assert "City General" not in page.text
    assert "All 1 Ready 1" in page.text


def test_a_second_click_changes_nothing_more_and_a_wrong_one_is_refused_in_words(signed_in, app, hospital):
    for _click in range(2):
        signed_in.post(f"{RECORD}/close/suspend", data={"reason": "Not paid"})
    assert [row[0] for row in audited(app)] == ["suspend_hospital"]
    signed_in.post(f"{RECORD}/close/start-maintenance")
    assert "City General Hospital is suspended. End that first." in signed_in.page(RECORD).text
    assert mode(app) == ("suspended", "Not paid")


@pytest.mark.parametrize("path", ["close/resume", "close/odd", "open/odd", "open/suspend"])
def test_nothing_else_is_a_mode(signed_in, app, hospital, path):
    assert signed_in.post(f"{RECORD}/{path}").status_code == 404
    assert mode(app)[0] == "active"


def test_a_hospital_administrator_sees_the_mode_and_may_not_change_it(app, hospital):
    with app.app_context():
        TenantDatabaseManager.make_read_only("city-general", "Agreement")
    browser = browser_as(app, "omar", "hospital_admin", hospital)
    page = browser.page(RECORD)
    assert "Read-only since" in page.text
    assert "/open/" not in page.html
    assert browser.post(f"{RECORD}/open/make-writable").status_code == 403
    assert browser.get(f"{RECORD}/close/suspend").status_code == 403
    assert mode(app)[0] == "read_only"
    assert audited(app)[-1] == ("open_hospital", "omar", "refused")


def test_an_administrator_cannot_be_added_where_nothing_may_be_written(signed_in, app, hospital):
    from tests.consoles import add_platform_user

    with app.app_context():
        user_id = add_platform_user("grace", "hospital_admin").id
        TenantDatabaseManager.suspend_hospital("city-general")
    signed_in.post(f"{RECORD}/administrators", data={"administrator": user_id})
    text = signed_in.page(RECORD).text
    assert "Nothing can be written to City General Hospital in its present mode. Change that first." in text


def test_the_command_line_changes_modes_in_the_same_words(app, hospital):
    run = app.test_cli_runner().invoke
    for arguments, said, after in (
        (["suspend", "--reason", "Not paid"], "City General Hospital is suspended.", "suspended"),
        (["resume"], "City General Hospital is in use again.", "active"),
        (["maintenance", "--reason", "Back at 14:00."], "City General Hospital is in maintenance.", "maintenance"),
        (["maintenance", "--off"], "City General Hospital is in use again.", "active"),
        (["read-only"], "City General Hospital is read-only.", "read_only"),
        (["read-only", "--off"], "City General Hospital can be written to again.", "active"),
        (["suspend"], "City General Hospital is suspended.", "suspended"),
        (["suspend", "--off"], "City General Hospital is in use again.", "active"),
    ):
        result = run(args=["tenant", arguments[0], "city-general", *arguments[1:]])
        assert (result.exit_code, result.output.strip()) == (0, said)
        assert mode(app)[0] == after


def test_the_command_line_answers_in_json_and_with_exit_codes(app, hospital):
    run = app.test_cli_runner().invoke
    facts = json.loads(run(args=["tenant", "suspend", "city-general", "--reason", "x", "--json"]).output)
    assert (facts["mode"], facts["mode_reason"]) == ("suspended", "x")
    assert facts["mode_since"]
    assert run(args=["tenant", "suspend", "nobody"]).exit_code == 2
    refused = run(args=["tenant", "maintenance", "city-general"])
    assert refused.exit_code == 2
    assert "is suspended. End that first." in refused.output
    assert "Ready          City General Hospital (suspended)" in run(args=["tenant", "list"]).output
