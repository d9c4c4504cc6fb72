"""Registry against disk, both ways: what does not fit together, in sentences, and what may be mended (tenancy.md T29).

Nothing of a hospital is ever removed: what belongs to nobody goes to `quarantine` beside the backups.
"""

from collections.abc import Iterable, Iterator

import structlog

from portal.extensions import db
from portal.i18n import _
from portal.provisioning.doctor import hospitals_folder, kept, rows
from portal.provisioning.doctor.finding import ERROR, NOTE, WARNING, Finding, NotNow
from portal.provisioning.doctor.scene import Scene
from portal.provisioning.failures import reason_of

__all__ = ["ERROR", "NOTE", "WARNING", "Finding", "examine", "repair"]

log = structlog.get_logger(__name__)
CHECKS = (
    rows.stale_leases,
    rows.keys_of_ended_work,
    rows.closed_for_ended_work,
    hospitals_folder.databases_of_hospitals,
    hospitals_folder.databases_of_nobody,
    hospitals_folder.side_files,
    hospitals_folder.builds,
    hospitals_folder.templates,
    hospitals_folder.documents,
    kept.listed_backups,
    kept.files_of_nobody,
    kept.unfinished,
    kept.modes,
)


def examine() -> list[Finding]:
    """Everything that does not fit together now; changes nothing."""
    db.session.rollback()
    scene = Scene.read()
    found = [finding for check in CHECKS for finding in check(scene)]
    db.session.rollback()
    return found


def repair(confirmed: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Mend what was confirmed and is still so; each finding with why it was not mended, or an empty sentence."""
    keys = {finding.key for finding in confirmed}
    for finding in examine():
        if finding.key in keys and finding.mend is not None:
            yield finding, _mended(finding)


def _mended(finding: Finding) -> str:
    try:
        finding.mend()
    except NotNow:
        return _("Work on it has begun meanwhile.")
    except FileNotFoundError:
        return ""  # somebody else, or the repair of something greater, has done it
    except Exception as error:
        log.exception("not_repaired", kind=finding.kind, subject=finding.subject)
        return reason_of(error) or _("It did not work; the log says why.")
    finally:
        db.session.rollback()
    log.info("repaired", kind=finding.kind, subject=finding.subject)
    return ""
