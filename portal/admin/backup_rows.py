"""The backups of a hospital as its record shows them: a look and a word for each."""

import sqlalchemy as sa

from portal.admin.badges import Badge
from portal.control.models import Backup, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import backups

SHOWN = 20
LOOKS = {
    "verified": Badge("ok", "circle-check", _("Verified")),
    "damaged": Badge("bad", "circle-x", _("Damaged")),
}


def backup_rows(tenant: Tenant) -> list[dict]:
    """The newest backups of a hospital with their looks and words."""
    query = sa.select(Backup).where(Backup.tenant_id == tenant.id, Backup.state != "removed")
    rows = db.session.scalars(query.order_by(Backup.id.desc()).limit(SHOWN))
    return [{"row": row, "look": LOOKS[row.state], "reason": backups.REASONS[row.reason]} for row in rows]
