"""The reference of the request for which something is done: made at the edge, told to workers, on every line."""

import re

import structlog

from portal.types import new_uuid

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,36}")


def begin(given: str | None) -> str:
    """The reference of the request that begins here: the one a proxy gave it, where it can be used, or a new one."""
    request_id = given if given and WELL_FORMED.fullmatch(given) else new_uuid()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def current() -> str:
    """The reference of the request that asked for what is done here; empty where nobody's request did."""
    return structlog.contextvars.get_contextvars().get("request_id", "")
