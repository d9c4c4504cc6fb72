"""Giving a database's name up while the hospital is in use: closed, emptied under the write lock, then removed.

Whoever waits for the write lock meanwhile, or comes too late, finds no table to write to: nothing that somebody was
told is saved goes with the old files.
"""

import sqlite3
import time
from collections.abc import Callable
from functools import partial

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.provisioning.ledger import Ledger
from portal.provisioning.places import names_at, stamp_at
from portal.tenancy.control_engine import decision
from portal.tenancy.databases.base import OUT_OF_REACH, DatabaseDamaged, Databases
from portal.tenancy.names import HospitalNames
from portal.tenancy.registry import BELIEVED_SECONDS

log = structlog.get_logger(__name__)
DRAIN_SECONDS = BELIEVED_SECONDS + 0.2
LEFT = "left"
REMOVED_LATER = _("Its files could not be removed now; they are removed within the hour.")


def close(ledger: Ledger, tenant: Tenant) -> None:
    """Let nobody into the hospital until the operation ends, and wait until every process knows (D21)."""
    ledger.close(tenant.id)
    time.sleep(DRAIN_SECONDS)


def empty(databases: Databases, names: HospitalNames, uuid: str, locked: Callable[[], object]) -> None:
    """Take everything out of a database in one transaction of it.

    `locked()` runs while nobody can write to it any more and everything is still in it; what it raises keeps that.
    Once it has ended an emptying that does not work is only written down, because the files go anyway.
    """
    is_done = False

    def leave() -> None:
        nonlocal is_done
        locked()
        is_done = True

    try:
        databases.empty(names, (uuid, LEFT), leave)
    except (OSError, sa.exc.DBAPIError, sqlite3.Error, DatabaseDamaged):
        if not is_done:
            raise
        log.exception("not_emptied", database=names.database)


def remove(
    databases: Databases, names: HospitalNames, ledger: Ledger, is_left: Callable[[], bool] = lambda: True
) -> None:
    """Remove a database that was given up, where it `is_left`; what does not work now the hourly look does."""
    ledger.beat()  # an attempt that lost its lease removes nothing
    try:
        if is_left():
            databases.remove(names)
    except OUT_OF_REACH:
        log.exception("not_removed", database=names.database)
        ledger.say(REMOVED_LATER)


def tried(what: str, remove: Callable[[], bool]) -> bool:
    """It is removed; what cannot be removed now is tried again within the hour, and keeps no other one waiting."""
    try:
        return remove()
    except OUT_OF_REACH:
        log.exception("not_removed", what=what)
        return False


def is_of(databases: Databases, names: HospitalNames, uuid: str) -> bool:
    """A database of this name is there and is this hospital's, in use or left behind."""
    stamp = stamp_at(databases, names)
    return stamp is not None and stamp[0] == uuid


def forget_left() -> list[str]:
    """Remove what renames that are over left under the name that nobody has; answers with those subdomains.

    That is the old one where its files could not be removed, and the new one where the worker died before the registry
    had it.
    """
    renames = sa.select(Operation.details, Tenant.uuid, Tenant.server).join(Operation.tenant)
    renames = renames.where(Operation.kind == "rename", Operation.active_key.is_(None))
    with db.engine.connect().execution_options(writing=False) as connection:
        found = connection.execute(renames).all()
    names = [(row.details[name], row.uuid, row.server) for row in found for name in ("before", "subdomain")]
    return [about[0] for about in names if tried(about[0], partial(_forget, *about))]


def _forget(subdomain: str, uuid: str, server: str) -> bool:
    """Remove a database of this hospital whose name nobody has; while that is looked up nobody takes it."""
    databases, names = current_app.extensions["engines"].databases(server), names_at(subdomain)
    if not is_of(databases, names, uuid):
        return False
    with decision() as connection:
        if connection.scalar(sa.select(Tenant.id).where(Tenant.subdomain == subdomain)) is not None:
            return False
        databases.remove(names)
    return True
