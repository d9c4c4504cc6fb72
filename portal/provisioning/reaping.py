"""When a reaper last looked: the time of a file, known also while Redis is away, and in Redis for other machines."""

import os
from datetime import UTC, datetime
from pathlib import Path

import structlog
from flask import current_app

from portal import queue
from portal.clock import now

log = structlog.get_logger(__name__)
ROUND = "reaper-round"


def note_round() -> None:
    """The reaper has begun a round; a disk that is full or read-only is no reason to stop it."""
    moment = now().timestamp()
    queue.note_time(ROUND, now())
    try:
        _file().touch(mode=0o600)
        os.utime(_file(), (moment, moment))
    except OSError as error:
        log.warning("round_not_noted", error=str(error))


def last_round() -> datetime | None:
    """When a reaper last began a round, here or on another machine; None where none ever did."""
    return max(filter(None, (_noted_here(), queue.noted_time(ROUND))), default=None)


def _noted_here() -> datetime | None:
    try:
        return datetime.fromtimestamp(_file().stat().st_mtime, UTC)
    except OSError:
        return None


def _file() -> Path:
    return current_app.extensions["settings"].instance_dir / "reaper.seen"
