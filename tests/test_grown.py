"""An installation that has grown: two PostgreSQL servers, one behind PgBouncer, Redis, and two machines.

Hospitals are placed on both servers and used from both machines; one moves; a release is rolled out to thirty of them,
three of which cannot take it, while the other machine is of the older one (tenancy.md T12, T13, T30).
"""

import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from portal import redis_server
from tests import bouncer, on_postgres
from tests.consoles import ANSWERS
from tests.machines import WORK_SECONDS, Browser, Machine
from tests.modules.test_patients import ZOE
from tests.page import Page
from tests.processes import ROOT, wait_until

pytestmark = pytest.mark.postgres
PASSWORD = "Long-enough-pass-9"
ANN = {"first_name": "Ann", "last_name": "Baker", "birth_date": "1990-05-17", "phone": "07700 900555"}
NEW, COUNT = "/admin/hospitals/new", 30
NAMES = [f"clinic-{number:02}" for number in range(COUNT)]
POISONED = NAMES[14], NAMES[21], NAMES[25]
NEXT_RELEASE = '''"""What the next release adds."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0023", "0022", None, None


def upgrade() -> None:
    op.create_table("patients_next_release", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("patients_next_release")
'''


@pytest.fixture
def clusters():
    """Two servers: north has room for twice as many as south."""
    with ExitStack() as ends:
        both = [on_postgres.Cluster(), on_postgres.Cluster()]
        for cluster in both:
            ends.callback(cluster.stop)
        yield both


@pytest.fixture
def machines(tmp_path, clusters):
    """Two machines of one installation, at work: north is reached through PgBouncer, south directly."""
    north, south = clusters
    north.execute("CREATE DATABASE control")
    with ExitStack() as ends:
        redis = redis_server.start(tmp_path / "redis")
        ends.callback(redis.stop)
        pooler = bouncer.Bouncer(north)
        ends.callback(pooler.stop)
        shared = {
            "DATABASE_URL": north.url_of("control"),
            "TENANT_SERVERS": f"default={north.url}?weight=2&{pooler.options} south={south.url}",
            "REDIS_URL": redis.url,
            "SECRET_KEY": "a key that only tests use",
            "HOSPITALS_DIR": str(tmp_path / "hospitals"),
            "BACKUPS_DIR": str(tmp_path / "backups"),
            "BACKUP_EVERY": "0",
        }
        both = [Machine(tmp_path / name, shared) for name in ("one", "two")]
        root = ("--username", "root", "--email", "root@portal.test", "--password", PASSWORD)
        made = both[0].flask("user", "create-superuser", *root)
        assert made.returncode == 0, made.stderr
        for machine in both:
            ends.callback(machine.stop)
            machine.start()
        yield both


def signed_in(machine: Machine, username: str, subdomain: str = "") -> Browser:
    """Somebody who has signed in there."""
    browser = Browser(machine, subdomain)
    answer = browser.post("/sign-in", {"username": username, "password": PASSWORD})
    assert answer.status == 303, Page(answer.text).text
    return browser


def create_all(machines: list[Machine], root: Browser) -> None:
    """Ask for every hospital on the page, half of them at each machine, four at a time; workers of both make them."""

    def create(number: int) -> int:
        own = {"name": f"Clinic {number}", "subdomain": NAMES[number], "admin_password": PASSWORD}
        own |= {"admin_username": f"grace{number}", "admin_email": f"grace{number}@clinic.test"}
        return root.at(machines[number % 2]).post(NEW, ANSWERS | own).status

    with ThreadPoolExecutor(4) as people:
        assert list(people.map(create, range(COUNT))) == [303] * COUNT
    wait_until(lambda: statuses(machines[0]) == {"ready": COUNT}, WORK_SECONDS)


def statuses(machine: Machine) -> Counter:
    """How many hospitals have each status."""
    return Counter(one["status"] for one in machine.answer("tenant", "list"))


