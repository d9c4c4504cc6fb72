"""What people are told when a step did not work: which one, why if that can be said, and what was kept or removed."""

import errno

from flask import current_app

from portal.i18n import _
from portal.provisioning.ledger import Ledger
from portal.provisioning.steps import ProvisioningProblem, step_named
from portal.tenancy.databases.base import (
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseUnreadable,
    DiskFailed,
    NameTaken,
    ProgramMissing,
    ServerAway,
)
from portal.tenancy.databases.errors import is_disk_full

NOTHING, REMOVED, FINISHED, KEPT, ASIDE = "nothing", "removed", "finished", "kept", "aside"
MIGRATED = "migrated"
ENDS = {
    NOTHING: _("{what} did not work. Nothing was changed."),
    REMOVED: _("{what} did not work, so the unfinished database was removed. Nothing else was changed."),
    FINISHED: _("{what} did not work. The database is finished; try again to put it into use."),
    KEPT: _("{what} did not work. The database was kept as it was."),
    MIGRATED: _("{what} did not work. The database is at its newest revision."),
    ASIDE: _("{what} did not work. The damaged database is kept beside the backups; try again."),
}


def failure_sentence(ledger: Ledger, error: Exception, left: str) -> str:
    """Why, which step, and what is `left` of the work: nothing, removed, finished, kept, migrated or aside."""
    module = current_app.extensions["modules"].get(ledger.module)
    what = step_named(ledger.step).failing.format(module=module.label if module else _("modules"))
    return f"{reason_of(error)} {ENDS[left].format(what=what)}".strip()


DISK_FAILED = _("The disk is full or does not work.")
FOLDER_REFUSES = _("The hospitals folder cannot be written to.")


def _is_backup(error: BaseException) -> bool:
    """The file that could not be written was to be a backup."""
    folder = current_app.extensions["settings"].backups_dir
    return str(getattr(error, "filename", None) or "").startswith(str(folder))


def reason_of(error: BaseException) -> str:
    """What people can be told of an error, or nothing."""
    if isinstance(error, ProvisioningProblem):
        return error.sentence
    if isinstance(error, DatabaseMissing):
        return _("The database cannot be found.")
    if isinstance(error, DiskFailed):
        return DISK_FAILED
    if isinstance(error, ProgramMissing):
        return _("PostgreSQL’s client programs are not installed.")
    if isinstance(error, ServerAway):
        return _("The database server does not answer.")
    if isinstance(error, DatabaseUnreadable):
        return _("The database file cannot be opened.")
    if isinstance(error, DatabaseDamaged):
        return _("The database file is damaged.")
    if isinstance(error, NameTaken):
        return _("Files of an older database of this name are in the hospitals folder.")
    number, text = getattr(error, "errno", None), str(error)
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "disk is full" in text or is_disk_full(error):
        return _("The disk is full.")
    if number == errno.EIO or "disk I/O error" in text:
        return DISK_FAILED
    if number in (errno.EACCES, errno.EPERM, errno.EROFS) or "readonly database" in text:
        return _("The backups folder cannot be written to.") if _is_backup(error) else FOLDER_REFUSES
    if "database is locked" in text:
        return _("The database is busy. Try again in a moment.")
    if number in (errno.EMFILE, errno.ENFILE):
        return _("Too many files are open.")
    if "unable to open database file" in text:
        return _("The database file cannot be opened.")
    return ""
