"""How long backups are kept, and the proof that they can be restored: once an hour, one after the other."""

import time
from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import uuid4

import sqlalchemy as sa
import structlog
from flask import current_app
from sqlalchemy.orm import joinedload

from portal.auth.audit import audit_platform
from portal.clock import now
from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import backups, delete, documents, leaving, moving
from portal.provisioning.places import databases_of
from portal.provisioning.readers import reader_of
from portal.provisioning.restore import prepare_copy
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import outside_hospital
from portal.tenancy.databases.base import OUT_OF_REACH

log = structlog.get_logger(__name__)
ORPHAN_SECONDS = 600
RESTORED = _("Restored and checked.")
UNFINISHED = _("The last test did not finish.")
LEFTOVERS_LOOKED_FOR = timedelta(days=2)


def hourly() -> None:
    """What a worker does every hour for the backups, and about what could not be removed at once."""
    removals = leaving.forget_left, moving.forget_left, delete.remove_left, delete.purge
    for work in (expire, forget_strays, *removals, test_next):
        try:
            work()
        except Exception:  # it keeps none of the others waiting
            log.exception("hourly_work", work=f"{work.__module__}.{work.__name__}")
            db.session.rollback()


def expire() -> list[str]:
    """Remove the backups whose time is over, but never a hospital's newest verified one, nor one being restored.

    Answers with their references.
    """
    newest = sa.select(sa.func.max(Backup.id)).where(Backup.state == "verified").group_by(Backup.tenant_id)
    in_use = sa.select(Operation.backup_id).where(Operation.active_key.is_not(None), Operation.backup_id.is_not(None))
    over = sa.and_(Backup.state != "removed", Backup.kept_until < now())
    query = sa.select(Backup).where(over, Backup.id.not_in(newest), Backup.id.not_in(in_use))
    expired = list(db.session.scalars(query.options(joinedload(Backup.tenant))))
    for backup in expired:
        backup.state = "removed"
        audit_platform("remove_backup", tenant=backup.tenant, details={"backup": backup.reference})
    references = [backup.reference for backup in expired]
    db.session.commit()  # from here on nobody is offered them; only then the files go
    _unlink_removed()
    forget_documents()
    return references


def _unlink_removed() -> None:
    """Remove the files of removed backups, also of those a worker that was killed had left."""
    with outside_hospital():
        removed = db.session.scalars(sa.select(Backup).where(Backup.state == "removed", _is_late()))
        for path in map(backups.place_of, removed):
            for part in (path, path.with_suffix(".json")):
                part.unlink(missing_ok=True)


def forget_documents() -> list[str]:
    """Remove kept documents that no backup names any more, where one was removed lately or its making broke off."""
    removed = sa.select(Backup.tenant_id).where(Backup.state == "removed", _is_late())
    ended = sa.and_(
        Operation.state.in_(("failed", "interrupted")), Operation.finished_at > now() - LEFTOVERS_LOOKED_FOR
    )
    broken_off = sa.select(Operation.tenant_id).where(ended)
    query = sa.select(Tenant).where(Tenant.id.in_(removed.union(broken_off)))
    with outside_hospital():  # each backup is read: nobody waits for that to decide something
        return [key for tenant in db.session.scalars(query) for key in _forget_documents_of(tenant)]


def _forget_documents_of(tenant: Tenant) -> list[str]:
    return documents.forget_unnamed(tenant.uuid, map(_named_by, backups.backups_of(tenant)))


def _named_by(backup: Backup) -> list[documents.Document]:
    """To open a backup on a server takes as long as to restore it, and every hour all of them are asked."""
    path = backups.place_of(backup)
    told = documents.told_in(path.with_suffix(".json"), backup)
    if told is None:
        with reader_of(path, backup.tenant).opened_backup(path) as engine:
            told = documents.named_in(engine)
    return told


def _is_late() -> sa.ColumnElement[bool]:
    return Backup.kept_until > now() - LEFTOVERS_LOOKED_FOR - _keeping()


def _keeping() -> timedelta:
    return timedelta(days=current_app.extensions["settings"].backup_keep_days)


def forget_strays() -> list[str]:
    """Remove unfinished copies that nobody works on any more, and unreadable databases that were kept long enough."""
    folder = current_app.extensions["settings"].backups_dir
    active = sa.select(Operation.build).where(Operation.state.in_(("queued", "running")), Operation.build.is_not(None))
    with outside_hospital():
        owned = set(db.session.scalars(active))
    strays = [path for path in folder.glob("*/build_*") if path.name[:38] not in owned and _age(path) > ORPHAN_SECONDS]
    for path in strays:
        path.unlink(missing_ok=True)
    old = [path for path in folder.glob("*/*.unreadable*") if _age(path) > _keeping().total_seconds()]
    strays += [path for path in old if leaving.tried(path.name, partial(backups.forget_salvaged, path))]
    for path in strays:
        log.info("stray_backup_removed", file=path.name)
    return [path.name for path in strays]


def _age(path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0


def test_next() -> Backup | None:
    """Restore the backup that was not tested for longest into a throw-away build, and write down what came of it."""
    query = sa.select(Backup).where(Backup.state != "removed").options(joinedload(Backup.tenant))
    with outside_hospital():
        backup = db.session.scalar(query.order_by(Backup.tested_at.nulls_first(), Backup.id).limit(1))
        db.session.expunge_all()
    if backup is None:
        return None
    backup_id = backup.id
    values = {"tested_at": now(), **tested(backup)}
    same = sa.update(Backup).where(Backup.id == backup_id, Backup.state != "removed")
    db.session.execute(same.values(values))
    db.session.commit()
    return db.session.get(Backup, backup_id, populate_existing=True)


def tested(backup: Backup) -> dict:
    """Restore a backup aside and look at it as at any hospital; answers with the columns that say what was found."""
    build = f"build_{uuid4().hex}"
    databases = databases_of(backup.tenant)
    try:
        backups.check(backup, documents.check)
        prepare_copy(databases, backup, build, backup.tenant, uuid4().hex)
    except ProvisioningProblem as error:
        log.error("backup_damaged", backup=backup.reference, hospital=backup.tenant.uuid, reason=error.sentence)
        return {"state": "damaged", "finding": error.sentence[:300]}
    except (*OUT_OF_REACH, sa.exc.DBAPIError):
        log.exception("backup_test_unfinished", backup=backup.reference)
        return {"finding": UNFINISHED}
    finally:
        with suppress(*OUT_OF_REACH):  # what cannot be removed now is removed by the sweep
            databases.discard(build)
    return {"state": "verified", "finding": RESTORED, "verified_at": now()}
