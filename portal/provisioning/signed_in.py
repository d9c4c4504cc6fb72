"""When a hospital's administrators signed in there last: its own database knows, and is asked for a moment at most.

Signing in writes nothing to the control plane (docs/decisions/0022), so a page of the console looks where it was
written. That page never waits for a server or a disk that is silent: it then says what the platform itself knows.
"""

from collections.abc import Callable
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread

import sqlalchemy as sa
import structlog

from portal.auth.models import User as HospitalUser
from portal.auth.read_only import signed_in_meanwhile
from portal.control.models import Tenant
from portal.provisioning.places import databases_of, names_of
from portal.tenancy.databases.base import Databases, closed
from portal.tenancy.engines import stamp_of
from portal.tenancy.names import HospitalNames

log = structlog.get_logger(__name__)
ANSWERS_WITHIN = 0.5
late: dict[str, Thread] = {}  # by server: the question that got no answer in time, in this process


def signed_in_at(tenant: Tenant) -> dict[str, datetime] | None:
    """When each administrator signed in to this hospital last, by uuid; None where its database does not say so now.

    What a copy or a restored backup brought along from another hospital does not count.
    """
    if tenant.generation is None:
        return {}
    stamps = [(tenant.uuid, tenant.generation), (tenant.uuid, closed(tenant.generation))]
    databases, names = databases_of(tenant), names_of(tenant)
    found = _within_a_moment(tenant.server, lambda: _read(databases, names, stamps))
    if found is None:
        return None
    here = {uuid: at for uuid, at in found.items() if at and at >= tenant.created_at}
    meanwhile = signed_in_meanwhile(tenant.id)
    for user in (access.user for access in tenant.access if access.user.username in meanwhile):
        here[user.uuid] = max(meanwhile[user.username], here.get(user.uuid, tenant.created_at))
    return here


def _read(databases: Databases, names: HospitalNames, stamps: list[tuple]) -> dict[str, datetime | None] | None:
    engine = databases.looking_engine(names)
    query = sa.select(HospitalUser.platform_user_uuid, HospitalUser.last_login_at)
    with engine.connect() as connection:
        if stamp_of(connection.connection.driver_connection, engine.dialect.loaded_dbapi) not in stamps:
            return None
        rows = connection.execute(query.where(HospitalUser.platform_user_uuid.is_not(None)))
        return dict(rows.all())


def _within_a_moment(server: str, read: Callable[[], dict | None]) -> dict | None:
    """What `read` gives; None where it fails, takes too long, or an earlier question to this server still does."""
    if server in late and late[server].is_alive():
        return None
    answers = SimpleQueue()
    asking = Thread(target=_answer, args=(read, answers), name=f"signed in on {server}", daemon=True)
    asking.start()
    try:
        return answers.get(timeout=ANSWERS_WITHIN)
    except Empty:
        late[server] = asking
        return None


def _answer(read: Callable[[], dict | None], answers: SimpleQueue) -> None:
    try:
        answers.put(read())
    except Exception as error:  # a page that tells more than this must not fail by it, whatever the database is
        log.info("signed_in_unknown", error=type(error).__name__)
        answers.put(None)
