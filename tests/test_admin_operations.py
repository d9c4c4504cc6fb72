"""The operations of every hospital: listed, filtered, followed, asked again, taken back; and what carries them out."""

import os
from datetime import timedelta

import pytest
import sqlalchemy as sa
from redis import Redis

from portal import clock, queue, redis_server
from portal.control.models import AuditEntry, Operation, Tenant
from portal.extensions import db
from portal.provisioning import asking, backups, bulk, operations, reaping
from portal.provisioning.ledger import Ledger
from tests.backed_up import backed_up
from tests.consoles import browser_as, operations_of, tenant_of
from tests.provisioned import register, request_again, seen_operation

LIST = "/admin/operations/"


def ask(app, subdomain: str, kind: str) -> str:
    """Work that waits; answers with its reference."""
    with app.app_context():
        return seen_operation(request_again(tenant_of(subdomain).id, kind)).reference


def perform(app, reference: str) -> None:
    """What a worker does."""
    with app.app_context():
        assert operations.perform(db.session.scalar(sa.select(Operation.id).where(Operation.reference == reference)))


def state_of(app, reference: str) -> str:
    """The operation's state as it is now."""
    with app.app_context():
        return db.session.scalar(sa.select(Operation.state).where(Operation.reference == reference))


def fail(app, reference: str) -> None:
    """Let the work that waits seem to have failed."""
    with app.app_context():
        values = {"state": "failed", "active_key": None, "error": "Copying the database did not work."}
        db.session.execute(sa.update(Operation).where(Operation.reference == reference).values(values))
        db.session.commit()


@pytest.fixture
def redis(settings):
    """A real Redis on this test's instance folder."""
    server = redis_server.start(settings.instance_dir / "redis")
    yield Redis.from_url(server.url)
    server.stop()


def test_every_operation_is_listed_newest_first_with_counts_and_links(app, signed_in, two_hospitals):
    reference = ask(app, "lakeside", "verify")
    page = signed_in.page(LIST)
    assert page.headings == ["Operations"]
    assert "All 3 Queued 1 Running 0 Succeeded 2 Failed 0 Interrupted 0 Cancelled 0" in page.text
    names = [text for address, text in page.links if address.startswith("/admin/operations/") and "?" not in address]
    assert [name for name in names if "database" in name] == [
        "Check the database", "Create the database", "Create the database",
    ]  # fmt: skip
    assert (f"/admin/operations/{reference}", "Check the database") in page.links
    assert "Showing 1 to 3 of 3 operations" in page.text


@pytest.mark.parametrize(
    ("query", "count"),
    [("state=queued", 1), ("state=succeeded", 2), ("kind=create", 2), ("q=lakeside", 2), ("q=city+general", 1),
     ("state=nonsense&kind=7&batch=x&page=99&sort=%00", 3), ("q=nowhere", 0), ("q=%25", 0)],
)  # fmt: skip
def test_the_list_is_narrowed_by_state_kind_and_hospital_and_ignores_what_it_does_not_know(
    app, signed_in, two_hospitals, query, count
):
    ask(app, "lakeside", "verify")
    text = signed_in.page(f"{LIST}?{query}").text
    assert (f"of {count} operation" in text) if count else ("No operations match" in text)


def test_the_work_of_one_choice_of_hospitals_is_found_by_its_batch(app, signed_in, two_hospitals):
    with app.app_context():
        tenants = db.session.scalars(sa.select(Tenant)).all()
        asked = bulk.request_all(tenants, "verify", "verify_hospital", None)
        db.session.commit()
        batch, reference = asked.batch, asked.operations[0].reference
    page = signed_in.page(f"{LIST}?batch={batch}")
    assert "Showing 1 to 2 of 2 operations" in page.text
    assert f"/admin/operations/{reference}" in signed_in.page(f"/admin/hospitals/bulk/{batch}").html
    assert f"/admin/hospitals/bulk/{batch}" in signed_in.page(f"/admin/operations/{reference}").html


def test_a_reference_finds_its_operation(app, signed_in, two_hospitals):
    reference = ask(app, "lakeside", "verify")
    assert "Showing 1 to 1 of 1 operation" in signed_in.page(f"{LIST}?q={reference[:8]}").text


def test_the_list_takes_a_fixed_number_of_queries(app, signed_in, two_hospitals, count_queries):
    ask(app, "lakeside", "verify")
    with count_queries() as few:
        signed_in.page(LIST)
    with app.app_context():
        for number in range(12):
            register(f"clinic-{number}", f"Clinic {number}")
    with count_queries() as many:
        signed_in.page(LIST)
    assert len(many) == len(few)


