"""Every operation of every hospital: a list that keeps itself current, and what carries the work out (ux 14, 16)."""

import re

import sqlalchemy as sa
from flask import request
from flask_login import current_user

from portal.admin.access import may, needs
from portal.admin.badges import KINDS, STATE
from portal.admin.machinery import parts
from portal.admin.operation_rows import ids_of_active, rows_of
from portal.admin.views import admin
from portal.control.models import STATES, Operation, Tenant, TenantAccess
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import page
from portal.pages.lists import Column, Listing

COLUMNS = (
    Column("kind", _("Operation")),
    Column("hospital", _("Hospital"), sort=sa.func.lower(Tenant.name)),
    Column("state", _("State")),
    Column("asked", _("Asked"), sort=Operation.queued_at),
    Column("who", _("Who")),
    Column("took", _("Took"), numeric=True),
    Column("about", _("How far, or why")),
)
KEPT = ("q", "state", "kind", "batch", "sort", "page", "per_page")
BATCH = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST_SEARCH = 120
POLLED_AT_ONCE = 100


@admin.get("/operations/")
@needs("hospital_admin")
def operations():
    """Every operation of the hospitals the person may see, as a list whose state is its address."""
    found = _found()
    listing = _listing(found)
    chosen = {"kind_shown": _kind(), "state_shown": _state(), "batch": _batch()}
    filtered = bool(listing.q or any(chosen.values()))
    return page("admin/operations.html", listing=listing, tabs=_tabs(listing, found), kinds=KINDS, filtered=filtered,
                active=ids_of_active(listing.items), parts=_parts(), **chosen)  # fmt: skip


@admin.get("/operations/poll")
@needs("hospital_admin")
def poll_operations():
    """The changing cells of the operations that were not over; asks again only while there are such."""
    ids = [int(text) for text in request.args.get("ids", "").split(",") if text.isdecimal() and len(text) < 16]
    rows = rows_of(visible_operations().where(Operation.id.in_(ids[:POLLED_AT_ONCE])))
    return page("admin/_operations_poll.html", rows=rows, active=ids_of_active(rows), parts=_parts(),
                tabs=_tabs(_listing(_found()), _found()))  # fmt: skip


def visible_operations() -> sa.Select:
    """The operations of the hospitals the person signed in may see."""
    query = sa.select(Operation).join(Operation.tenant)
    if may("platform_admin"):
        return query
    own = sa.select(TenantAccess.tenant_id).where(TenantAccess.user_id == current_user.id)
    return query.where(Operation.tenant_id.in_(own))


def _parts() -> list:
    """The machinery is the platform's own business."""
    return parts() if may("platform_admin") else []


def _found() -> sa.Select:
    """What search, kind and batch leave of the operations; the tabs count these."""
    query = visible_operations()
    for word in _q().lower().split():
        name, subdomain = Tenant.name.icontains(word, autoescape=True), Tenant.subdomain.contains(word, autoescape=True)
        query = query.where(name | subdomain | Operation.reference.startswith(word, autoescape=True))
    query = query.where(Operation.kind == _kind()) if _kind() else query
    return query.where(Operation.batch == _batch()) if _batch() else query


def _listing(found: sa.Select) -> Listing:
    query = found.where(Operation.state == _state()) if _state() else found
    return Listing(query, COLUMNS, (_("operation"), _("operations")),
                   default_sort="-asked", tie=Operation.id.desc(), kept=KEPT, q=_q(), rows=rows_of)  # fmt: skip


def _q() -> str:
    return request.args.get("q", "").strip()[:LONGEST_SEARCH]


def _state() -> str | None:
    wanted = request.args.get("state")
    return wanted if wanted in STATES else None


def _kind() -> str | None:
    wanted = request.args.get("kind")
    return wanted if wanted in KINDS else None


def _batch() -> str | None:
    wanted = request.args.get("batch", "")
    return wanted if BATCH.fullmatch(wanted) else None


def _tabs(listing: Listing, found: sa.Select) -> list[dict]:
    """One tab for each state with how many operations are in it, and one for all."""
    matching = found.subquery()
    counts = dict(db.session.execute(sa.select(matching.c.state, sa.func.count()).group_by(matching.c.state)).all())
    labels = {None: _("All"), **{state: STATE[state].text for state in STATES}}
    return [
        {
            "id": f"operations-{state or 'all'}",
            "label": label,
            "url": listing.url(state=state),
            "current": state == _state(),
            "count": sum(counts.values()) if state is None else counts.get(state, 0),
        }
        for state, label in labels.items()
    ]
