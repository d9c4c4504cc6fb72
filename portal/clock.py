"""The one clock: tests move it, nothing else reads the time."""

from datetime import UTC, datetime, timedelta

_offset = timedelta(0)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC) + _offset


def move(by: timedelta) -> None:
    """Shift the clock; only tests call this."""
    global _offset
    _offset += by


def reset() -> None:
    """Back to the real time."""
    global _offset
    _offset = timedelta(0)