def test_the_page_asks_again_only_while_something_is_under_way(app, signed_in, two_hospitals):
    assert 'data-hx-trigger="every' not in signed_in.page(LIST).html
    reference = ask(app, "lakeside", "verify")
    page = signed_in.page(LIST)
    assert 'data-hx-trigger="every 1s"' in page.html
    assert "Show the progress now" in page.text
    poll = next(text for text in page.html.split('"') if "/admin/operations/poll" in text).replace("&amp;", "&")
    assert "Queued" in signed_in.get(poll).text
    perform(app, reference)
    answer = signed_in.get(poll)
    assert "every 1s" not in answer.text
    assert "Succeeded" in answer.text
    assert 'id="operations-succeeded" data-hx-swap-oob="true">3</span>' in answer.text


def test_a_hospital_administrator_sees_the_work_on_their_own_hospitals_and_no_log(app, two_hospitals):
    own, other = ask(app, "city-general", "verify"), ask(app, "lakeside", "verify")
    perform(app, own)
    browser = browser_as(app, "omar", "hospital_admin", two_hospitals[0])
    page = browser.page(LIST)
    assert "of 2 operations" in page.text
    assert "Lakeside" not in page.text
    assert "Queue and workers" not in page.text
    assert "Job log" not in browser.page(f"/admin/operations/{own}").text
    browser.page(f"/admin/operations/{other}", 404)
    assert browser.get(f"/admin/operations/{other}/progress").status_code == 404
    with app.app_context():
        other_id = db.session.scalar(sa.select(Operation.id).where(Operation.reference == other))
    assert "Lakeside" not in browser.get(f"/admin/operations/poll?ids={other_id}").text
    for verb in ("again", "cancel"):
        assert browser.post(f"/admin/operations/{own}/{verb}").status_code == 403


def test_the_page_of_an_operation_tells_who_when_how_and_what_was_logged(app, signed_in, hospital):
    signed_in.post("/admin/hospitals/city-general/verify")
    with app.app_context():
        reference = operations_of("city-general")[-1].reference
    page = signed_in.page(f"/admin/operations/{reference}")
    assert "Cancel the work" in page.text
    assert "Nothing has been logged yet." in page.text
    perform(app, reference)
    page = signed_in.page(f"/admin/operations/{reference}")
    for words in ("Asked by Root", "Attempts 1", f"Worker {os.uname().nodename}", f"Reference {reference}",
                  "Check the site done", "operation_begun kind=verify attempt=1", "step_begun step=check",
                  "operation_succeeded", "City General Hospital was checked"):  # fmt: skip
        assert words in page.text, words
    assert "Cancel the work" not in page.text
    assert "Try again" not in page.text
    assert f"/admin/operations/{reference}" in signed_in.page("/admin/hospitals/city-general").html


def test_the_poll_of_an_operation_answers_nothing_while_nothing_changed(app, signed_in, hospital):
    reference = ask(app, "city-general", "verify")
    page = signed_in.page(f"/admin/operations/{reference}")
    poll = next(text for text in page.html.split('"') if "/progress?seen=" in text)
    assert signed_in.get(poll).status_code == 204
    perform(app, reference)
    answer = signed_in.get(poll)
    assert "operation_succeeded" in answer.text
    assert "every 1s" not in answer.text


def test_an_operation_that_made_a_backup_leads_to_it(app, signed_in, hospital):
    with app.app_context():
        made = backed_up()
    with app.app_context():
        reference = operations_of("city-general")[-1].reference
    assert f"Backup {made.reference}" in signed_in.page(f"/admin/operations/{reference}").text


@pytest.mark.parametrize("kind", ["create", "verify", "backup"])
def test_what_failed_is_tried_again_once_however_often_it_is_asked(app, signed_in, hospital, kind):
    reference = ask(app, "city-general", kind)
    fail(app, reference)
    assert "Try again" in signed_in.page(f"/admin/operations/{reference}").text
    first, second = (signed_in.post(f"/admin/operations/{reference}/again") for _click in range(2))
    assert first.status_code == 303
    assert first.location == second.location != f"/admin/operations/{reference}"
    with app.app_context():
        assert [one.kind for one in operations_of("city-general")][1:] == [kind, kind]
        assert db.session.scalar(sa.select(sa.func.count(AuditEntry.id)).where(AuditEntry.actor == "root")) == 1


def test_what_asks_its_own_questions_first_cannot_be_tried_again_here(app, signed_in, hospital):
    with app.app_context():
        made, tenant = backed_up().reference, tenant_of("city-general")
        operation = asking.request(tenant, "restore", None, backups.get_backup(tenant, made))
        db.session.commit()
        reference = operation.reference
    fail(app, reference)
    assert "Try again" not in signed_in.page(f"/admin/operations/{reference}").text
    assert signed_in.post(f"/admin/operations/{reference}/again").status_code == 400


