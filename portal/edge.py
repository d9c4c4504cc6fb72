"""The edge of a request: a reference for it, one commit or one rollback, and the headers on every answer."""

from urllib.parse import urlsplit

import sqlalchemy as sa
import structlog
from flask import Flask, current_app, g, request, session
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter

from portal.extensions import db
from portal.i18n import _
from portal.kit import Refused, WrongState
from portal.kit.moves import way_on
from portal.pages.answers import error_page
from portal.tenancy import guard
from portal.tenancy.current import find_current_hospital
from portal.tenancy.databases.errors import is_busy, lacks_something
from portal.tenancy.routing import unavailable

log = structlog.get_logger(__name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SENTENCES = {
    400: ("This request cannot be read", "Go back and try again."),
    403: ("You may not open this page", "Your role does not include it. Ask your administrator if you need it."),
    404: ("Page not found", "There is no page at this address. Check the spelling, or start from the menu."),
    405: ("This page cannot do that", "Go back and use the buttons of the page."),
    409: (
        "Somebody else was faster",
        "The record changed while you worked on it. Open it again and repeat your change.",
    ),
    429: ("Too many attempts", "Too many attempts. Try again in 5 minutes."),
    503: ("Busy at the moment", "Others are saving right now, so nothing was saved. Go back and try again."),
}
LARGEST_ID = 2**31 - 1
MEGABYTE = 1024 * 1024


def install(app: Flask) -> None:
    """Put the edge around every request."""
    app.url_map.converters["int"] = Id
    app.before_request(_refuse_other_sites)
    app.after_request(_finish)
    app.register_error_handler(CSRFError, _stale_page)
    app.register_error_handler(RateLimitExceeded, lambda error: _known_page(429))
    app.register_error_handler(StaleDataError, lambda error: _known_page(409))
    app.register_error_handler(WrongState, _too_late)
    app.register_error_handler(Refused, lambda error: error_page(_("This is not possible"), error.sentence, 409))
    app.register_error_handler(sa.exc.OperationalError, _busy)
    app.register_error_handler(sa.exc.TimeoutError, _busy_page)  # every connection of this process is in use
    app.register_error_handler(sa.exc.DBAPIError, _does_not_fit)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


class Id(IntegerConverter):
    """An id in an address; one that no table of the platform can hold names nothing."""

    def __init__(self, url_map, **bounds):
        super().__init__(url_map, **{"max": LARGEST_ID, **bounds})


def _refuse_other_sites():
    """A form of another site, also of another hospital, is refused even with a token (security.md 17)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin != "null" and urlsplit(origin).netloc.lower() != request.host
    if foreign or request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return _known_page(403)
    return None


def _finish(answer):
    """2xx and 3xx keep what was done, everything else undoes it (D12)."""
    if answer.status_code < 400:
        answer = _kept(answer)
    if answer.status_code >= 400:
        db.session.rollback()
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return answer


def _kept(answer):
    """The answer once everything is kept; where that fails, the failure's page, and the cookie is not written."""
    try:
        db.session.commit()
    except Exception as error:
        session.modified = False
        return current_app.make_response(current_app.handle_user_exception(error))
    return answer


def _stale_page(error: CSRFError):
    sentence = _("This page was open too long, so nothing was saved. Open it again and repeat your change.")
    return error_page(_("The page is out of date"), sentence, 400)


def _too_late(error: WrongState):
    """Somebody else was faster: why nothing was done, and the way to the record as it is now."""
    db.session.rollback()
    return error_page(_("Not possible any more"), error.sentence, 409, way_on=way_on(error.record))


def _too_large(error: RequestEntityTooLarge):
    most = (request.max_content_length or 0) // MEGABYTE
    sentence = _("What was sent is larger than the {most} MB that this page takes. Nothing was saved.", most=most)
    return error_page(_("This is too large"), sentence, 413)


def _http_error(error: HTTPException):
    if error.code is None or error.code < 400:
        return error
    if error.code == 500:
        return _unexpected(getattr(error, "original_exception", None) or error)
    return _known_page(error.code)


def _known_page(code: int):
    title, sentence = SENTENCES.get(code, SENTENCES[400])
    return error_page(_(title), _(sentence), code)


def _busy(error: sa.exc.OperationalError):
    """Somebody held a database's lock for too long: 503, try again. Any other complaint is a failure."""
    if "locked" not in str(error.orig) and not is_busy(error.orig):
        return _does_not_fit(error)
    return _busy_page(error)


def _busy_page(error: Exception):
    log.warning("database_busy", route=_route(), error=type(error).__name__)
    answer = _known_page(503)
    answer.headers["Retry-After"] = "5"
    return answer


def _does_not_fit(error: sa.exc.DBAPIError):
    """A hospital that is at another revision than was known, or lacks a table or a column: 503 (tenancy.md T16)."""
    hospital = find_current_hospital()
    if hospital is None:
        return _unexpected(error)
    db.session.rollback()
    updating = guard.look_again(hospital)
    if updating:
        log.warning("hospital_at_other_revision", hospital=hospital.uuid, route=_route(), detail=str(error.orig))
        return unavailable(hospital, updating)
    if not lacks_something(error.orig):
        return _unexpected(error)
    log.error("hospital_database_incomplete", hospital=hospital.uuid, route=_route(), detail=str(error.orig))
    sentence = _(
        "A part of the records of {hospital} is missing. Your platform administrator can see which.",
        hospital=hospital.name,
    )
    return unavailable(hospital, sentence)


def _route() -> str:
    """Where the request went, without what its address holds: an invitation's is a secret."""
    return f"{request.method} {request.url_rule.rule if request.url_rule else '?'}"


def _unexpected(error: Exception):
    """A generic page with a reference; the details are in the log only (security.md 40)."""
    db.session.rollback()
    log.error("request_failed", route=_route(), exc_info=error)
    sentence = _("Try again later. Nothing you typed was saved.")
    return error_page(_("There is a problem with the service"), sentence, 500, reference=g.get("request_id", ""))
