"""Logs as lines of JSON, escaped, with the request's reference and never with what people typed."""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from portal.tenancy.current import find_current_hospital


def install() -> None:
    """Send the portal's events to standard error, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _name_hospital,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _name_hospital(logger, method, event):
    hospital = find_current_hospital()
    if hospital:
        event.setdefault("hospital", hospital.uuid)
    return event
