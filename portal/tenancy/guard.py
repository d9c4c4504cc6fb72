"""The guard at a hospital's door: is its database one that this release works on? (tenancy.md T16)"""

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.i18n import _
from portal.migrations import current_standing
from portal.tenancy import releases
from portal.tenancy.current import Hospital, OtherRelease
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, WrongDatabase
from portal.tenancy.registry import find_hospital, report_revision
from portal.tenancy.session import TENANT

log = structlog.get_logger(__name__)


def refusal(hospital: Hospital) -> str | None:
    """Why this release does not serve the hospital now, or None; asks for the one migration that will end it.

    It says only what the registry says, which the request has read anyway. A hospital that a newer release has changed
    is left to that one.
    """
    if releases.is_served(hospital):
        return None
    if releases.is_behind(hospital):
        current_app.extensions["ask_migration"](hospital)
    return _("{hospital} is being updated. Try again in a few minutes.", hospital=hospital.name)


def look_again(hospital: Hospital) -> str | None:
    """After the database refused a statement: what its revision has to do with that, as a `refusal`.

    Where the registry was wrong about the revision it is told, and it may have moved on since this request asked it.
    """
    revision, serves_from = _standing_now(hospital)
    if revision is None:
        return None
    if revision != hospital.revision:
        report_revision(hospital.id, revision, serves_from)
        current_app.extensions["registry"].forget()
        log.warning("revision_differs", hospital=hospital.uuid, registered=hospital.revision, found=revision)
    known = find_hospital(hospital.subdomain)
    return refusal(known) if known else None


def _standing_now(hospital: Hospital) -> tuple[str | None, str | None]:
    """What the database itself says; nothing where it does not answer."""
    try:
        engine = current_app.extensions["engines"].get(hospital, writing=False)
        with engine.connect() as connection:
            return current_standing(TENANT, connection)
    except OtherRelease as error:  # on a server the connection itself finds out, and goes no further
        return error.standing
    except (LookupError, sa.exc.SQLAlchemyError, DatabaseMissing, DatabaseDamaged, WrongDatabase):
        return None, None
