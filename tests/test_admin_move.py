"""Moving on the console and the command line: offered where there is another server, asked twice, told in full."""

import json

import pytest
import sqlalchemy as sa

from portal.auth.passwords import hashed
from portal.control.models import User
from portal.extensions import db
from portal.provisioning import operations, transfer
from tests.conftest import NORTH
from tests.consoles import browser_as, operations_of

pytestmark = pytest.mark.usefixtures("second_server")

RECORD = "/admin/hospitals/city-general"
PASSWORD = "Long-enough-pass-9"
SURE = {"typed": "city-general", "password": PASSWORD, "server": NORTH}


@pytest.fixture
def console(app, signed_in, hospital):
    """The superuser's browser; they have a password."""
    with app.app_context():
        db.session.execute(sa.update(User).where(User.username == "root").values(password_hash=hashed(PASSWORD)))
        db.session.commit()
    return signed_in


def test_a_hospital_is_moved_from_its_record(app, console):
    page = console.page(f"{RECORD}/move")
    assert all(words in page.text for words in ("Move City General Hospital to another server?", "it is here now"))
    assert "0 of 2 hospitals at most" in page.text
    answer = console.post(f"{RECORD}/move", data=SURE)
    assert (answer.status_code, answer.location) == (303, RECORD)
    assert "Moving City General Hospital" in console.page(RECORD).text
    with app.app_context():
        assert operations.perform(operations_of("city-general")[-1].id)
    page = console.page(RECORD)
    assert "City General Hospital is on its new server" in page.text
    assert "It was on default and is on north now." in page.text
    assert "on the server north" in page.text
    assert "Moved to another server" in page.text


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"server": ""}, "Choose a server"),
        ({"server": "south"}, "There is no server called south."),
        ({"server": "default"}, "City General Hospital is on this server already."),
        ({"password": "wrong"}, "That password is not right"),
    ],
)
def test_a_wrong_answer_moves_nothing(app, console, answers, sentence):
    answer = console.post(f"{RECORD}/move", data={**SURE, **answers})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    with app.app_context():
        assert [operation.kind for operation in operations_of("city-general")] == ["create"]


@pytest.mark.parametrize(("role", "status"), [("platform_admin", 200), ("hospital_admin", 403)])
def test_who_may_move_a_hospital(app, hospital, role, status):
    browser = browser_as(app, "grace", role, hospital)
    assert browser.get(f"{RECORD}/move").status_code == status
    assert (f"{RECORD}/move" in browser.page(RECORD).html) == (status == 200)


def test_the_command_tells_what_it_compared(app, hospital):
    run = app.test_cli_runner()
    refused = run.invoke(args=["tenant", "move", "city-general", "--to", NORTH])
    assert (refused.exit_code, "Run it again with --yes." in refused.output) == (2, True)
    unknown = run.invoke(args=["tenant", "move", "city-general", "--to", "south", "--yes"])
    assert (unknown.exit_code, unknown.output.strip()) == (2, "There is no server called south.")
    result = run.invoke(args=["tenant", "move", "city-general", "--to", NORTH, "--yes", "--json"])
    told = json.loads(result.stdout)
    assert (result.exit_code, told["from"], told["to"], told["server"]) == (0, "default", NORTH, NORTH)
    assert (len(told["tables"]), told["error"], len(told["backup"])) == (len(transfer.tables()), None, 8)
    assert told["tables"]["core_identity"]["rows"] == 1
