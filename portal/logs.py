"""Logs as lines of JSON, escaped, with the request's reference and never with what people typed."""

import json
import logging
import re
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from portal.clock import now
from portal.tenancy.current import find_current_hospital

LONGEST_LOG = 32 * 1024
LONGEST_LINE = 1000
DROPPED = "…"
FRAMES = 4
#: The driver quotes text that it cannot decode, and that may be a patient's name.
QUOTED = re.compile(r"(Could not decode to UTF-8 column '[^']*') with text.*", re.DOTALL)
ADDRESS_BEHIND = re.compile(r"\?\S*")
_kept: ContextVar["Lines | None"] = ContextVar("kept_lines", default=None)
_for_people: ContextVar[bool] = ContextVar("for_people", default=False)


class Lines:
    """The newest lines of one piece of work, few enough to be kept in its row."""

    def __init__(self, text: str = ""):
        self._lines, self._size, self._lock = deque(), 0, threading.Lock()
        self.count = 0
        for line in text.splitlines():
            self.add(line)

    def add(self, line: str) -> None:
        """Keep one more line; the oldest ones go."""
        with self._lock:
            self._lines.append(line)
            self._size += len(line.encode()) + 1
            is_cut = False
            while self._size > LONGEST_LOG - len(DROPPED.encode()) - 1:
                self._size -= len(self._lines.popleft().encode()) + 1
                is_cut = True
            if is_cut:
                self._lines.appendleft(DROPPED)
                self._size += len(DROPPED.encode()) + 1
            self.count += 1

    @property
    def text(self) -> str:
        """The lines, the oldest first."""
        with self._lock:
            return "\n".join(self._lines)


@contextmanager
def kept_in(lines: Lines) -> Iterator[None]:
    """Everything that is logged in this context is kept in these lines too."""
    token = _kept.set(lines)
    try:
        yield
    finally:
        _kept.reset(token)


def install() -> None:
    """Send the portal's events to standard error, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _name_hospital,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            _name_nobody,
            _keep,
            _leave_out,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


class Forwarded(logging.Handler):
    """What gunicorn, RQ and other libraries log, as lines like our own."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, without what stands behind a page's address."""
        about = {"exc_info": record.exc_info} if record.exc_info else {}
        said = ADDRESS_BEHIND.sub("?…", record.getMessage())
        structlog.get_logger().log(record.levelno, said, logger=record.name, **about)


#: For `logging.config.dictConfig`: every library's lines go the same way; only warnings are said.
LIBRARIES = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"lines": {"class": "portal.logs.Forwarded"}},
    "root": {"level": "WARNING", "handlers": ["lines"]},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True}},  # it has its own otherwise
}


def _name_hospital(logger, method, event):
    hospital = find_current_hospital()
    if hospital:
        event.setdefault("hospital", hospital.uuid)
    return event


def _name_nobody(logger, method, event):
    """Take out what a driver quotes of the rows it stumbled over."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = QUOTED.sub(r"\1", value)
    for error in event.get("exception") or ():
        if isinstance(error, dict):
            error["exc_value"] = QUOTED.sub(r"\1", error["exc_value"])
    return event


def for_people() -> None:
    """From here on a terminal shows what went wrong alone: a command says in its own words what it does."""
    _for_people.set(True)


def _leave_out(logger, method, event):
    if _for_people.get() and event["level"] == "info" and sys.stderr.isatty():
        raise structlog.DropEvent
    return event


def _keep(logger, method, event):
    lines = _kept.get()
    if lines is not None:
        lines.add(_as_line(event))
    return event


def line_of(level: str, event: str, **about) -> str:
    """A line as `Lines` keeps them, for what is written by somebody who does not hold the work."""
    return _as_line({"timestamp": now().isoformat(), "level": level, "event": event, **about})


def _as_line(event: dict) -> str:
    """An event as people read it: when, how grave, what, and what it was about; an error in one line."""
    known = {"timestamp", "level", "event", "exception", "operation", "hospital", "request_id", "job"}
    words = [f"{key}={_value(value)}" for key, value in event.items() if key not in known]
    words += [_error(error) for error in event.get("exception") or () if isinstance(error, dict)]
    line = " ".join([event["timestamp"][:23] + "Z", event["level"], event["event"], *words])
    return line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + DROPPED


def _value(value) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    is_plain = text and text.isprintable() and " " not in text and '"' not in text
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _error(error: dict) -> str:
    """“OSError: disk full (publish sqlite.py:166 < run create.py:70)”: never the statement nor its values."""
    first = (error["exc_value"].splitlines() or [""])[0]
    frames = [f"{one['name']} {one['filename'].rpartition('/')[2]}:{one['lineno']}" for one in error["frames"]]
    return f"{error['exc_type']}: {first} ({' < '.join(frames[: -FRAMES - 1 : -1])})"
