"""The edge of a request: a reference for it, one commit or one rollback, and the headers on every answer."""

import structlog
from flask import Flask, g, request
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import error_page
from portal.types import new_uuid

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
}


def install(app: Flask) -> None:
    """Put the edge around every request."""
    app.before_request(_number)
    app.after_request(_finish)
    app.register_error_handler(CSRFError, _stale_page)
    app.register_error_handler(RateLimitExceeded, lambda error: _known_page(429))
    app.register_error_handler(StaleDataError, lambda error: _known_page(409))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _number() -> None:
    g.request_id = new_uuid()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(answer):
    """2xx and 3xx keep what was done, everything else undoes it (D12)."""
    if answer.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return answer


def _stale_page(error: CSRFError):
    sentence = _("This page was open too long, so nothing was saved. Open it again and repeat your change.")
    return error_page(_("The page is out of date"), sentence, 400)


def _http_error(error: HTTPException):
    if error.code is None or error.code < 400:
        return error
    return _known_page(error.code)


def _known_page(code: int):
    title, sentence = SENTENCES.get(code, SENTENCES[400])
    return error_page(_(title), _(sentence), code)


def _unexpected(error: Exception):
    """A generic page with a reference; the details are in the log only (security.md 40)."""
    db.session.rollback()
    log.exception("request_failed", method=request.method, path=request.path)
    sentence = _("Try again later. Nothing you typed was saved.")
    return error_page(_("There is a problem with the service"), sentence, 500, reference=g.get("request_id", ""))
