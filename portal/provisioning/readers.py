"""Who can read a backup: a server of the kind that it was made on, also after the hospital moved to another kind."""

from contextlib import suppress
from pathlib import Path

from flask import current_app

from portal.control.models import Tenant
from portal.i18n import _
from portal.provisioning.places import databases_of
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.databases.base import Databases
from portal.tenancy.databases.sqlite import SqliteDatabases

BEGINNINGS = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}


def reader_of(path: Path, tenant: Tenant) -> Databases:
    """The server that reads this file of the hospital's: its own one where that can, or else any of the file's kind.

    Raises `ProvisioningProblem` where the installation has none.
    """
    servers = current_app.extensions["settings"].servers
    kind = kind_of(path)
    if kind is None or tenant.server not in servers or servers[tenant.server].kind == kind:
        return databases_of(tenant)
    name = next((one.name for one in servers.values() if one.kind == kind), None)
    if name is not None:
        return current_app.extensions["engines"].databases(name)
    if kind == "sqlite":  # it needs no server
        return SqliteDatabases(current_app.extensions["settings"].hospitals_dir)
    raise ProvisioningProblem(_("The backup was made on PostgreSQL, and there is no such server to read it with."))


def are_alike(one: Databases, other: Databases) -> bool:
    """What one of them saved, the other can fetch."""
    return type(one) is type(other)


def kind_of(path: Path) -> str | None:
    """The kind of server that made a backup; None for a file that is none, or is gone."""
    with suppress(OSError), open(path, "rb") as file:
        begins = file.read(max(map(len, BEGINNINGS)))
        return next((kind for mark, kind in BEGINNINGS.items() if begins.startswith(mark)), None)
    return None
