"""The page of migrations: who is behind, runs that are begun, paused, gone on with, cancelled and tried again."""

import pytest
import sqlalchemy as sa

from portal.control.models import AuditEntry, Rollout
from portal.extensions import db
from portal.migrations import head
from portal.provisioning.fleet import work
from tests.consoles import browser_as
from tests.fleets import begun, clinics, done, heal, poison, revisions, run_of
from tests.newer import ADD_COLUMN, FAILS_WHERE_POISONED

PAGE, BULK = "/admin/migrations/", "/admin/hospitals/bulk"


@pytest.fixture
def woken(monkeypatch) -> list[int]:
    """The runs for which workers were asked."""
    asked: list[int] = []
    monkeypatch.setattr(work.queue, "enqueue_batch", lambda job, run_id: asked.append(run_id))
    return asked


@pytest.fixture
def three(app):
    """Three clinics."""
    with app.app_context():
        clinics(3)


def last_run(app) -> Rollout:
    with app.app_context():
        return run_of(db.session.scalar(sa.select(sa.func.max(Rollout.id))))


def carry_out(app) -> None:
    """What the workers do."""
    with app.app_context():
        done(db.session.scalar(sa.select(sa.func.max(Rollout.id))))


def test_where_nobody_is_behind_the_page_says_so_and_offers_nothing(signed_in, three):
    page = signed_in.page(PAGE)
    assert f"3 hospitals are at revision {head('tenant')}" in page.text
    assert "Nothing has to be migrated." in page.text
    assert "Migrate all" not in page.text
    assert "No hospital was migrated yet" in page.text


def test_all_that_are_behind_are_migrated_and_what_failed_is_tried_again(app, signed_in, three, woken, newer_release):
    with app.app_context():
        poison(1)
    newest = newer_release(ADD_COLUMN, FAILS_WHERE_POISONED)
    page = signed_in.page(PAGE)
    assert f"0 of 3 hospitals are at revision {newest} 3 are behind." in page.text
    answer = signed_in.post(PAGE, data={"which": "all", "canary": "", "stop_after": ""})
    run = last_run(app)
    assert answer.location == f"{PAGE}{run.reference}"
    assert woken == [run.id] * work.TURNS_AT_ONCE
    page = signed_in.page(answer.location)
    assert "Migrating 3 hospitals" in page.headings
    assert "0 of 3 have ended" in page.text
    assert 'data-hx-trigger="every 1s"' in page.html
    assert "Show the progress now" in page.text
    carry_out(app)
    page = signed_in.page(answer.location)
    assert "2 migrated, 1 failed, 0 not begun." in page.text
    assert f"Clinic 001 Failed {head('tenant')[:2]}" in page.text
    assert f"Revision {newest} did not work: " in page.text
    assert page.text.index("Clinic 001") < page.text.index("Clinic 000"), "what failed stands first"
    assert "data-hx-trigger" not in page.html
    assert "1 is behind. 1 of them failed when it was migrated last." in signed_in.page(PAGE).text
    with app.app_context():
        heal(1)
    again = signed_in.post(f"{answer.location}/retry")
    assert (last_run(app).total, again.location) == (1, f"{PAGE}{last_run(app).reference}")
    carry_out(app)
    assert "1 migrated, 0 failed, 0 not begun." in signed_in.page(again.location).text
    assert signed_in.post(f"{answer.location}/retry").location == answer.location
    assert "None of the hospitals that failed is behind any more." in signed_in.page(answer.location).text
    with app.app_context():
        assert set(revisions().values()) == {newest}
        acts = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action == "migrate_hospitals")).all()
        assert len(acts) == 2


def test_only_the_ticked_ones_are_migrated(app, signed_in, three, woken, newer_release):
    newest = newer_release(ADD_COLUMN)
    assert signed_in.post(PAGE, data={"which": "ticked"}).location == PAGE
    assert "Select at least one hospital that is behind." in signed_in.page(PAGE).text
    signed_in.post(PAGE, data={"which": "ticked", "hospital": ["2", "4711", "x"], "canary": "1", "stop_after": "2"})
    run = last_run(app)
    assert (run.hospitals, run.canary, run.stop_after, run.by_workers) == ([2], 1, 2, True)
    text = signed_in.page(f"{PAGE}{run.reference}").text
    assert "1 goes first, alone." in text
    assert "Stops after 2 that did not work." in text
    carry_out(app)
    with app.app_context():
        assert [name for name, revision in revisions().items() if revision == newest] == ["clinic-001"]


def chosen(signed_in, *numbers: int, path: str = BULK):
    """The answer to “Migrate Database” on hospitals that are ticked in the list."""
    return signed_in.post(path, data={"work": "migrate", "hospital": list(numbers)})


def test_those_ticked_in_the_list_of_hospitals_are_migrated_in_one_run(app, signed_in, three, woken, newer_release):
    newest = newer_release(ADD_COLUMN)
    assert "Migrate Database" in signed_in.page("/admin/hospitals/").text
    answer = chosen(signed_in, 3, 1)
    run = last_run(app)
    assert answer.location == f"{PAGE}{run.reference}"
    assert (run.hospitals, run.by_workers) == ([1, 3], True)
    assert woken == [run.id] * work.TURNS_AT_ONCE
    page = signed_in.page(answer.location)
    assert "Migrating 2 hospitals" in page.headings
    assert "skipped" not in page.text
    carry_out(app)
    with app.app_context():
        assert [name for name, revision in revisions().items() if revision == newest] == ["clinic-000", "clinic-002"]


