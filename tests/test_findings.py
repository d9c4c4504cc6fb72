"""A look reports everything it saw, within bounds, and says what that does to the badge (tenancy.md T17)."""

import json

import pytest

from portal import clock
from portal.migrations import head
from portal.provisioning import TenantDatabaseManager, findings, looks, operations, schema, template, verify, watch
from portal.tenancy.databases import limits, postgres_catalog
from tests import on_postgres
from tests.consoles import tenant_of
from tests.provisioned import (
    add_orphan,
    change,
    database,
    definitions,
    expected,
    query,
    redefine,
    request_again,
    seen_tenant,
    size_of,
    spoil_table,
    without_tables,
    without_trigger,
)


@pytest.fixture
def city(hospital, app):
    """City General, with nothing of it open, inside an application context."""
    app.extensions["engines"].close()
    with app.app_context():
        yield hospital


def look() -> verify.Verdict:
    """Look thoroughly at City General, as somebody who asks for it does."""
    return TenantDatabaseManager.verify_hospital_database("city-general")


def differences(found: dict) -> dict[str, list[str]]:
    """The names of every difference that was found."""
    return {key: found[key]["names"] for key in found if key.partition("_")[0] in findings.HOWS}


def an_index(table: str = "patients_patient") -> str:
    """The name of an index of this table."""
    return expected("index", table)[0].name


def test_a_whole_database_is_reported_with_every_fact(city):
    seen = look().findings
    assert (seen["connection"], seen["stamp"], seen["revision"], seen["file"]) == ("open", "same", "head", "sound")
    assert seen["size"] == pytest.approx(size_of(database()), rel=0.05)
    assert 0 < seen["latency"] < 10_000
    assert seen["indexes"] == seen["expected_indexes"] > 100
    assert (seen["whole"]["file"], seen["whole"]["orphans"]) == ("sound", {})
    assert differences(seen) == {}


@pytest.mark.sqlite
def test_the_pages_of_a_file_are_counted(city):
    seen = look().findings
    assert seen["pages"] * 4096 == seen["size"] == database().stat().st_size


def test_what_was_found_is_kept_beside_the_hospital(city):
    seen = look().findings
    assert seen_tenant(city.id).findings == seen


@pytest.mark.sqlite
def test_the_expectation_is_the_templates_and_without_one_the_migrations(city):
    from_template = schema.expected_entries()
    template.databases().path(template.template_name()).unlink()
    schema._of_modules.cache_clear()
    schema._in_template.cache_clear()
    assert schema.expected_entries() == from_template
    assert look().status == "ready"
    assert not template.has_template(), "looking makes no template"


@pytest.mark.sqlite
def test_a_template_that_cannot_be_read_is_not_taken_for_a_damaged_hospital(city):
    template.databases().path(template.template_name()).write_bytes(b"no database")
    schema._of_modules.cache_clear()
    schema._in_template.cache_clear()
    assert look().status == "ready"


MISSING_ONE = "modules are set up, but 1 index or trigger is missing. Select Create to finish."


def test_a_missing_index_is_incomplete_and_named(city):
    name = an_index()
    change(database(), f"DROP INDEX {name}")
    verdict = look()
    assert verdict.status == "incomplete"
    assert verdict.reason.endswith(MISSING_ONE)
    assert verdict.modules_ready == verdict.modules_expected
    assert differences(verdict.findings) == {"missing_indexes": [f"patients_patient.{name}"]}


def test_a_missing_trigger_is_incomplete_for_the_audit_would_not_be_safe(city):
    audit = expected("trigger", "core_auditlog")[-1]
    change(database(), without_trigger(audit))
    verdict = look()
    assert (verdict.status, verdict.reason.endswith(MISSING_ONE)) == ("incomplete", True)
    assert differences(verdict.findings) == {"missing_triggers": [audit.path]}


