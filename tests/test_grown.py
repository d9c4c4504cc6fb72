"""An installation that has grown: two PostgreSQL servers, one behind PgBouncer, Redis, and two machines.

Hospitals are placed on both servers and used from both machines; one moves; a release is rolled out to thirty of them,
three of which cannot take it (tenancy.md T12, T13, T30).
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from portal import redis_server
from tests import on_postgres
from tests.consoles import ANSWERS
from tests.machines import Browser, Machine
from tests.page import Page
from tests.processes import ROOT, wait_until

pytestmark = pytest.mark.postgres
PASSWORD = "Long-enough-pass-9"
NEW, COUNT = "/admin/hospitals/new", 30
NAMES = [f"clinic-{number:02}" for number in range(COUNT)]
POISONED = NAMES[4], NAMES[11], NAMES[25]
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
    both = [on_postgres.Cluster(), on_postgres.Cluster()]
    yield both
    for cluster in both:
        cluster.stop()


@pytest.fixture
def machines(tmp_path, clusters):
    """Two machines of one installation, at work."""
    redis = redis_server.start(tmp_path / "redis")
    north, south = clusters
    north.execute("CREATE DATABASE control")
    shared = {
        "DATABASE_URL": north.url.replace("/postgres", "/control"),
        "TENANT_SERVERS": f"default={north.url}?weight=2 south={south.url}",
        "REDIS_URL": redis.url,
        "SECRET_KEY": "a key that only tests use",
        "HOSPITALS_DIR": str(tmp_path / "hospitals"),
        "BACKUPS_DIR": str(tmp_path / "backups"),
    }
    both = [Machine(tmp_path / name, shared) for name in ("one", "two")]
    root = ("--username", "root", "--email", "root@portal.test", "--password", PASSWORD)
    made = both[0].flask("user", "create-superuser", *root)
    assert made.returncode == 0, made.stderr
    try:
        for machine in both:
            machine.start()
        yield both
    finally:
        for machine in both:
            machine.stop()
        redis.stop()


def signed_in(machine: Machine, username: str, subdomain: str = "") -> Browser:
    """Somebody who has signed in there."""
    browser = Browser(machine, subdomain)
    answer = browser.post("/sign-in", {"username": username, "password": PASSWORD})
    assert answer.status == 303, Page(answer.text).text
    return browser


def create_all(machines: list[Machine], root: Browser) -> None:
    """Ask for every hospital on the page, half of them at each machine, four at a time; workers of both make them."""

    def create(number: int) -> int:
        own = {"name": f"Clinic {number}", "subdomain": NAMES[number], "admin_email": f"grace{number}@clinic.test"}
        return root.at(machines[number % 2]).post(NEW, ANSWERS | own | {"admin_username": f"grace{number}"}).status

    with ThreadPoolExecutor(4) as people:
        assert list(people.map(create, range(COUNT))) == [303] * COUNT
    wait_until(lambda: {one["status"] for one in machines[0].answer("tenant", "list")} == {"ready"}, 240)


def next_release(folder: Path) -> Path:
    """A copy of this release with one more migration."""
    left_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", "instance", "hospitals", "backups")
    shutil.copytree(ROOT, folder, ignore=left_out, symlinks=True)
    (folder / "migrations/tenant/versions/0023_patients_next_release.py").write_text(NEXT_RELEASE)
    return folder


def change(url: str, subdomain: str, statement: str) -> None:
    """Change a hospital's database behind the portal's back."""
    with psycopg.connect(url, dbname=f"hospital_{subdomain}", autocommit=True) as connection:
        connection.execute(statement)


def test_hospitals_on_two_servers_are_used_moved_and_migrated_from_two_machines(machines, clusters, tmp_path):
    one, two = machines
    root = signed_in(one, "root")
    create_all(machines, root)
    known = {hospital["subdomain"]: hospital for hospital in one.answer("tenant", "list")}
    on_north = [name for name in NAMES if known[name]["server"] == "default"]
    assert sorted(known) == NAMES
    assert len(on_north) == 2 * COUNT // 3
    assert [len(cluster.databases("hospital\\_%")) for cluster in clusters] == [20, 10]

    first = on_north[0]
    link = one.flask("tenant", "show", first)
    assert link.returncode == 0