def next_release(folder: Path) -> Path:
    """A copy of this release with one more migration."""
    left_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", "instance", "hospitals", "backups")
    shutil.copytree(ROOT, folder, ignore=left_out, symlinks=True)
    (folder / "migrations/tenant/versions/0023_patients_next_release.py").write_text(NEXT_RELEASE)
    return folder


def poison(cluster: on_postgres.Cluster, subdomain: str) -> None:
    """Let the next release's migration fail in this hospital: what it makes is there, with a row."""
    with psycopg.connect(cluster.url_of(f"hospital_{subdomain}"), autocommit=True) as connection:
        connection.execute("CREATE TABLE patients_next_release (id integer)")
        connection.execute("INSERT INTO patients_next_release VALUES (7)")


def cure(cluster: on_postgres.Cluster, subdomain: str) -> None:
    """What was poisoned is as it was, and nothing of the migration was kept."""
    with psycopg.connect(cluster.url_of(f"hospital_{subdomain}"), autocommit=True) as connection:
        assert connection.execute("SELECT id FROM patients_next_release").fetchall() == [(7,)]
        assert connection.execute("SELECT version_num FROM alembic_version_tenant").fetchall() == [("0022",)]
        connection.execute("DROP TABLE patients_next_release")


def test_hospitals_on_two_servers_are_used_moved_and_migrated_from_two_machines(machines, clusters, tmp_path):
    one, two = machines
    create_all(machines, signed_in(one, "root"))
    servers = {hospital["subdomain"]: hospital["server"] for hospital in one.answer("tenant", "list")}
    assert Counter(servers.values()) == {"default": 2 * COUNT // 3, "south": COUNT // 3}
    assert [len(cluster.databases("hospital\\_%")) for cluster in clusters] == [2 * COUNT // 3, COUNT // 3]

    seen = [next(name for name in NAMES if servers[name] == server) for server in ("default", "south")]
    for name in seen:
        grace = signed_in(one, f"grace{NAMES.index(name)}", name)
        kept = grace.post("/patients/new", ZOE)
        assert kept.status == 303, Page(kept.text).text
        assert "O’Brien" in grace.at(two).get(kept.location).text

    moved = seen[0]
    grace = signed_in(two, f"grace{NAMES.index(moved)}", moved)
    told = two.answer("tenant", "move", moved, "--to", "south", "--yes")
    assert (told["state"], told["server"]) == ("succeeded", "south")
    assert told["tables"]["patients_patient"]["rows"] == 1
    assert grace.at(one).get("/patients/").status == 200  # still signed in, on the other server
    assert grace.post("/patients/new", ZOE | ANN).status == 303
    servers[moved] = "south"

    where = dict(zip(("default", "south"), clusters, strict=True))
    for name in POISONED:
        poison(where[servers[name]], name)
    one.stop()
    one.tree = next_release(tmp_path / "next")  # the workers of the other machine are of the older release
    told = one.answer("tenant", "migrate", "--all", "--jobs", "2", "--canary", "2", status=4)
    assert (told["state"], told["migrated"], told["left"]) == ("finished", COUNT - len(POISONED), 0)
    assert {one["subdomain"]: "already exists" in one["error"] for one in told["failed"]} == dict.fromkeys(
        POISONED, True
    )
    seen_now = one.answer("tenant", "status", status=4)
    assert (seen_now["at_head"], seen_now["behind"], seen_now["failed"]) == (COUNT - len(POISONED), 3, 3)

    for name in POISONED:
        cure(where[servers[name]], name)
    again = one.answer("tenant", "migrate", "--all")
    assert (again["migrated"], again["failed"]) == (len(POISONED), [])
    assert one.answer("tenant", "status")["is_whole"]
    one.start()
    grace = signed_in(one, f"grace{NAMES.index(moved)}", moved)
    assert "Baker" in grace.get("/patients/").text
    findings = one.answer("tenant", "doctor", status=4)["findings"]
    assert [finding["kind"] for finding in findings] == ["template-old"] * 2  # the other machine still uses them