def test_an_index_of_that_name_on_something_else_counts_as_missing(city):
    name = an_index()
    change(database(), f"DROP INDEX {name}", f"CREATE INDEX {name} ON patients_patient (id)")
    verdict = look()
    assert (verdict.status, verdict.reason.endswith(MISSING_ONE)) == ("incomplete", True)
    assert differences(verdict.findings) == {"different_indexes": [f"patients_patient.{name}"]}


def test_the_same_index_written_otherwise_is_the_same(city):
    name = an_index()
    sql = definitions(database())["index", name]
    change(database(), f"DROP INDEX {name}", sql.replace(name, f'"{name}"').replace(" ON ", "  on "))
    assert look().status == "ready"


def test_what_is_there_besides_is_shown_and_changes_nothing(city):
    change(
        database(),
        "CREATE TABLE theirs (x INTEGER)",
        "ALTER TABLE patients_patient ADD COLUMN shoe_size INTEGER",
        "CREATE INDEX their_index ON patients_patient (id)",
        "CREATE VIEW their_view AS SELECT 1 AS x",
    )
    verdict = look()
    assert verdict.status == "ready"
    assert differences(verdict.findings) == {
        "extra_tables": ["their_view", "theirs"],
        "extra_columns": ["patients_patient.shoe_size"],
        "extra_indexes": ["patients_patient.their_index"],
    }
    assert verdict.tables == verdict.expected_tables + 1


@pytest.mark.parametrize(
    ("after", "alter"),
    [("TEXT NOT NULL", "TYPE TEXT"), ("VARCHAR(160)", "DROP NOT NULL")],
    ids=["another type", "may be empty"],
)
def test_a_column_of_another_shape_is_incomplete_and_create_says_that_it_cannot_mend_it(city, after, alter):
    before, alter = "legal_name VARCHAR(160) NOT NULL", f"ALTER COLUMN legal_name {alter}"
    redefine(database(), "core_hospitalprofile", before, f"legal_name {after}", alter)
    sentence = "The column core_hospitalprofile.legal_name is not as expected, and Create cannot change it."
    verdict = look()
    assert (verdict.status, verdict.reason) == ("incomplete", sentence)
    assert differences(verdict.findings) == {"different_columns": ["core_hospitalprofile.legal_name"]}


def test_a_rule_that_is_gone_is_named(city):
    rule = "CONSTRAINT uq_billing_insurer_code UNIQUE (code)"
    redefine(database(), "billing_insurer", f", \n\t{rule}", "", "DROP CONSTRAINT uq_billing_insurer_code")
    verdict = look()
    assert (verdict.status, verdict.reason) == (
        "incomplete", "A rule is missing that Create cannot add: billing_insurer: unique (code)."
    )  # fmt: skip


def test_a_table_made_anew_with_the_same_columns_in_another_order_is_the_same(city):
    change(
        database(),
        "ALTER TABLE billing_insurer RENAME COLUMN terms_days TO kept",
        "ALTER TABLE billing_insurer RENAME COLUMN kept TO terms_days",
    )
    assert look().status == "ready"


@pytest.mark.parametrize(
    ("revision", "found"),
    [("0001", "behind"), ("9999", "newer"), ("a word", "unknown"), (None, "none")],
)
def test_where_the_revision_stands_is_told(city, revision, found):
    change(database(), "DELETE FROM alembic_version_tenant")
    if revision:
        change(database(), f"INSERT INTO alembic_version_tenant (version_num) VALUES ('{revision}')")
    verdict = look()
    assert (verdict.status, verdict.findings["revision"]) == ("incomplete", found)
    assert str(revision) in verdict.reason
    assert found == "newer" or head("tenant") in verdict.reason


def test_names_are_bounded_and_counts_are_true(city):
    tables = sorted(set().union(*verify.expected_tables().values()) - {"core_identity", "auth_user"})[:60]
    change(database(), *without_tables(*tables))
    found = look().findings
    assert found["missing_tables"]["count"] == 60
    assert found["missing_tables"]["names"] == tables[: findings.MOST_NAMES]
    assert len(json.dumps(found)) < 20_000


