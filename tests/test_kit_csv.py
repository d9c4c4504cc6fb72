"""Lists as files for spreadsheets: the same rows in the same order, harmless to open, and noted in the audit."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from modules.patients.models import Patient
from modules.staff.models import Department, Staff
from portal import clock
from portal.extensions import db
from portal.kit.csv_export import MARK, cell
from portal.kit.models import AuditLog
from portal.kit.search import folded
from portal.tenancy.current import in_hospital
from tests.page import Page

DOWNLOAD = "Download CSV"


def register(app, hospital, *names: str, **facts) -> None:
    """Patients of a hospital by their last names."""
    with app.app_context(), in_hospital(hospital):
        for name in names:
            Patient(first_name="Zoë", last_name=name, sex="female", **facts).register()
        db.session.commit()


def read(answer) -> list[dict[str, str]]:
    """The rows of a file, each cell by the heading of its column."""
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix(MARK), newline="")))


def audited(app, hospital) -> list[AuditLog]:
    """What the audit holds of exports."""
    with app.app_context(), in_hospital(hospital):
        return list(db.session.scalars(sa.select(AuditLog).where(AuditLog.action == "export")))


def sent_by(page: Page, path: str) -> dict[str, str]:
    """The form or the button whose address begins with this."""
    found = [form["action"] for form in page.forms if form.get("action", "").startswith(path)]
    return found[0] if found else ""


@pytest.fixture
def office(client_with, hospital):
    """Somebody who may see patients and take the list away."""
    return client_with("patients.view", "patients.detail_view", "patients.export", hospital=hospital)


def test_a_file_holds_all_rows_of_the_list_in_its_order(app, hospital, office):
    register(app, hospital, *(f"Ng{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"), "Éluard")
    assert len(read(office.post("/patients/export"))) == 27
    names = [row["Patient"] for row in read(office.post("/patients/export?sort=-name&per_page=10&page=2"))]
    assert names[:2] == ["Zoë Ngz", "Zoë Ngy"]
    assert names[-1] == "Zoë Éluard"


def test_a_file_has_the_columns_of_the_list_and_those_that_it_shows_together(app, hospital, office):
    register(app, hospital, "Ng", birth_date=date(1980, 3, 31), phone="020 7946 0101")
    (row,) = read(office.post("/patients/export"))
    assert row.pop("Number").endswith("000001-8")
    assert row.pop("Registered")
    assert row == {"Patient": "Zoë Ng", "Sex": "Female", "Date of birth": "1980-03-31", "Phone": "020 7946 0101"}


def test_filters_and_the_words_of_a_search_choose_the_rows(app, hospital, office):
    register(app, hospital, "Ng", "Smith")
    register(app, hospital, "Jones", birth_date=date(1980, 1, 1))
    assert [row["Patient"] for row in read(office.post("/patients/export", data={"q": "smi"}))] == ["Zoë Smith"]
    assert [row["Patient"] for row in read(office.post("/patients/export?age=16-64"))] == ["Zoë Jones"]
    assert read(office.post("/patients/export?sex=male")) == []


def test_the_button_sends_the_search_that_the_page_shows_but_not_in_its_address(app, hospital, office):
    register(app, hospital, "Ng", "Smith")
    shown = office.post("/patients/?sex=female", data={"q": "smi"}).text
    assert 'formaction="/patients/export?sex=female"' in shown
    assert '<input type="hidden" name="q" value="smi">' in shown
    assert sent_by(office.page("/patients/?sex=female"), "/patients/export") == "/patients/export?sex=female"


def test_who_sees_the_list_does_not_take_it_away_by_that(app, hospital, client_with, office):
    register(app, hospital, "Ng")
    reader = client_with("patients.view", hospital=hospital, username="reader")
    assert DOWNLOAD in office.page("/patients/").text
    assert DOWNLOAD not in reader.page("/patients/").text
    assert reader.post("/patients/export").status_code == 403


def test_a_file_is_kept_by_nobody_on_the_way_and_named_after_the_hospitals_day(app, hospital, office):
    clock.move(datetime(2026, 6, 30, 23, 30, tzinfo=UTC) - clock.now())  # half past midnight in London
    answer = office.post("/patients/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="patients-2026-07-01.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.data.endswith(b"\r\n")


def test_an_export_is_one_row_of_the_audit_with_what_was_taken(app, hospital, office):
    register(app, hospital, "Ng", "Smith")
    office.post("/patients/export?sex=female&sort=-name", data={"q": "smi"})
    (row,) = audited(app, hospital)
    told = {name: after for name, (_before, after) in row.changes.items()}
    assert told == {"list": "patients", "rows": 1, "q": "smi", "sex": "female", "sort": "-name"}
    assert row.actor_id
    assert row.request_id


def test_looking_at_a_list_is_no_export(app, hospital, office):
    office.page("/patients/")
    assert audited(app, hospital) == []


def test_the_number_of_queries_does_not_grow_with_the_rows(app, hospital, office, count_queries):
    register(app, hospital, "Ng", "Smith")
    office.post("/patients/export")
    with count_queries() as few:
        office.post("/patients/export")
    register(app, hospital, *(f"Ng {number}" for number in range(40)))
    with count_queries() as many:
        assert len(read(office.post("/patients/export"))) == 42
    assert len(many) == len(few)


def test_an_export_that_the_audit_cannot_hold_is_not_given(app, hospital, office, monkeypatch):
    register(app, hospital, "Ng")

    def busy(*_args, **_kwargs):
        raise sa.exc.OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr("portal.kit.reading.audit_hospital", busy)
    answer = office.post("/patients/export")
    assert answer.status_code == 503
    assert "Ng" not in answer.text


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+44 20 7946 0101", "'+44 20 7946 0101"),
        ("-1+2", "'-1+2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("Smith-Jones = 2", "Smith-Jones = 2"),
        (-5, -5),
        (Decimal("-12.50"), Decimal("-12.50")),
        (True, "yes"),
        (None, ""),
        (date(2026, 11, 3), "2026-11-03"),
    ],
)
def test_no_cell_is_a_formula_and_numbers_stay_numbers(in_app, value, kept):
    assert cell(value) == kept


def test_a_moment_is_written_in_the_hospitals_time(app, hospital):
    with app.app_context(), in_hospital(hospital):
        assert cell(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "2026-07-01 13:00"


def test_a_cell_with_commas_quotes_and_lines_is_read_back_as_it_was(app, hospital, office):
    name = 'O"Brien, the\r\nyounger'
    with app.app_context(), in_hospital(hospital):
        patient = Patient(first_name="Zoë", last_name="Ng", sex="female").register()
        db.session.flush()
        patient.last_name = name
        db.session.commit()
    (row,) = read(office.post("/patients/export"))
    assert row["Patient"] == f"Zoë {name}"


def test_the_directory_of_staff_is_a_file_for_the_personnel_office(app, hospital, client_with):
    office = client_with("staff.view", "staff.export", "staff.department_view", hospital=hospital)
    with app.app_context(), in_hospital(hospital):
        ward = Department.add(code="WARD-A", name="Ward A", kind="clinical")
        db.session.flush()
        facts = {"first_name": "Leila", "last_name": "Ng", "sex": "female", "phone": "5550100", "employee_no": "E1"}
        work = {"designation": "Sister", "role_kind": "nurse", "joined_on": date(2026, 1, 5), "status": "active"}
        db.session.add(Staff(**facts, **work, name_search=folded("Leila Ng"), department_id=ward.id))
        db.session.commit()
    assert sent_by(office.page("/staff/?q=lei"), "/staff/export") == "/staff/export?q=lei"
    (row,) = read(office.post("/staff/export?q=lei"))
    assert (row["Name"], row["Department"], row["Kind of work"]) == ("Leila Ng", "Ward A", "Nurse")
    (row,) = read(office.post("/staff/departments/export"))
    assert (row["Code"], row["Department"], row["Active staff"], row["In use"]) == ("WARD-A", "Ward A", "1", "yes")
    assert sent_by(office.page("/staff/departments/"), "/staff/departments/export")


def test_the_users_and_the_audit_are_files_for_who_may_take_them(app, hospital, client_with):
    names = ("user_view", "user_export", "audit_view", "audit_export")
    office = client_with(*(f"core.{name}" for name in names), hospital=hospital)
    assert sent_by(office.page("/settings/users/"), "/settings/users/export")
    rows = read(office.post("/settings/users/export", data={"q": "leila"}))
    assert [(row["Username"], row["State"]) for row in rows] == [("leila", "Active")]
    assert sent_by(office.page("/settings/audit/"), "/settings/audit/export")
    rows = read(office.post("/settings/audit/export"))
    assert (rows[0]["Who"], rows[0]["What"]) == ("Leila", "Exported")
    assert rows[0]["Before and after"].splitlines() == ["List: users", "Rows: 1", "Q: leila"]


def test_the_audit_is_taken_with_its_own_filters(app, hospital, client_with):
    office = client_with("core.audit_view", "core.audit_export", hospital=hospital)
    register(app, hospital, "Ng")
    office.post("/settings/audit/export")
    rows = read(office.post("/settings/audit/export?action=export"))
    assert [row["What"] for row in rows] == ["Exported"]
    told = {name: after for name, (_before, after) in audited(app, hospital)[-1].changes.items()}
    assert told == {"action": "export", "list": "audit", "rows": 1}
