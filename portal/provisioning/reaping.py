"""When the reaper last looked: the time of a file, so that it is known also while Redis is away."""

import os
from datetime import UTC, datetime
from pathlib import Path

import structlog
from flask import current_app

from portal.clock import now

log = structlog.get_logger(__name__)


def note_round() -> None:
    """The reaper has begun a round; a disk that is full or read-only is no reason to stop it."""
    moment = now().timestamp()
    try:
        _file().touch(mode=0o600)
        os.utime(_file(), (moment, moment))
    except OSError as error:
        log.warning("round_not_noted", error=str(error))


def last_round() -> datetime | None:
    """When the reaper last began a round; None where it never did."""
    try:
        return datetime.fromtimestamp(_file().stat().st_mtime, UTC)
    except OSError:
        return None


def _file() -> Path:
    return current_app.extensions["settings"].instance_dir / "reaper.seen"