def let_an_index_lack_a_row() -> None:
    """Add a row that an index does not know of, or damage a table; only a thorough look notices."""
    if on_postgres.WANTED:
        spoil_table(database(), "core_sequence")
        return
    hidden = "name = 'ix_core_sequence_name'"
    change(database(), "CREATE INDEX ix_core_sequence_name ON core_sequence (name)")
    [row] = query(database(), f"SELECT * FROM sqlite_master WHERE {hidden}")
    change(database(), "PRAGMA writable_schema=ON", f"DELETE FROM sqlite_master WHERE {hidden}")
    change(
        database(),
        "INSERT INTO core_sequence (name, width, value, period, period_key, prefix)"
        " VALUES ('unseen', 1, 0, 'none', '', '')",
        "PRAGMA writable_schema=ON",
        f"INSERT INTO sqlite_master VALUES {row!r}",
    )


def test_damage_that_only_a_thorough_look_finds_stays_found(city):
    """Otherwise the badge would be Ready again within the hour, and nothing would have been mended."""
    let_an_index_lack_a_row()
    assert watch.look_at(city.id).status == "ready"
    assert look().reason == "The database file is damaged."
    clock.move(watch.timedelta(hours=1))
    assert watch.look_at(city.id).status == "missing"
    assert tenant_of("city-general").findings["whole"]["lines"]


def test_a_thorough_look_stays_known_until_the_next_one(city):
    whole = look().findings["whole"]
    clock.move(watch.timedelta(hours=1))
    assert watch.look_at(city.id).findings["whole"] == whole
    assert tenant_of("city-general").findings["whole"] == whole


@pytest.mark.sqlite
def test_a_page_that_is_damaged_since_the_last_thorough_look_is_not_called_sound(city):
    look()
    spoil_table(database(), "auth_permission")
    seen = look().findings
    assert seen["file"] == "damaged"
    assert "whole" not in seen


def test_what_was_known_of_another_file_is_forgotten(city):
    look()
    generation = "f" * 32
    change(database(), f"UPDATE core_identity SET generation = '{generation}'")
    tenant = tenant_of("city-general")
    tenant.generation = generation
    assert "whole" not in operations.verified_values(tenant)["findings"]


def test_rows_without_their_parent_are_counted_and_the_badge_stays(city):
    add_orphan(database(), "auth_user_groups", "user_id, group_id", "4711, 4711")
    verdict = look()
    assert verdict.status == "ready"
    assert verdict.findings["whole"]["orphans"] == {"auth_user_groups": 2}


@pytest.mark.sqlite
def test_a_look_at_a_database_that_is_too_big_ends_and_says_so(city, monkeypatch):
    monkeypatch.setattr(looks, "QUICK_SECONDS", -1)
    monkeypatch.setattr(looks, "WHOLE_SECONDS", -1)
    monkeypatch.setattr(limits, "STEPS", 1)
    verdict = look()
    assert verdict.status == "ready"
    assert (verdict.findings["file"], verdict.findings["whole"]["file"]) == ("unfinished", "unfinished")


def test_a_check_asked_for_on_the_page_is_a_thorough_one(city):
    assert operations.perform(request_again(city.id, "verify"))
    assert seen_tenant(city.id).findings["whole"]["file"] == "sound"


def test_a_look_at_a_database_like_the_template_asks_for_no_columns(city, count_queries):
    watch.look_at(city.id)
    with count_queries() as statements:
        watch.look_at(city.id)
    assert statements
    assert not [one for one in statements if "pragma_" in one or one == postgres_catalog.COLUMNS]


@pytest.mark.sqlite
def test_a_row_that_breaks_a_rule_of_its_table_is_no_damaged_file(city):
    change(
        database(),
        "PRAGMA ignore_check_constraints=ON",
        "UPDATE core_sequence SET period = 'a word nobody knows'",
    )
    assert query(database(), "PRAGMA integrity_check") != [("ok",)]
    assert look().status == "ready"
    assert TenantDatabaseManager.backup_hospital_database("city-general").state == "verified"
