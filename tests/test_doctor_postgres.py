"""The doctor on a PostgreSQL server: databases, builds, templates and roles against the registry (tenancy.md T29)."""

import pytest
import sqlalchemy as sa

from portal.control.models import Tenant
from portal.extensions import db
from portal.provisioning.doctor import examine, repair, server_databases
from portal.provisioning.template import template_name
from tests import on_postgres
from tests.consoles import tenant_of

pytestmark = pytest.mark.postgres
CITY, LAKE = "hospital_city-general", "hospital_lakeside"


@pytest.fixture(autouse=True)
def scene(two_hospitals, in_app, monkeypatch):
    """Two hospitals on a server where everything is old enough to belong to nobody who is at work."""
    monkeypatch.setattr(server_databases, "YOUNG_SECONDS", 0)
    for role in on_postgres.cluster().execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'hospital\\_%'"):
        if role[0] not in (CITY, LAKE):
            on_postgres.cluster().execute(f'DROP ROLE "{role[0]}"')
    assert examine() == []


def order(statement: str) -> list[tuple]:
    """Change the server behind the portal's back."""
    return on_postgres.cluster().execute(statement)


def seen() -> list[tuple[str, str]]:
    """What is found now: the kind and the subject of each."""
    return [finding.key for finding in examine()]


def mended() -> dict[str, str]:
    """Repair all that is found; each subject with why it was not, or nothing."""
    return {finding.subject: problem for finding, problem in repair(examine())}


def test_a_database_that_is_gone_is_told_and_never_made():
    order(f'DROP DATABASE "{CITY}" WITH (FORCE)')
    assert seen() == [("database-missing", "city-general")]
    assert mended() == {}
    assert on_postgres.cluster().databases("hospital\\_%") == [LAKE]


def test_what_killed_work_left_shut_is_opened_again(client_with):
    order(f'ALTER DATABASE "{CITY}" ALLOW_CONNECTIONS false')
    order(f'ALTER ROLE "{LAKE}" IN DATABASE "{LAKE}" SET default_transaction_read_only = on')
    assert ("closed-by-server", "city-general") in seen()
    assert ("read-only-by-server", "lakeside") in seen()
    assert set(mended().values()) == {""}
    assert examine() == []


def test_a_database_that_belongs_to_nobody_is_set_aside_whole():
    order(f'CREATE DATABASE "hospital_old-wing" TEMPLATE "{template_name()}"')
    assert seen() == [("database-of-nobody", "hospital_old-wing")]
    assert mended() == {"hospital_old-wing": ""}
    [aside] = on_postgres.cluster().databases("aside\\_%")
    assert aside.startswith("aside_old-wing_")
    assert examine() == []
    order(f'DROP DATABASE "{aside}"')


def test_databases_that_changed_their_names_are_told_and_left_to_people():
    order(f'ALTER DATABASE "{CITY}" RENAME TO aside')
    order(f'ALTER DATABASE "{LAKE}" RENAME TO "{CITY}"')
    order(f'ALTER DATABASE aside RENAME TO "{LAKE}"')
    assert sorted(seen()) == [("other-hospital", "city-general"), ("other-hospital", "lakeside")]
    assert mended() == {}


def test_an_older_copy_is_not_taken_for_the_hospital():
    db.session.execute(sa.update(Tenant).where(Tenant.subdomain == "lakeside").values(generation="f" * 32))
    db.session.commit()
    assert seen() == [("other-generation", "lakeside")]
    assert mended() == {}


def test_what_dead_workers_and_older_releases_left_is_removed():
    order(f'CREATE DATABASE build_left TEMPLATE "{template_name()}"')
    order("COMMENT ON DATABASE build_left IS '2026-01-05T08:00:00+00:00'")
    order("CREATE DATABASE template_of_another_release IS_TEMPLATE true ALLOW_CONNECTIONS false")
    order('CREATE ROLE "hospital_left-over"')
    kinds = {
        "build_left": "build-left",
        "template_of_another_release": "template-old",
        "hospital_left-over": "role-alone",
    }
    assert seen() == [(kind, subject) for subject, kind in kinds.items()]
    assert mended() == dict.fromkeys(kinds, "")
    assert examine() == []


def test_the_database_of_a_hospital_that_is_elsewhere_belongs_to_nobody(in_app):
    """A move that was killed at its very end has left the old one."""
    assert tenant_of("lakeside").server == "default"
    db.session.execute(sa.update(Tenant).where(Tenant.subdomain == "lakeside").values(server="elsewhere"))
    db.session.commit()
    assert seen() == [("database-of-nobody", LAKE)]


def test_a_server_that_does_not_answer_is_one_finding(in_app, monkeypatch):
    server = in_app.extensions["engines"].databases().server
    monkeypatch.setattr(server, "url", server.url.set(port=on_postgres.free_port()))
    assert seen() == [("server-away", "default")]
