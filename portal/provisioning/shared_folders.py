"""The folders that all machines of an installation share: a mark in each, which the control database knows.

A machine where the folder is another one, because it was never mounted, keeps documents and backups that nobody else
finds, and would call those of the others lost.
"""

import socket
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.clock import now
from portal.control.models import Folder
from portal.extensions import db
from portal.tenancy.control_engine import decision
from portal.types import new_uuid

log = structlog.get_logger(__name__)
HOSPITALS, BACKUPS = "HOSPITALS_DIR", "BACKUPS_DIR"
MARK = ".portal-folder"
SEEN_WITHIN = timedelta(minutes=10)  # a network's file system may remember for a while that a file was not there


def places() -> dict[str, Path]:
    """Where each of them is on this machine."""
    settings = current_app.extensions["settings"]
    return {HOSPITALS: settings.hospitals_dir, BACKUPS: settings.backups_dir}


def here() -> str:
    """What this machine is called."""
    return socket.gethostname()[:100]


def leave_marks() -> None:
    """Leave a mark in each folder that no machine left one in; the control database of one machine needs none."""
    if db.engine.dialect.name == "sqlite":
        return
    known = set(db.session.scalars(sa.select(Folder.name)))
    db.session.rollback()
    for name, path in places().items():
        if name not in known:
            leave_mark(name, path)


def leave_mark(name: str, path: Path) -> None:
    """Leave a mark in this folder, or take over the one that is there, unless some machine has just done so."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with decision() as connection:
            if connection.scalar(sa.select(Folder.id).where(Folder.name == name)) is None:
                mark = _mark_in(path) or _written(path)
                connection.execute(sa.insert(Folder).values(name=name, mark=mark, machine=here(), left_at=now()))
    except (OSError, UnicodeDecodeError) as error:
        log.warning("folder_not_marked", folder=name, error=str(error))


def not_shared() -> dict[str, Folder]:
    """The folders which are others on this machine than where the mark was left; one that cannot be read is none."""
    settled = sa.select(Folder).where(Folder.left_at < now() - SEEN_WITHIN)
    known, paths = db.session.scalars(settled).all(), places()
    return {one.name: one for one in known if one.name in paths and _is_another(paths[one.name], one.mark)}


def _is_another(path: Path, mark: str) -> bool:
    try:
        return _mark_in(path) != mark
    except (OSError, UnicodeDecodeError):
        return False


def _mark_in(path: Path) -> str | None:
    try:
        return (path / MARK).read_text().strip() or None
    except FileNotFoundError:
        return None


def _written(path: Path) -> str:
    mark, file = new_uuid(), path / MARK
    file.touch(mode=0o600)
    file.write_text(f"{mark}\n")
    return mark
