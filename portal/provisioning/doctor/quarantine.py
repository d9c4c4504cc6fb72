"""A place beside the backups for what belongs to nobody: nothing in it is ever removed by the portal."""

import errno
import shutil
from pathlib import Path
from uuid import uuid4

from flask import current_app

from portal.clock import now
from portal.kit.files import make_folder
from portal.tenancy.databases.sqlite import copy_file, sync_file, sync_folder

FOLDER = "quarantine"


def folder() -> Path:
    """Where it is."""
    return current_app.extensions["settings"].backups_dir / FOLDER


def move(*paths: Path) -> None:
    """Take files or folders that belong together away from where they are, for nobody else to read.

    Raises FileNotFoundError where none of them is there any more.
    """
    if not any(path.is_symlink() or path.exists() for path in paths):
        raise FileNotFoundError(str(paths[0]) if paths else "nothing to move")
    place = folder() / f"{now():%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
    make_folder(place)
    for path in paths:
        _move(path, place / path.name)
    sync_folder(place)
    for parent in {path.parent for path in paths}:
        sync_folder(parent)


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, target)
        shutil.rmtree(source) if source.is_dir() and not source.is_symlink() else source.unlink()
    if not target.is_symlink():
        target.chmod(0o700 if target.is_dir() else 0o600)


def _copy(source: Path, target: Path) -> None:
    """To another disk, there for good before the source goes; a copy that breaks off leaves nothing."""
    try:
        if source.is_symlink():
            target.symlink_to(source.readlink())
        elif source.is_dir():
            make_folder(target)
            for part in source.iterdir():
                _copy(part, target / part.name)
            sync_folder(target)
        else:
            copy_file(source, target)
            sync_file(target)
    except OSError:
        shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(missing_ok=True)
        raise
