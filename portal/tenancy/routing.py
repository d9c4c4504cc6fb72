"""A request finds its hospital: host → registry → modes → a bound context, or a page that says why not."""

import re

import structlog
from flask import Flask, abort, current_app, g, render_template, request

from portal.i18n import _
from portal.pages.answers import error_page
from portal.tenancy import guard, leases
from portal.tenancy.current import (
    Hospital,
    HospitalReadOnly,
    OtherRelease,
    TenantGone,
    bind,
    find_current_hospital,
    read_only,
)
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, WrongDatabase
from portal.tenancy.hosts import SUBDOMAIN_KEY
from portal.tenancy.modes import MODES
from portal.tenancy.names import subdomain_problem
from portal.tenancy.registry import find_hospital
from portal.tenancy.turns import Turns
from portal.times import day

log = structlog.get_logger(__name__)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
HOSPITAL_KEY = "portal.hospital"  # whom the host names, also where nobody gets in
EVERYWHERE = ("static",)
CHANGES_NOTHING = ("auth.show_sign_in", "auth.sign_out", "auth.choose_theme")  # the theme is kept in a cookie
UNTOLD = re.compile(r"password|token|version|^next$")
LONGEST_TYPED = 20_000


def install(app: Flask) -> None:
    """Bind each request to its hospital before any view, and answer for databases that cannot be served."""
    leases.install(app)
    app.extensions["turns"] = Turns()
    app.before_request(enter)
    app.teardown_request(_end_turn)
    for error in (DatabaseMissing, DatabaseDamaged, WrongDatabase):
        app.register_error_handler(error, _cannot_be_served)
    app.register_error_handler(OtherRelease, _updated_meanwhile)
    app.register_error_handler(TenantGone, _closed_meanwhile)
    app.register_error_handler(HospitalReadOnly, _nothing_saved)


def enter():
    """Bind the hospital of this host; 404 where the host or the page is not there, 503 where it cannot be served."""
    if request.endpoint in EVERYWHERE:
        return None
    subdomain = request.environ[SUBDOMAIN_KEY]
    writing = request.method not in SAFE_METHODS and not _only_reads()
    if subdomain is None:
        if not writing:
            read_only()
        return None if _belongs_to("platform") else abort(404)
    hospital = None if subdomain_problem(subdomain) else current_app.extensions["registry"].find(subdomain)
    if hospital is None or hospital.mode == "deleted":
        return render_template("errors/hospital_not_found.html"), 404
    request.environ[HOSPITAL_KEY] = hospital
    if not _belongs_to("hospital"):
        abort(404)
    refusal = _refusal(hospital)
    if refusal:
        current_app.extensions["engines"].forget(hospital.uuid)
        return unavailable(hospital, refusal)
    if hospital.saves_nothing:
        if writing and request.endpoint not in CHANGES_NOTHING:
            return read_only_page(hospital)
        writing = False
    if writing and not _take_turn(hospital):
        return unavailable(hospital, _("{hospital} is busy. Nothing was saved; try again.", hospital=hospital.name))
    bind(hospital, writing=writing)
    leases.held_engine(writing=False)
    return None


def _take_turn(hospital: Hospital) -> bool:
    """One hospital's writers, stuck or many, leave threads of this process to the others."""
    g.turn = current_app.extensions["turns"].take(hospital.uuid)
    return g.turn is not None


def _end_turn(error) -> None:
    turn = g.pop("turn", None)
    if turn is not None:
        turn.release()


def _belongs_to(scope: str) -> bool:
    """The page of this request exists on this kind of host; a page says so by its blueprint's `scope`."""
    if request.endpoint is None:
        return True
    blueprint = current_app.blueprints.get(request.blueprint or "")
    return getattr(blueprint, "scope", "both") in (scope, "both")


def _only_reads() -> bool:
    """A search that is posted (D16) takes no write lock; its module says so."""
    blueprint = current_app.blueprints.get(request.blueprint or "")
    return request.endpoint in getattr(blueprint, "only_reading", ())


def _refusal(hospital: Hospital) -> str | None:
    if hospital.mode == "suspended":
        return _("This hospital’s access is paused. Contact your platform administrator.")
    if hospital.mode == "maintenance":
        sentence = hospital.mode_reason or _("Try again in a few minutes.")
        return _("{hospital} is being maintained. {sentence}", hospital=hospital.name, sentence=sentence)
    if hospital.mode not in MODES:
        return _("{hospital} is not available now. Try again later.", hospital=hospital.name)
    if hospital.closed_by is not None:
        return _("{hospital} is being worked on. Try again in a few minutes.", hospital=hospital.name)
    if hospital.generation is None:
        return _("{hospital} is not set up yet. Try again in a few minutes.", hospital=hospital.name)
    return guard.refusal(hospital)


def read_only_page(hospital: Hospital):
    """The 409 page of a hospital that saves nothing now, which gives back what was typed."""
    typed = [
        (name.replace("_", " ").replace("-", " ").capitalize(), value[:LONGEST_TYPED])
        for name, value in request.form.items(multi=True)
        if value.strip() and not UNTOLD.search(name)
    ]
    sentence = _why_nothing_is_saved(hospital)
    return error_page(_("Nothing was saved"), sentence, 409, typed=typed, site_name=hospital.name)


def _why_nothing_is_saved(hospital: Hospital) -> str:
    name = hospital.name
    if hospital.moved_by:
        said = _("{hospital} is being moved to another server. Nothing was saved; try again in a few minutes.")
        return said.format(hospital=name)
    said = _("{hospital} is read-only since {day}: nothing was saved. You can still look everything up.")
    return said.format(hospital=name, day=day(hospital.read_only_since))


def _nothing_saved(error: HospitalReadOnly):
    hospital = as_it_is_now(find_current_hospital())
    if hospital is None or not hospital.saves_nothing:
        raise error
    log.warning("read_only_hospital_refused", hospital=hospital.uuid, detail=str(error))
    return read_only_page(hospital)


def as_it_is_now(hospital: Hospital | None) -> Hospital | None:
    """A hospital may have begun to move since the request came."""
    return hospital and find_hospital(hospital.subdomain)


def _closed_meanwhile(error: TenantGone):
    hospital = find_current_hospital()
    if hospital is None:
        raise error
    return unavailable(hospital, _("{hospital} is not available now. Try again later.", hospital=hospital.name))


def _updated_meanwhile(error: OtherRelease):
    """Another release has changed the database since this request read of it; what it was to save is not saved."""
    hospital = find_current_hospital()
    updating = hospital and guard.look_again(hospital)
    return unavailable(hospital, updating) if updating else _closed_meanwhile(error)


def unavailable(hospital: Hospital, sentence: str):
    """The 503 page of a hospital that cannot be served now."""
    answer = error_page(_("Not available now"), sentence, 503, site_name=hospital.name)
    answer.headers["Retry-After"] = "30"
    return answer


def _cannot_be_served(error: Exception):
    hospital = find_current_hospital()
    if hospital is None:
        raise error
    fresh = as_it_is_now(hospital) if isinstance(error, WrongDatabase) else None
    if fresh and fresh.moved_by:
        return read_only_page(fresh)
    log.error("hospital_database_refused", hospital=hospital.uuid, error=type(error).__name__, detail=str(error))
    current_app.extensions["engines"].forget(hospital.uuid)
    if isinstance(error, WrongDatabase):
        current_app.extensions["registry"].report_wrong_database(hospital, str(error))
    sentence = _(
        "The records of {hospital} cannot be opened. Your platform administrator can see why.", hospital=hospital.name
    )
    return unavailable(hospital, sentence)
