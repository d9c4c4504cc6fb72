"""What tests of staff share: the personnel office at work in a browser, and people of whom models are asked."""

import re
from datetime import date

from modules.staff.models import Department, Staff
from portal.extensions import db
from tests.page import Page

VERBS = "view detail_view audit_view add change void export credential_view credential_add credential_change"
EVERYTHING = [f"staff.{verb}" for verb in f"{VERBS} department_view department_add department_change".split()]
WARD = {"name": "Ward A, Medical", "code": "WARD-A", "kind": "clinical"}
LEILA = {
    "first_name": "Leila",
    "last_name": "Rahmån",
    "sex": "female",
    "phone": "020 7946 0101",
    "department_id": "1",
    "designation": "Ward sister",
    "role_kind": "nurse",
    "employment": "full_time",
    "joined_on": "2026-01-05",
}


def sent(browser, path: str, answers: dict, **changes) -> str:
    """Send a form that is right; the address it leads to, which has been opened."""
    answer = browser.post(path, data={**answers, **changes})
    assert answer.status_code == 303, Page(answer.get_data(as_text=True)).text
    browser.page(answer.location)
    return answer.location


def register(browser, **changes) -> str:
    """Register somebody; the address of the record."""
    return sent(browser, "/staff/new", LEILA, **changes)


def refused(browser, path: str, answers: dict, expected: int = 422, /, **changes) -> str:
    """What people read when a form has something wrong in it."""
    answer = browser.post(path, data={**answers, **changes})
    assert answer.status_code == expected
    return Page(answer.get_data(as_text=True)).text


def version_of(browser, path: str) -> str:
    """The version that the form at this address changes."""
    return next(one["value"] for one in browser.page(path).fields if one.get("name") == "version")


def change(browser, place: str, **changes) -> str:
    """Change a record in the way its form does."""
    return sent(browser, f"{place}/edit", LEILA, **{"version": version_of(browser, f"{place}/edit"), **changes})


def change_department(browser, number: int = 1, **changes) -> dict:
    """What the form of a department sends: the ward, in use, with these changes."""
    path = f"/staff/departments/{number}/edit"
    return WARD | {"version": version_of(browser, path), "is_active": "y"} | changes


def ward(**changes) -> Department:
    """A department, without a browser."""
    department = Department.add(**(WARD | changes))
    db.session.flush()
    return department


def member_of(department: Department, **changes) -> Staff:
    """Somebody who works there, without a browser."""
    facts = LEILA | {"department_id": department.id, "joined_on": date(2026, 1, 5)} | changes
    return Staff.register(**facts)


def number_in(place: str) -> int:
    """The id at the end of an address."""
    return int(re.search(r"/(\d+)(?:/|$)", place)[1])
