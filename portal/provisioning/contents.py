"""How much a hospital has entered, counted now: what people are told before it is deleted (ux.md 7)."""

import sqlite3
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.control.models import Tenant
from portal.i18n import _, ngettext
from portal.kit.module import GROUPS, Module
from portal.provisioning.places import databases_of, names_of
from portal.provisioning.registration import ALWAYS
from portal.tenancy.databases import catalog
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing
from portal.tenancy.engines import read_stamp

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Contents:
    """What is in a hospital's database, such as “1,284 patients”; no counts where nobody can say."""

    database: str
    exists: bool
    counts: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """“1,284 patients, 3,907 appointments and 12 staff accounts”, or why nobody can say."""
        if not self.exists:
            return _("no database")
        if len(self.counts) < 2:
            return self.counts[0] if self.counts else _("what is in it cannot be read")
        return _("{several} and {last}", several=", ".join(self.counts[:-1]), last=self.counts[-1])

    @property
    def deleted(self) -> str:
        """What recreating does; for one that is there `words` end the sentence."""
        if self.exists:
            return _("This deletes everything in the database {database}:", database=self.database)
        return _("There is no database {database}.", database=self.database)

    @property
    def kept(self) -> str:
        """What becomes of what is there."""
        if not self.exists:
            return _("An empty one is made; there is nothing to back up.")
        if not self.counts:
            return _("Its file is first kept as it is, beside the backups. If that fails, nothing is deleted.")
        days = current_app.extensions["settings"].backup_keep_days
        return _("A backup is made first and kept for {days} days. If the backup fails, nothing is deleted.", days=days)


def contents_of(tenant: Tenant) -> Contents:
    """Count what the modules declare, on an engine that only looks; never raises for what it finds there."""
    names = names_of(tenant)
    databases = databases_of(tenant)
    if not databases.exists(names):
        return Contents(names.database, exists=False)
    try:
        counts = _counted(databases.looking_engine(names), tenant.uuid)
    except DatabaseMissing:
        return Contents(names.database, exists=False)
    except (DatabaseDamaged, sa.exc.DBAPIError, sqlite3.Error, OSError, UnicodeDecodeError) as error:
        log.warning("not_counted", database=names.database, error=str(error))
        counts = ()
    return Contents(names.database, exists=True, counts=counts)


def _counted(engine: sa.Engine, uuid: str) -> tuple[str, ...]:
    """The counts in words; nothing for a database that belongs to another hospital or has none of the tables."""
    stamp = read_stamp(engine)
    if stamp is None or stamp[0] != uuid:
        return ()
    with engine.connect() as connection:
        there = {entry.name for entry in catalog.entries_in(connection)}
        return tuple(
            ngettext(*words, connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table))))
            for module in sorted(current_app.extensions["modules"].values(), key=_place)
            for table, words in module.counts.items()
            if table in there
        )


def _place(module: Module) -> tuple[int, bool]:
    """The order of the menu, in each group first what no hospital is without."""
    return GROUPS.index(module.group), module.name not in ALWAYS
