"""The files of a hospital on the disk: a folder of its own by its uuid, so that a new name moves nothing."""

import hashlib
import os
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.extensions import db
from portal.kit.models import Attachment
from portal.tenancy.current import current_hospital
from portal.tenancy.databases.sqlite import sync_file, sync_folder
from portal.types import new_uuid

log = structlog.get_logger(__name__)
FOLDER = "files"
KEY = re.compile(r"[0-9a-f]{32}")
UNFINISHED = ".part"
STRAY_AFTER = timedelta(days=1)


class FileChanged(Exception):
    """The file on the disk is not the one that was kept, or is gone."""


@dataclass(frozen=True)
class Kept:
    """A file that is safely on the disk: the key to find it by, and what tells later whether it is still the same."""

    file_key: str
    size: int
    sha256: str


def folder() -> Path:
    """Where the files of the current hospital are; no other hospital looks there."""
    return folder_of(current_hospital().uuid)


def folder_of(uuid: str) -> Path:
    """Where the files of the hospital with this uuid are."""
    return current_app.extensions["settings"].hospitals_dir / FOLDER / uuid


def place_of(file_key: str) -> Path:
    """Where the file with this key is; raises `FileChanged` for what cannot be a key."""
    if not KEY.fullmatch(file_key):
        raise FileChanged(f"no key of a file: {file_key!r}")
    return folder() / file_key[:2] / file_key


def keep(content: bytes) -> Kept:
    """Put a file on the disk for good, before any row tells of it; raises OSError and leaves nothing behind.

    A request that is rolled back afterwards leaves a file without a row: nobody can open it, and `remove_strays`
    removes it.
    """
    file_key = new_uuid().replace("-", "")
    place = place_of(file_key)
    aside = place.with_name(file_key + UNFINISHED)
    try:
        make_folder(place.parent)
        with open(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(content)
        sync_file(aside)
        aside.rename(place)
        sync_folder(place.parent)
    except OSError:
        for path in (aside, place):
            path.unlink(missing_ok=True)
        raise
    return Kept(file_key, len(content), hashlib.sha256(content).hexdigest())


def make_folder(wanted: Path) -> None:
    """Make the folder and those above it, for nobody else to read, and force each new name to the disk."""
    if not wanted.is_dir():
        make_folder(wanted.parent)
        wanted.mkdir(mode=0o700, exist_ok=True)
        sync_folder(wanted.parent)


def read(kept: Attachment) -> bytes:
    """The bytes that were kept; raises `FileChanged` when they are not there, or not the same any more."""
    place = place_of(kept.file_key)
    try:
        content = place.read_bytes()
    except OSError as error:
        raise FileChanged(str(error)) from error
    if (len(content), hashlib.sha256(content).hexdigest()) != (kept.size, kept.sha256):
        raise FileChanged(f"{place} is not what was kept")
    return content


def remove_strays() -> int:
    """Remove files of the current hospital that no row has told of for a day, and answer with how many that were."""
    before = time.time() - STRAY_AFTER.total_seconds()
    old = [path for path in folder().glob("??/*") if path.stat().st_mtime < before]
    known = set(db.session.scalars(sa.select(Attachment.file_key))) if old else set()
    strays = [path for path in old if path.name not in known]
    for path in strays:
        path.unlink(missing_ok=True)
        log.info("stray_file_removed", file=path.name)
    return len(strays)


def spare(uuid: str, until: datetime) -> None:
    """Keep every file a hospital has now until then, also those that no row tells of any more."""
    for path in folder_of(uuid).glob("??/*"):
        os.utime(path, (until.timestamp(), until.timestamp()))