def test_what_succeeded_cannot_be_tried_again(app, signed_in, hospital):
    with app.app_context():
        reference = operations_of("city-general")[0].reference
    assert signed_in.post(f"/admin/operations/{reference}/again").status_code == 400


def test_while_other_work_is_under_way_trying_again_says_so_and_shows_that(app, signed_in, hospital):
    reference = ask(app, "city-general", "backup")
    fail(app, reference)
    other = ask(app, "city-general", "verify")
    answer = signed_in.post(f"/admin/operations/{reference}/again")
    assert answer.location == f"/admin/operations/{other}"
    assert "Other work on this hospital is under way." in signed_in.page(answer.location).text


def test_what_waits_is_cancelled_written_down_and_never_begun(app, signed_in, hospital):
    reference = ask(app, "city-general", "backup")
    with app.app_context():
        operation_id = operations_of("city-general")[-1].id
        db.session.execute(sa.update(Tenant).values(closed_by=operation_id))
        db.session.commit()
    answer = signed_in.post(f"/admin/operations/{reference}/cancel")
    page = signed_in.page(answer.location)
    assert "The work is cancelled. Nothing was changed." in page.text
    assert "Cancelled" in page.text
    assert "Try again" in page.text
    with app.app_context():
        assert not operations.perform(operation_id)
        tenant = tenant_of("city-general")
        assert tenant.closed_by is None
        assert asking.find_active(tenant.id) is None
        entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.details) == ("cancel_operation", {"operation": reference})


def test_what_a_worker_has_begun_is_not_cancelled(app, signed_in, hospital):
    reference = ask(app, "city-general", "backup")
    with app.app_context():
        operation_id = operations_of("city-general")[-1].id
        db.session.rollback()
        assert Ledger.claim(operation_id, "a worker", "build_1")
    answer = signed_in.post(f"/admin/operations/{reference}/cancel")
    assert "It is too late to cancel" in signed_in.page(answer.location).text
    assert state_of(app, reference) == "running"


def test_without_redis_a_worker_or_a_reaper_the_page_says_what_to_do(app, signed_in, hospital):
    text = signed_in.page(LIST).text
    assert "Redis does not answer. Work that is asked for is kept" in text
    assert "“flask up” starts Redis again by itself." in text
    assert "It has never run. Dead workers and forgotten work are not noticed meanwhile." in text
    assert "No operation waits for a worker." in text


def test_with_redis_but_without_a_worker_the_page_says_so_and_counts_what_waits(app, signed_in, hospital, redis):
    reference = ask(app, "city-general", "verify")
    with app.app_context():
        assert queue.wake(operations_of("city-general")[-1].id)
        assert queue.enqueue_idle("portal.provisioning.watch.look", 1)
        reaping.note_round()
    text = signed_in.page(LIST).text
    assert "Redis answers. 1 job waits, and 1 for an idle moment." in text
    assert "No background worker is running. Nothing starts until one does." in text
    assert "Last looked just now" in text
    assert "Check the database, City General Hospital" in text
    clock.move(timedelta(minutes=6))
    text = signed_in.page(LIST).text
    assert "Dead workers and forgotten work are not noticed meanwhile." in text
    assert "It starts when a worker is there." in text
    assert state_of(app, reference) == "queued"


def test_a_worker_is_named_with_the_work_it_is_at(app, signed_in, two_hospitals, redis, monkeypatch):
    ask(app, "city-general", "verify")
    ask(app, "lakeside", "verify")
    with app.app_context():
        operation_id, other = (operations_of(one)[-1].id for one in ("city-general", "lakeside"))
        db.session.execute(sa.update(Operation).where(Operation.id == other).values(state="running"))
        db.session.commit()
    busy = queue.SeenWorker("web-1", 4711, clock.now() - timedelta(hours=2), queue.PERFORM, (operation_id,))
    looks = queue.SeenWorker("web-1", 4712, clock.now(), "portal.provisioning.watch.look", (1, 2))
    several = queue.SeenWorker("web-1", 4713, clock.now(), queue.PERFORM_EACH, (operation_id, other))
    rests = queue.SeenWorker("web-2", 9, clock.now(), None, ())
    waiting = {queue.QUEUE: 1, queue.BATCH: 3, queue.IDLE: 0}
    seen = queue.State(True, waiting, 2, [busy, looks, several, rests])
    monkeypatch.setattr(queue, "look", lambda: seen)
    text = signed_in.page(LIST).text
    assert "4 workers are running." in text
    assert "4 jobs wait" in text
    assert "web-1:4713, started just now , is at work: Check the database, Lakeside Clinic." in text
    assert "web-1:4711, started 2 h ago , is at work: Check the database, City General Hospital." in text
    assert "is at work: looks at databases in turn." in text
    assert "web-2:9, started just now , is idle." in text
    assert "2 jobs broke off within the hour." in text
