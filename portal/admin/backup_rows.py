"""The backups of a hospital as its record shows them: a look and a word for each."""

import sqlalchemy as sa

from portal.admin.badges import Badge
from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import backups, documents
from portal.provisioning.retention import RESTORED

SHOWN = 20
LOOKS = {
    "verified": Badge("ok", "circle-check", _("Verified")),
    "damaged": Badge("bad", "circle-x", _("Damaged")),
}


def backup_rows(tenant: Tenant) -> list[dict]:
    """The newest backups of a hospital with their looks and words."""
    query = sa.select(Backup).where(Backup.tenant_id == tenant.id, Backup.state != "removed")
    rows = db.session.scalars(query.order_by(Backup.id.desc()).limit(SHOWN))
    return [row_of(row) for row in rows]


def row_of(backup: Backup) -> dict:
    """A backup with its look and its words."""
    return {
        "row": backup,
        "look": LOOKS[backup.state],
        "reason": backups.REASONS[backup.reason],
        "documents": documents.sentence_of(backup.documents) if backup.documents else _("Without documents."),
        "size": backup.size + backup.documents.get("size", 0),
        "is_proved": backup.state == "verified" and backup.finding == RESTORED,
    }


def saved_by(operation: Operation) -> Backup | None:
    """The backup that this work has made: what was asked for, or what was there before it."""
    if operation.kind not in ("backup", "restore") or operation.started_at is None:
        return None
    query = sa.select(Backup).where(
        Backup.tenant_id == operation.tenant_id, Backup.state != "removed", Backup.made_at >= operation.started_at
    )
    if operation.finished_at:
        query = query.where(Backup.made_at <= operation.finished_at)
    return db.session.scalar(query.order_by(Backup.id.desc()).limit(1))
