"""Backups of hospitals: copied while people go on working, kept with a manifest, listed once they were read again."""

import hashlib
import json
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.clock import now
from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.kit.files import make_folder
from portal.migrations import current_revision
from portal.provisioning import documents, looks, verify
from portal.provisioning.failures import NOTHING
from portal.provisioning.ledger import Ledger
from portal.provisioning.places import databases_of, names_of
from portal.provisioning.readers import reader_of
from portal.provisioning.steps import COPY, READ, ProvisioningProblem
from portal.settings import ROOT
from portal.tenancy.databases import catalog
from portal.tenancy.databases.base import DatabaseDamaged, Databases
from portal.tenancy.databases.errors import is_out_of_reach
from portal.tenancy.databases.sqlite import SIDE_FILES, sync_file, sync_folder
from portal.tenancy.engines import read_stamp
from portal.tenancy.session import TENANT
from portal.words import Words

log = structlog.get_logger(__name__)
BY_HAND, DAILY = "by hand", "daily"
BEFORE_RESTORING, BEFORE_RECREATING, BEFORE_DELETING = "before restoring", "before recreating", "before deleting"
BEFORE_MOVING = "before moving"
REASONS = Words({
    BY_HAND: _("By hand"),
    DAILY: _("Automatic"),
    BEFORE_RESTORING: _("Before restoring"),
    BEFORE_RECREATING: _("Before recreating"),
    BEFORE_DELETING: _("Before deleting"),
    BEFORE_MOVING: _("Before moving"),
}, _("By a newer release"))  # fmt: skip
CHUNK = 1 << 20
CHANGED = _("The backup’s file has changed since it was made. Choose another backup.")
UNREADABLE = _("The backup’s file cannot be read as a hospital’s database.")


class BackupDamaged(ProvisioningProblem):
    """The file of a backup is not, or not any more, what was backed up."""


@dataclass(frozen=True)
class Manifest:
    """What is known of a backup; the same beside the file and in the control plane."""

    reference: str
    filename: str
    size: int
    sha256: str
    counts: dict[str, int]
    revision: str | None
    generation: str
    reason: str
    made_at: datetime
    documents: dict


class MakeBackup:
    """One attempt to back a hospital up because somebody asked for it."""

    left = NOTHING

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant, self.made_by = operation.tenant, operation.requested_by
        self.reason = operation.details.get("reason", BY_HAND)
        self.ledger, self.build = ledger, build

    def run(self) -> dict:
        """Copy, read again, keep; nothing of the hospital changes."""
        self.ledger.begin(COPY.name)
        names = names_of(self.tenant)
        verdict = verify.examine(names, self.tenant.uuid, self.tenant.generation, self.tenant.server)
        if verdict.status not in ("ready", "incomplete"):
            raise ProvisioningProblem(verdict.reason)
        began = now()
        counts = copy(self.tenant, self.build)
        self.ledger.begin(READ.name)
        asked = {"reason": self.reason, "made_by": self.made_by}
        keep(self.tenant, self.build, counts, self.ledger, began=began, **asked)
        return {}

    def undo(self) -> None:
        """Leave no copy behind that nobody knows of."""
        forget_unfinished(self.tenant.uuid, self.build)


def folder_of(uuid: str) -> Path:
    """Where a hospital's backups are: by its uuid, so that a new name moves nothing."""
    return current_app.extensions["settings"].backups_dir / uuid


def place_of(backup: Backup) -> Path:
    """Where the file of a backup is."""
    return folder_of(backup.tenant.uuid) / backup.filename


def backups_of(tenant: Tenant) -> list[Backup]:
    """The backups of a hospital that are there, the newest first."""
    query = sa.select(Backup).where(Backup.tenant_id == tenant.id, Backup.state != "removed")
    return list(db.session.scalars(query.order_by(Backup.id.desc())))


def get_backup(tenant: Tenant, reference: str) -> Backup:
    """The backup of this hospital with this reference; raises LookupError where there is none."""
    found = next((backup for backup in backups_of(tenant) if backup.reference == reference), None)
    if found is None:
        raise LookupError(f"{tenant.subdomain} has no backup {reference!r}.")
    return found


def copy(tenant: Tenant, build: str) -> dict[str, int]:
    """Copy the database as it is now under a name nobody takes for a backup; answers with the rows of each table."""
    make_folder(folder_of(tenant.uuid))
    forget_unfinished(tenant.uuid, build)
    names = names_of(tenant)
    return databases_of(tenant).backup(names, folder_of(tenant.uuid) / build)


def keep(
    tenant: Tenant,
    build: str,
    counts: dict[str, int],
    ledger: Ledger,
    *,
    reason: str,
    made_by: int | None,
    began: datetime | None = None,
) -> None:
    """Read the copy again, keep its documents, give it its name and its manifest, and only then list it as verified.

    `began` is when the copy was begun, where people may have gone on writing since.
    """
    aside = folder_of(tenant.uuid) / build
    with opened(databases_of(tenant), aside) as engine:
        generation, revision = read(engine, tenant.uuid, counts)
        named = documents.named_in(engine)
    kept_documents = documents.keep(tenant.uuid, named)
    if kept_documents["count"] or kept_documents["absent"]:
        ledger.say(documents.sentence_of(kept_documents))
    made_at, reference = began or now(), reference_of(build)
    manifest = Manifest(
        reference, f"{made_at:%Y%m%dT%H%M%SZ}-{reference}.db", aside.stat().st_size, hash_of(aside), counts, revision,
        generation, reason, made_at, kept_documents,
    )  # fmt: skip
    _publish(aside, manifest, tenant, documents.told_of(named, kept_documents))
    kept = timedelta(days=current_app.extensions["settings"].backup_keep_days)
    more = {"tenant_id": tenant.id, "made_by": made_by, "state": "verified", "finding": "", "verified_at": now()}
    ledger.record(sa.insert(Backup).values(**asdict(manifest), **more, kept_until=made_at + kept))


