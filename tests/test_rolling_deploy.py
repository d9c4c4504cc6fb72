"""A rolling deploy with real processes of three releases; people work through all of it (tenancy.md T16).

The first step only adds, and nobody notices it. The second one is more than an addition: whoever comes to the wrong
web meanwhile reads that the hospital is being updated, and nothing that was saved is lost.
"""

import pytest

from portal import redis_server
from portal.migrations import head
from portal.provisioning import operations
from portal.tenancy.session import TENANT
from tests.processes import wait_until
from tests.provisioned import database, query, seen_tenant
from tests.rolling import Person, Release
from tests.running import START_SECONDS, Browser

MIGRATE = """\
from wsgi import app
from portal.provisioning import TenantDatabaseManager
with app.app_context():
    TenantDatabaseManager.migrate_hospital_database("city-general")
"""
HOST = "city-general.localhost"


@pytest.fixture
def releases(settings, tmp_path):
    """This release, the next one, which only adds, and the one after that, which moves what is there."""
    now = Release(settings)
    following = now.next(tmp_path / "following")
    following.add_revision(
        "control",
        "0002_control_motto",
        'op.add_column("control_tenant", sa.Column("motto", sa.String(80)))',
        additive=True,
    )
    after = f"{int(head(TENANT)) + 1:04}"
    column = 'op.add_column("patients_patient", sa.Column("called", sa.String(80), nullable=True))'
    following.add_revision(TENANT, f"{after}_patients_called", column, additive=True)
    last = following.next(tmp_path / "last")
    filled = 'op.execute("UPDATE patients_patient SET called = first_name")'
    last.add_revision(TENANT, f"{int(after) + 1:04}_patients_fill", filled, additive=False)
    last.replace(
        "modules/patients/models/patient.py",
        "    first_name: Mapped[str]",
        "    called: Mapped[str | None] = mapped_column(sa.String(80))\n    first_name: Mapped[str]",
    )
    server = redis_server.start(settings.instance_dir / "redis")
    yield now, following, last
    for release in (now, following, last):
        release.stop()
    server.stop()


@pytest.fixture
def person(client_with):
    """Makes people at a web, who are all one user of City General."""
    session = client_with("patients.view", "patients.add").get_cookie("session", domain=HOST)
    people = []

    def make(name: str, socket) -> Person:
        browser = Browser(socket, f"session={session.value}")
        browser.headers["Host"] = f"{HOST}:8000"
        people.append(Person(name, browser))
        people[-1].begin()
        return people[-1]

    yield make
    for one in people:
        one.stopping = True


def test_people_work_through_two_deploys_and_lose_nothing(hospital, in_app, releases, person):
    now, following, last = releases
    now.start_worker()
    anna = person("ann", now.start_web())
    saves(anna)
    following.run("-m", "flask", "--app", "wsgi", "db", "upgrade")
    following.start_worker()
    berta = person("berta", following.start_web())
    saves(anna, berta)
    following.run("-c", MIGRATE)
    saves(anna, berta)
    anna.end()
    now.stop()
    assert (anna.refused, berta.refused) == (0, 0)

    last.start_worker()
    clara = person("claire", last.start_web())
    wait_until(lambda: operations.reap() or clara.saved, START_SECONDS)
    wait_until(lambda: berta.refused)
    berta.end()
    following.stop()
    saves(clara)
    clara.end()
    assert (anna.wrong, berta.wrong, clara.wrong) == ([], [], [])
    assert seen_tenant(hospital.id).revision == f"{int(head(TENANT)) + 2:04}"
    kept = dict(query(database(), "SELECT first_name, called FROM patients_patient"))
    assert sorted(kept) == sorted(anna.saved + berta.saved + clara.saved)
    assert all(kept[name] == name for name in anna.saved + berta.saved)


def saves(*people: Person) -> None:
    """Each of them saves something from now on."""
    before = {one.name: len(one.saved) for one in people}
    wait_until(
        lambda: any(one.wrong for one in people) or all(len(one.saved) > before[one.name] + 2 for one in people),
        START_SECONDS,
    )
    assert [one.wrong for one in people] == [[] for one in people]
