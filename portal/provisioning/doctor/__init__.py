"""Registry against disks and servers, both ways: what does not fit together, and what may be mended (tenancy.md T29).

Nothing of a hospital is ever removed: files that belong to nobody go to `quarantine` beside the backups, databases of a
server get a name that no hospital can have.
"""

from collections.abc import Callable, Iterable, Iterator

import structlog

from portal.control.models import Folder
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import shared_folders
from portal.provisioning.doctor import hospitals_folder, kept, rows, server_databases
from portal.provisioning.doctor.finding import ERROR, NOTE, WARNING, Finding, NotNow
from portal.provisioning.doctor.scene import Scene
from portal.provisioning.failures import reason_of
from portal.tenancy.databases.base import ServerAway
from portal.tenancy.databases.postgres import PostgresDatabases
from portal.tenancy.databases.sqlite import SqliteDatabases

__all__ = ["ERROR", "NOTE", "WARNING", "Finding", "examine", "repair"]

log = structlog.get_logger(__name__)
OF_FOLDERS = (
    hospitals_folder.databases_of_hospitals,
    hospitals_folder.databases_of_nobody,
    hospitals_folder.side_files,
    hospitals_folder.builds,
    hospitals_folder.templates,
)
OF_SERVERS = (
    server_databases.of_hospitals,
    server_databases.of_nobody,
    server_databases.builds,
    server_databases.templates,
    server_databases.roles,
)
CHECKS = (
    (None, (rows.stale_leases, rows.keys_of_ended_work, rows.closed_for_ended_work)),
    (SqliteDatabases, OF_FOLDERS),
    (PostgresDatabases, OF_SERVERS),
)
OF_SHARED_FOLDERS = (
    (shared_folders.HOSPITALS, (hospitals_folder.documents,)),
    (shared_folders.BACKUPS, (kept.listed_backups, kept.files_of_nobody, kept.unfinished)),
)


def examine() -> list[Finding]:
    """Everything that does not fit together now; changes nothing."""
    db.session.rollback()
    scene = Scene.read()
    found = []
    for kind, checks in CHECKS:
        for place in scene.on(kind) if kind else [scene]:
            found += _found(place, checks)
    found += [*_of_shared_folders(scene), *_found(scene, (kept.modes,))]
    db.session.rollback()
    return found


def _of_shared_folders(scene: Scene) -> Iterator[Finding]:
    """What does not fit in them; one that this machine does not share is one finding, and says nothing of the rest."""
    not_shared = shared_folders.not_shared()
    for name, checks in OF_SHARED_FOLDERS:
        if name in not_shared:
            yield _not_shared(not_shared[name])
        else:
            yield from _found(scene, checks)


def _not_shared(folder: Folder) -> Finding:
    path, facts = shared_folders.places()[folder.name], {"setting": folder.name, "machine": folder.machine}
    if folder.machine == shared_folders.here():
        sentence = _("{setting} is another folder than before: {path} does not hold this portal’s mark.", path=path,
                     **facts)  # fmt: skip
    else:
        sentence = _("{setting} is another folder here than on {machine}: {path} does not hold the mark left there.",
                     path=path, **facts)  # fmt: skip
    cure = _("Mount here what the other machines have as {setting}. Where this folder is to take its place for all of "
             "them, write {mark} into {file}.", mark=folder.mark, file=path / shared_folders.MARK, **facts)  # fmt: skip
    return Finding("folder-not-shared", ERROR, folder.name, sentence, cure)


def _found(scene: Scene, checks: Iterable[Callable[[Scene], Iterable[Finding]]]) -> list[Finding]:
    """What these checks find; a server that does not answer is one finding."""
    try:
        return [finding for check in checks for finding in check(scene)]
    except ServerAway:
        sentence = _("The database server {server} does not answer.", server=scene.server)
        cure = _("Look at the server and its address in TENANT_SERVERS.")
        return [Finding("server-away", ERROR, scene.server, sentence, cure)]


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