def reference_of(build: str) -> str:
    """The short name of the backup that an attempt makes; with it a later one finds what this one left."""
    return build.removeprefix("build_")[:8]


@contextmanager
def opened(databases: Databases, path: Path) -> Iterator[sa.Engine]:
    """The content of a backup, to be read; raises `BackupDamaged` where it cannot be.

    Raises what the disk or the server says where that is the reason.
    """
    try:
        with databases.opened_backup(path) as engine:
            yield engine
    except DatabaseDamaged as error:
        if is_out_of_reach(error):
            raise
        raise BackupDamaged(UNREADABLE) from error


def read(engine: sa.Engine, uuid: str, counts: dict[str, int]) -> tuple[str, str | None]:
    """Look at all of an opened copy; answers with its generation and its revision.

    Raises `BackupDamaged` when it is damaged, of another hospital, or lacks a table or a row.
    """
    try:
        stamp = read_stamp(engine)
        with engine.connect() as connection:
            sound = looks.is_whole(connection)
            found = catalog.count_rows(connection) if sound else {}
            revision = current_revision(TENANT, connection) if sound else None
    except (DatabaseDamaged, sa.exc.DBAPIError, UnicodeDecodeError) as error:
        if is_out_of_reach(error):
            raise
        raise BackupDamaged(UNREADABLE) from error
    if not sound:
        raise BackupDamaged(UNREADABLE)
    if stamp is None or stamp[0] != uuid:
        raise BackupDamaged(_("The backup holds the database of another hospital."))
    if found != counts:
        raise BackupDamaged(_("The backup does not hold every table and row of the database."))
    return stamp[1], revision


def check(backup: Backup, *others: Callable[[Backup, sa.Engine], object]) -> Path:
    """The file of a backup after all of it was looked at; raises `BackupDamaged` with why it is not what was made.

    The `others` look at it too, while it is open: to open one on a server takes as long as to restore it.
    """
    path = place_of(backup)
    if not path.is_file():
        raise BackupDamaged(_("The backup’s file cannot be found."))
    if (path.stat().st_size, hash_of(path)) != (backup.size, backup.sha256):
        raise BackupDamaged(CHANGED)
    with opened(reader_of(path, backup.tenant), path) as engine:
        read(engine, backup.tenant.uuid, backup.counts)
        for look in others:
            look(backup, engine)
    return path


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _publish(aside: Path, manifest: Manifest, tenant: Tenant, more: dict) -> None:
    """Give a finished copy its name, its manifest before it, each of them whole and on the disk for good."""
    target = aside.with_name(manifest.filename)
    content = {**asdict(manifest), "made_at": manifest.made_at.isoformat()}
    content |= {"hospital": tenant.uuid, "name": tenant.name, "subdomain": tenant.subdomain, "portal": version()} | more
    written = aside.with_name(f"{aside.name}.json")
    with open(os.open(written, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
    sync_file(written)
    rename_file(written, target.with_suffix(".json"))
    rename_file(aside, target)
    sync_folder(target.parent)


@cache
def version() -> str:
    """The version of the portal, as the project names it."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def forget_unfinished(uuid: str, build: str | None) -> None:
    """Remove what an attempt wrote for a backup, unless that was finished and is listed."""
    if build is None:
        return
    reference = reference_of(build)
    aside = folder_of(uuid) / build
    for suffix in ("", ".json", *SIDE_FILES):
        aside.with_name(aside.name + suffix).unlink(missing_ok=True)
    published = [*folder_of(uuid).glob(f"*-{reference}.db"), *folder_of(uuid).glob(f"*-{reference}.json")]
    if published and not _is_listed(reference):
        for path in published:
            path.unlink(missing_ok=True)


def _is_listed(reference: str) -> bool:
    with db.engine.connect().execution_options(writing=False) as connection:
        return connection.scalar(sa.select(Backup.id).where(Backup.reference == reference)) is not None


def salvage(tenant: Tenant) -> None:
    """Keep a database that cannot be backed up as it is; nobody takes it for a backup."""
    make_folder(folder_of(tenant.uuid))
    names = names_of(tenant)
    target = folder_of(tenant.uuid) / f"{now():%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}.unreadable"
    databases_of(tenant).salvage(names, target)


def forget_salvaged(path: Path) -> bool:
    """Remove a database that was kept because it could not be backed up, wherever it is; it is gone then."""
    for databases in current_app.extensions["engines"].servers.values():
        databases.forget_salvaged(path)
    path.unlink(missing_ok=True)
    return True


def rename_file(source: Path, target: Path) -> None:
    """Give a finished file its name: the seam where tests inject a refused rename or a kill."""
    source.rename(target)
