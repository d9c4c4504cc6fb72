"""What each request leaves behind: its reference, one line in the log, and its place in the numbers.

A line names the page by its pattern, never by its address, and nobody: who did what stands in the audit, under the
same reference.
"""

import time

import structlog
from flask import Flask, current_app, g, request, request_finished

from portal import request_ids
from portal.tenancy.current import Hospital
from portal.tenancy.hosts import SUBDOMAIN_KEY
from portal.tenancy.routing import HOSPITAL_KEY

log = structlog.get_logger(__name__)
QUIET = ("static", "metrics.show", "status.readyz")  # asked for all the time; a line only where it is refused


def install(app: Flask) -> None:
    """Follow every request from its first moment to its answer."""
    app.before_request(_begin)
    app.after_request(_name)
    request_finished.connect(_end, app)


def _begin() -> None:
    g.began = time.perf_counter()
    trusts = current_app.extensions["settings"].trusted_proxies > 0
    g.request_id = request_ids.begin(request.headers.get(request_ids.HEADER) if trusts else None)


def _name(answer):
    answer.headers.setdefault(request_ids.HEADER, g.request_id)
    return answer


def _end(app: Flask, response) -> None:
    """The answer is ready: count it, and say so."""
    seconds = time.perf_counter() - g.began
    settings, hospital = app.extensions["settings"], request.environ.get(HOSPITAL_KEY)
    named = hospital.subdomain if hospital and settings.metrics_by_hospital else None
    app.extensions["tally"].request(_state(hospital), request.method, response.status_code, seconds, named)
    if settings.request_lines and (response.status_code >= 400 or request.endpoint not in QUIET):
        about = {"hospital": hospital.uuid} if hospital else {}
        route = request.url_rule.rule if request.url_rule else "?"
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            **about,
        )


def _state(hospital: Hospital | None) -> str:
    """How the hospital of this request was when it was found."""
    if request.endpoint == "static":
        return "static"
    if hospital is None:
        return "platform" if request.environ[SUBDOMAIN_KEY] is None else "not_found"
    if hospital.is_closed or hospital.generation is None:
        return "closed"
    return "read_only" if hospital.read_only_since else "ready"
