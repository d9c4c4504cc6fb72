"""How a view ends: a whole page, a form with its errors, or a redirect that htmx follows too."""

from urllib.parse import urlsplit

from flask import g, make_response, redirect, render_template, request

from portal.extensions import login


def is_htmx() -> bool:
    """The request came from htmx and takes a fragment; going back in the browser's history takes a whole page."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def page(template: str, status: int = 200, **context):
    """A whole page; never kept by a cache."""
    answer = make_response(render_template(template, **context), status)
    answer.headers["Cache-Control"] = "no-store"
    answer.vary.add("HX-Request")
    return answer


def error_page(title: str, sentence: str, status: int, **context):
    """A refusal or failure in plain words; written for a stranger, so that it needs no database to know the reader."""
    g._login_user = login.anonymous_user()
    return page("errors/error.html", status, title=title, sentence=sentence, **context)


def form_page(template: str, form, **context):
    """The page of a form: 422 with every answer kept when it was posted and is wrong, else 200."""
    failed = request.method == "POST" and bool(form.errors)
    return page(template, 422 if failed else 200, form=form, form_errors=failed, **context)


def go(url: str):
    """Send the reader to another page of this site: 303, or `HX-Redirect` for htmx."""
    if is_htmx():
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = url
        return answer
    return redirect(url, 303)


def back_to(otherwise: str) -> str:
    """The page from which a form was opened or sent, where its `then` names one of this site; else another."""
    return safe_next(request.values.get("then"), otherwise)


def safe_next(wanted: str | None, otherwise: str) -> str:
    """A path of this site to go on to, never another site (security.md 22)."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or any(ord(char) < 32 or char == "\\" for char in wanted):
        return otherwise
    return wanted
