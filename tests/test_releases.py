"""Two releases side by side: what is additive, who serves what, and what everybody else reads (tenancy.md T16)."""

import contextvars
from functools import partial

import pytest
import sqlalchemy as sa

from portal.control.models import Tenant
from portal.extensions import db
from portal.migrations import TREES, head, wrong_marks
from portal.tenancy import releases
from portal.tenancy.current import OtherRelease
from portal.tenancy.registry import find_hospital, get_worked_on, revision_values
from portal.tenancy.session import TENANT
from tests.grown import DEFAULTED, INDEX, NULLABLE, REQUIRED, TABLE, grown
from tests.provisioned import change, database, seen_tenant

UPDATING = "City General Hospital is being updated. Try again in a few minutes."
MAPPED = 'op.add_column("core_hospitalprofile", sa.Column("legal_name", sa.String(200), nullable=True))'
MORE = [
    REQUIRED,
    'op.drop_column("core_hospitalprofile", "name")',
    'op.alter_column("core_hospitalprofile", "name", nullable=True)',
    'op.rename_table("core_hospitalprofile", "core_profile")',
    'op.create_index("uq_core_hospitalprofile_name", "core_hospitalprofile", ["name"], unique=True)',
    'op.create_unique_constraint("uq_name", "core_hospitalprofile", ["name"])',
    'op.create_check_constraint("ck_name", "core_hospitalprofile", "name IN (\'a\')")',
    'op.create_foreign_key("fk_name", "core_hospitalprofile", "core_hospitalprofile", ["id"], ["id"])',
    "op.execute(\"UPDATE core_hospitalprofile SET name = ''\")",
    f'{NULLABLE}\nop.execute("DELETE FROM core_event")',
    'op.get_bind().execute(sa.text("SELECT 1")).scalar()',
]
ADDITIONS = [NULLABLE, DEFAULTED, INDEX, TABLE, f"{TABLE}\n{NULLABLE}"]


@pytest.mark.parametrize("tree", TREES)
def test_no_revision_is_marked_additive_that_is_more(tree, in_app):
    assert wrong_marks(tree) == []


@pytest.mark.parametrize("body", MORE)
def test_a_mark_on_a_revision_that_is_more_than_additions_is_refused(body, in_app, tmp_path):
    with grown(tmp_path, body) as (revision,):
        (sentence,) = wrong_marks(TENANT)
    assert sentence.startswith(f"Revision {revision} of the tenant tree is marked additive and does more: ")


@pytest.mark.parametrize("body", ADDITIONS)
def test_tables_columns_that_may_be_left_out_and_indexes_are_additions(body, in_app, tmp_path):
    with grown(tmp_path, body):
        assert wrong_marks(TENANT) == []


def test_flask_check_refuses_a_wrong_mark(in_app, tmp_path):
    with grown(tmp_path, REQUIRED):
        assert "is marked additive and does more: ALTER TABLE" in "".join(wrong_marks(TENANT))


def test_a_database_is_served_from_the_release_before_its_last_additions(in_app, tmp_path):
    now = head(TENANT)
    with grown(tmp_path, "!" + REQUIRED, DEFAULTED, INDEX) as (required, defaulted, index):
        assert releases.pending(now) == (required, defaulted, index)
        assert releases.pending("9999") == ()
        assert [releases.serves_from(one) for one in (now, required, defaulted, index)] == [now, *[required] * 3]
    assert releases.serves_from(index) is None


@pytest.fixture
def city(hospital, in_app):
    """City General, with a request's worth of its pages asked for."""
    return hospital


def registered(revision: str | None, serves_from: str | None = None) -> None:
    """Let the registry say this of City General's database."""
    with db.engine.begin() as connection:
        connection.execute(sa.update(Tenant).values(revision=revision, serves_from=serves_from))


@pytest.fixture
def visit(app, hospital):
    """What somebody reads who opens City General now."""
    browser = app.test_client(hospital=hospital)

    def visit_now(**typed: str):
        app.extensions["registry"].forget()
        ask = partial(browser.post, data=typed) if typed else browser.get
        return contextvars.Context().run(ask, "/sign-in")

    return visit_now


@pytest.fixture
def asked(app, monkeypatch):
    """The hospitals for which a migration was asked."""
    found = []
    monkeypatch.setitem(app.extensions, "ask_migration", lambda hospital: found.append(hospital.subdomain))
    return found


def test_every_operation_writes_from_which_release_on_its_database_is_served(city):
    tenant = seen_tenant(city.id)
    assert (tenant.revision, tenant.serves_from) == (head(TENANT), releases.serves_from(head(TENANT)))


def test_a_hospital_that_lacks_only_what_this_release_does_not_map_is_served(city, visit, asked, tmp_path):
    with grown(tmp_path, NULLABLE, INDEX, TABLE):
        assert visit().status_code == 200
    assert asked == []


@pytest.mark.parametrize("pending", [("!" + INDEX,), (MAPPED,), (INDEX, "!" + REQUIRED, INDEX)])
def test_a_hospital_that_lacks_more_reads_that_it_is_being_updated(city, visit, asked, tmp_path, pending):
    with grown(tmp_path, *pending):
        answer = visit()
        with pytest.raises(OtherRelease):
            get_worked_on("city-general")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert UPDATING in answer.text
    assert asked == ["city-general"]
    assert visit().status_code == 200


def test_a_newer_database_is_served_where_its_additions_begin_here_or_before(city, visit, asked):
    for oldest in (head(TENANT), "0001"):
        registered("9999", oldest)
        assert visit().status_code == 200
    assert get_worked_on("city-general").revision == "9999"
    assert asked == []


@pytest.mark.parametrize("oldest", [None, "9998", "9999"])
def test_a_newer_database_that_begins_with_more_is_left_to_the_newer_release(city, visit, asked, oldest):
    registered("9999", oldest)
    answer = visit()
    assert answer.status_code == 503
    assert UPDATING in answer.text
    assert asked == []


def test_an_older_release_leaves_what_a_newer_one_wrote_of_the_same_revision(city):
    registered("9999", "0022")
    with db.engine.begin() as connection:
        connection.execute(sa.update(Tenant).values(revision_values("9999")))
    assert find_hospital("city-general").serves_from == "0022"
    registered("9998", "0022")
    with db.engine.begin() as connection:
        connection.execute(sa.update(Tenant).values(revision_values("9999")))
    assert find_hospital("city-general").serves_from is None


LOST = "ALTER TABLE auth_user RENAME COLUMN username TO login"
TYPED = {"username": "leila", "password": "anything-at-all"}


def test_a_registry_that_lags_behind_the_database_learns_of_it_from_the_first_refused_statement(city, visit, app):
    app.extensions["engines"].close()
    change(database(), LOST, "UPDATE alembic_version_tenant SET version_num = '9999'")
    answer = visit(**TYPED)
    assert answer.status_code == 503
    assert UPDATING in answer.text
    assert seen_tenant(city.id).revision == "9999"
    assert visit().status_code == 503


def test_what_is_missing_from_a_database_at_the_right_revision_is_told_as_missing(city, visit, app):
    app.extensions["engines"].close()
    change(database(), LOST)
    answer = visit(**TYPED)
    assert answer.status_code == 503
    assert "A part of the records of City General Hospital is missing." in answer.text
