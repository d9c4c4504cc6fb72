"""The audit of one hospital in people's words."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from portal.control.models import AuditEntry, Tenant
from portal.extensions import db
from portal.i18n import _

SHOWN = 20
WORDS = {
    "create_hospital": _("Created the hospital"),
    "backup_database": _("Backed up the database"),
    "restore_database": _("Restored a backup"),
    "recreate_database": _("Asked for the database to be recreated"),
    "database_recreated": _("Recreated the database"),
    "download_backup": _("Downloaded a backup"),
    "remove_backup": _("Removed a backup whose time was over"),
    "rename_hospital": _("Renamed the hospital"),
    "move_hospital": _("Moved to another server"),
    "clone_hospital": _("Copied from another hospital"),
    "end_neutralised": _("Let the copy send messages"),
    "delete_hospital": _("Deleted the hospital"),
    "bring_back_hospital": _("Brought the hospital back"),
    "edit_hospital": _("Edited the hospital"),
    "create_database": _("Asked for the database"),
    "migrate_database": _("Asked for the database to be migrated"),
    "cancel_operation": _("Cancelled work that was waiting"),
    "repair": _("Repaired by “flask tenant doctor”"),
    "verify_hospital": _("Asked for a check"),
    "add_administrator": _("Added an administrator"),
    "remove_administrator": _("Removed an administrator"),
    "wrong_database": _("A database of another hospital was found in its place"),
    "suspend_hospital": _("Suspended the hospital"),
    "resume_hospital": _("Resumed the hospital"),
    "start_maintenance": _("Started maintenance"),
    "end_maintenance": _("Ended maintenance"),
    "make_read_only": _("Made the hospital read-only"),
    "make_writable": _("Made the hospital writable"),
    "login": _("Signed in to the read-only hospital"),
    "login_failed": _("Sign-in to the read-only hospital refused"),
    "logout": _("Signed out of the read-only hospital"),
    "view_sensitive": _("Opened a sensitive record of the read-only hospital"),
    "export": _("Exported from the read-only hospital"),
    "print": _("Printed in the read-only hospital"),
    "invite_user": _("Made an invitation link"),
}


@dataclass(frozen=True)
class Entry:
    """One line of the audit as people read it."""

    at: datetime
    actor: str
    words: str
    details: str
    outcome: str

    @classmethod
    def of(cls, row: AuditEntry) -> "Entry":
        """The line of this row; an act without words of its own is shown by its name."""
        values = map(_in_words, row.details.values())
        words = WORDS.get(row.action, row.action.replace("_", " "))
        return cls(row.at, row.actor, words, "; ".join(values), row.outcome)


def _in_words(value) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def entries_of(tenant: Tenant) -> list[Entry]:
    """What was done to the hospital on the console, the newest first."""
    query = sa.select(AuditEntry).where(AuditEntry.tenant_id == tenant.id).order_by(AuditEntry.id.desc())
    return [Entry.of(row) for row in db.session.scalars(query.limit(SHOWN))]