def test_of_those_ticked_in_the_list_who_is_not_behind_is_left_out_and_named(
    app, signed_in, three, woken, newer_release
):
    newer_release(ADD_COLUMN)
    with app.app_context():
        done(begun("clinic-001"))
    answer = chosen(signed_in, 2, path=f"{BULK}?q=clinic")
    assert answer.location == "/admin/hospitals/?q=clinic"
    assert "1 skipped, not behind: Clinic 001" in signed_in.page(answer.location).text
    answer = chosen(signed_in, 1, 2)
    assert (last_run(app).hospitals, answer.location) == ([1], f"{PAGE}{last_run(app).reference}")
    assert "1 skipped, not behind: Clinic 001" in signed_in.page(answer.location).text
    answer = chosen(signed_in, 2, 3)
    assert answer.location == "/admin/hospitals/"
    text = signed_in.page(answer.location).text
    assert "Hospitals are being migrated already." in text
    assert "skipped" not in text


def test_a_number_that_is_none_is_refused_at_its_field(app, signed_in, three, newer_release):
    newer_release(ADD_COLUMN)
    answer = signed_in.post(PAGE, data={"which": "all", "canary": "three"})
    assert answer.status_code == 422
    assert "Hospitals that go first must be a whole number" in answer.text


def test_a_run_is_paused_gone_on_with_and_cancelled(app, signed_in, three, woken, newer_release):
    newer_release(ADD_COLUMN)
    with app.app_context():
        run_id = begun(by_workers=True)
    address = f"{PAGE}{last_run(app).reference}"
    signed_in.post(f"{address}/pause")
    text = signed_in.page(address).text
    assert "The run is paused. What is under way ends first." in text
    assert "Paused 0 migrated, 0 failed, 3 not begun. It was paused." in text
    signed_in.post(f"{address}/pause")
    assert "It is too late: the run has ended, or was stopped already." in signed_in.page(address).text
    signed_in.post(f"{address}/go-on")
    assert (last_run(app).state, woken) == ("running", [run_id] * work.TURNS_AT_ONCE)
    signed_in.post(f"{address}/go-on")
    assert "Hospitals are being migrated already." in signed_in.page(address).text
    signed_in.post(f"{address}/cancel")
    assert "The run is cancelled. What was migrated stays so." in signed_in.page(address).text
    assert last_run(app).state == "cancelled"
    assert signed_in.post(f"{address}/go-on").location == address
    assert "This run has ended." in signed_in.page(address).text
    assert signed_in.post(f"{address}/turn-back").status_code == 404


def test_a_second_run_is_refused_while_one_is_under_way(app, signed_in, three, woken, newer_release):
    newer_release(ADD_COLUMN)
    signed_in.post(PAGE, data={"which": "all"})
    assert signed_in.post(PAGE, data={"which": "all"}).location == PAGE
    assert "Hospitals are being migrated already." in signed_in.page(PAGE).text
    assert last_run(app).id == 1


def test_the_poll_answers_nothing_while_nothing_is_new(app, signed_in, three, woken, newer_release):
    newer_release(ADD_COLUMN)
    signed_in.post(PAGE, data={"which": "all"})
    poll = next(part for part in signed_in.page(f"{PAGE}{last_run(app).reference}").html.split('"') if "?seen=" in part)
    assert signed_in.get(poll).status_code == 204
    carry_out(app)
    assert signed_in.get(poll).status_code == 200


def test_the_page_asks_a_fixed_number_of_questions(app, signed_in, three, woken, newer_release, count_queries):
    newer_release(ADD_COLUMN)
    signed_in.get(PAGE)
    with count_queries() as few:
        signed_in.get(PAGE)
    with app.app_context():
        for number in range(3):
            run_id = begun(f"clinic-{number:03}")
            done(run_id)
    address = f"{PAGE}{last_run(app).reference}"
    with count_queries() as many:
        signed_in.get(PAGE)
    assert len(many) <= len(few) + 4
    with count_queries() as one:
        signed_in.get(address)
    assert len(one) < 12


def test_migrations_are_the_platforms_business(app, hospital):
    browser = browser_as(app, "mira", "hospital_admin", hospital)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, data={"which": "all"}).status_code == 403
    assert "Migrations" not in browser.page("/admin/hospitals/").text
    assert browser_as(app, "pia", "platform_admin").get(PAGE).status_code == 200


def test_the_operations_of_a_run_are_listed_by_themselves(app, signed_in, three, newer_release):
    newer_release(ADD_COLUMN)
    with app.app_context():
        run = done(begun("clinic-000"))
    page = signed_in.page(f"/admin/operations/?batch={run.reference}")
    assert "Migrate the database" in page.text
    assert "Clinic 000" in page.text
    assert "Clinic 001" not in page.text
