"""Merging: nothing of the record that disappears stays behind, whoever works at the same time."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from modules.patients.api import open_encounter
from modules.patients.merging import columns_naming_a_patient, merge
from modules.patients.models import Patient
from modules.patients.models.beside import Contact
from modules.patients.models.clinical import Allergy
from modules.patients.models.encounters import Encounter
from portal.extensions import db
from portal.kit.models import AuditLog
from portal.tenancy.current import in_hospital
from tests.modules.at_once import AT_ONCE
from tests.modules.two_records import WHY, allergic, fill_tables, register_twice


@pytest.fixture
def path(app, hospital, settings) -> Path:
    """The database of a hospital with rows in every table."""
    return fill_tables(app, hospital, settings)


@pytest.fixture
def ids(app, hospital, path) -> tuple[int, int]:
    """The record that is kept, and the one that is merged."""
    return register_twice(app, hospital)


@pytest.fixture
def both(app, hospital, ids):
    """The two records, inside the hospital."""
    with app.app_context(), in_hospital(hospital):
        yield tuple(db.session.get(Patient, number) for number in ids)
        db.session.rollback()


# --- nothing stays behind ------------------------------------------------------------------------------------------


def query(path, statement: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute(statement).fetchall()


def references(path) -> list[tuple[str, str]]:
    """Every column that refers to a patient, as the database itself says."""
    tables = [name for (name,) in query(path, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return sorted(
        (table, key[3])
        for table in tables
        for key in query(path, f"PRAGMA foreign_key_list({table})")
        if key[2] == "patients_patient"
    )


def counted(path) -> dict[str, int]:
    """How many rows each table has that refers to a patient."""
    return {table: query(path, f"SELECT count(*) FROM {table}")[0][0] for table, _column in references(path)}


def naming(path, table: str, column: str, number: int) -> int:
    """How many rows of a table name this patient."""
    return query(path, f"SELECT count(*) FROM {table} WHERE {column} = {number}")[0][0]


def test_after_a_merge_no_row_of_any_table_refers_to_the_merged_patient(app, hospital, path):
    """PAT-3, in every table that there is."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        for table, column in references(path):
            if table != "patients_patient":
                raw.execute(f"UPDATE {table} SET {column} = 2 WHERE id IN (2, 3)")
        raw.execute("UPDATE rooms_bedallocation SET encounter_id = id")
        raw.execute("UPDATE ipd_admission SET status = 'discharged'")
        raw.execute("UPDATE patients_allergy SET active_key = patient_id || ':' || substance")
        raw.commit()
    before = counted(path)
    with app.app_context(), in_hospital(hospital):
        log = merge(db.session.get(Patient, 1), db.session.get(Patient, 2), WHY)
        moved = log.moved_counts
        db.session.commit()
    left = {(table, column): naming(path, table, column, 2) for table, column in references(path)}
    logs = [left.pop(("patients_mergelog", column)) for column in ("kept_id", "merged_id")]
    assert len(left) >= 37
    assert {place for place, count in left.items() if count} == set()
    assert logs == [2, 3]
    assert counted(path) == before | {"patients_mergelog": before["patients_mergelog"] + 1}
    assert {table for table, _column in left} - {"patients_patient"} <= set(moved)
    assert query(path, "SELECT status, merged_into_id FROM patients_patient WHERE id = 2") == [("merged", 1)]
    assert query(path, "PRAGMA foreign_key_check(patients_patient)") == []


def test_merging_finds_every_column_that_the_database_knows_to_refer_to_a_patient(app, path):
    found = {(column.class_.__tablename__, column.key) for column in columns_naming_a_patient()}
    assert found == {place for place in references(path) if place[0] != "patients_mergelog"}


def test_an_id_of_a_patient_that_the_database_does_not_know_as_one_is_moved_by_its_module(app):
    """A column without a foreign key: its module handles “patient.merging”, as rooms does for who lies in a bed."""
    unknown = {
        str(column)
        for table in Patient.metadata.tables.values()
        for column in table.columns
        if "patient" in column.name and isinstance(column.type, sa.Integer) and not column.foreign_keys
    }
    assert unknown == {"rooms_bedallocation.active_patient_id"}


def test_what_may_be_unique_for_a_patient_is_settled_before_it_moves(app):
    """Two rows that may not both be one patient's: whoever adds such a key says in merging.py what becomes of them."""
    tables = {column.class_.__table__: column.key for column in columns_naming_a_patient()}
    keys = {
        (table.name, *sorted(one.name for one in key.columns))
        for table, column in tables.items()
        for key in (*table.constraints, *table.indexes)
        if column in key.columns and (isinstance(key, sa.UniqueConstraint) or getattr(key, "unique", False))
    }
    assert keys == {("patients_insurance", "insurer_id", "patient_id", "policy_no")}


def test_each_row_that_moves_has_a_new_version_and_stands_in_the_audit(both):
    kept, merged = both
    contact = Contact(patient=merged, name="Niamh", relation="Daughter", phone="07700 900188").add()
    db.session.flush()
    version = contact.version
    log = merge(kept, merged, WHY)
    assert (contact.patient_id, contact.version) == (kept.id, version + 1)
    assert log.moved_counts == {"patients_contact": 1}
    acts = sa.select(AuditLog.changes).where(AuditLog.content_type == "patients_contact", AuditLog.action == "update")
    assert db.session.scalars(acts).all() == [{"patient_id": [merged.id, kept.id]}]


# --- many at once --------------------------------------------------------------------------------------------------


def test_nothing_is_left_behind_while_others_record_what_they_know(app, hospital, ids, at_once):
    """PAT-3, under concurrency: an allergy is recorded before the merge and moves, or is refused after it."""

    def record(number: int):
        if number == AT_ONCE // 2:
            return lambda: merge(*(db.session.get(Patient, one) for one in ids), WHY)
        if number % 2:
            return lambda: allergic(db.session.get(Patient, ids[1]), f"Substance {number}", "mild")
        return lambda: open_encounter(db.session.get(Patient, ids[1]), "AMB", doctor_id=number % 3 + 1)

    outcomes = at_once(lambda number: record(number)() and "done")
    assert outcomes[AT_ONCE // 2] == "done"
    with app.app_context(), in_hospital(hospital, writing=False):
        for model in (Allergy, Encounter):
            assert db.session.scalars(sa.select(model).where(model.patient_id == ids[1])).all() == []
        kept = sa.select(sa.func.count(Allergy.id)).where(Allergy.patient_id == ids[0])
        assert db.session.scalar(kept) == outcomes[1::2].count("done")
