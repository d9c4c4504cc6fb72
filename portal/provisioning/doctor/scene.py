"""What the registry knows, read once for all checks, and whom a file belongs to."""

import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import defer, joinedload

from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.provisioning.generations import unfinished
from portal.settings import Settings
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, Databases
from portal.tenancy.databases.sqlite import SIDE_FILES
from portal.tenancy.engines import read_stamp
from portal.tenancy.names import PREFIX, HospitalNames
from portal.tenancy.servers import DEFAULT

YOUNG_SECONDS = 600
UNREADABLE, UNSAID = ("unreadable", ""), ("unsaid", "")
ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class Scene:
    """The registry at one moment, beside one of the servers that hospitals are on."""

    tenants: dict[str, Tenant]
    active: list[Operation]
    holding: list[Operation]
    unfinished: dict[int, set[str]]
    backups: list[Backup]
    settings: Settings
    server: str
    databases: Databases

    @classmethod
    def read(cls) -> "Scene":
        """The registry as it is now; whoever looks at the disk afterwards holds no lock of it."""
        with_tenant = sa.select(Operation).options(joinedload(Operation.tenant), defer(Operation.log))
        tenants = {one.subdomain: one for one in db.session.scalars(sa.select(Tenant))}
        active = list(db.session.scalars(with_tenant.where(Operation.state.in_(ACTIVE))))
        held = Operation.active_key.is_not(None), Operation.state.not_in(ACTIVE)
        holding = list(db.session.scalars(with_tenant.where(*held)))
        backups = list(db.session.scalars(sa.select(Backup).options(joinedload(Backup.tenant))))
        db.session.expunge_all()
        db.session.rollback()
        settings = current_app.extensions["settings"]
        default = current_app.extensions["engines"].databases()
        return cls(tenants, active, holding, unfinished(), backups, settings, DEFAULT, default)

    def on(self, kind: type[Databases]) -> list["Scene"]:
        """The same registry beside each server of this kind."""
        servers = current_app.extensions["engines"].servers
        return [
            replace(self, server=name, databases=databases)
            for name, databases in servers.items()
            if isinstance(databases, kind)
        ]

    @cached_property
    def here(self) -> dict[str, Tenant]:
        """The hospitals that were placed on this server."""
        return {subdomain: one for subdomain, one in self.tenants.items() if one.server == self.server}

    @cached_property
    def busy(self) -> set[int]:
        """The hospitals with work waiting or under way: all of theirs is left to that."""
        return {operation.tenant_id for operation in self.active}

    @cached_property
    def builds(self) -> set[str]:
        """What work is being built under."""
        return {operation.build for operation in self.active if operation.build}

    @cached_property
    def names(self) -> set[str]:
        """The subdomains that some hospital here has, or that work under way is about to give or has just taken."""
        promised = {value for one in self.active for value in one.details.values() if isinstance(value, str)}
        return {*self.here, *promised} | {name for name, one in self.tenants.items() if one.id in self.busy}

    @cached_property
    def by_uuid(self) -> dict[str, Tenant]:
        """The hospitals by their uuid."""
        return {one.uuid: one for one in self.tenants.values()}

    def published(self, name: str) -> HospitalNames:
        """A file of the hospitals' folder as a database is asked for, whatever its name."""
        subdomain = name.removeprefix(PREFIX).removesuffix(".db")
        return HospitalNames(subdomain, "", PREFIX + subdomain, name)

    def stamp(self, name: str) -> tuple[str, str] | None:
        """Whose database a file says it is; None where it says nothing, `UNREADABLE` where it cannot be read.

        `UNSAID` where it is busy or has vanished: that is held against nobody.
        """
        try:
            engine = self.databases.looking_engine(self.published(name))
            try:
                return read_stamp(engine)
            finally:
                engine.dispose()
        except DatabaseDamaged:
            return UNREADABLE
        except (DatabaseMissing, sa.exc.DBAPIError, OSError):
            return UNSAID


def is_young(*paths: Path) -> bool:
    """Somebody may be at it: one of these was changed, renamed or linked within ten minutes."""
    return min(map(_age, paths), default=YOUNG_SECONDS) < YOUNG_SECONDS


def _age(path: Path) -> float:
    try:
        found = path.lstat()
    except OSError:
        return YOUNG_SECONDS
    return time.time() - max(found.st_mtime, found.st_ctime)


def with_side_files(path: Path) -> list[Path]:
    """A database and what lies beside it, as far as they are there."""
    family = [path.with_name(path.name + suffix) for suffix in ("", *SIDE_FILES)]
    return [part for part in family if part.is_symlink() or part.exists()]
