"""The list of hospitals, and the poll that keeps the rows with work under way current."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app, request, url_for
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.admin.access import may, needs, visible_hospitals
from portal.admin.badges import MODE, STATUS
from portal.admin.rows import rows_of
from portal.admin.views import admin
from portal.admin.works import offered
from portal.clock import now
from portal.control.models import STATUSES, Plan, Tenant, TenantAccess
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import page
from portal.pages.lists import Column, Listing

COLUMNS = (
    Column("name", _("Hospital"), sort=sa.func.lower(Tenant.name)),
    Column("status", _("Status"), sort=Tenant.status),
    Column("modules", _("Modules"), sort=Tenant.modules_ready, numeric=True),
    Column("tables", _("Tables"), sort=Tenant.tables, numeric=True),
    Column("plan", _("Plan"), sort=Plan.position),
    Column("ends", _("Ends"), sort=Tenant.ends_on),
    Column("administrator", _("Administrator")),
    Column("checked", _("Checked"), sort=Tenant.checked_at),
)
KEPT = ("q", "status", "plan", "mode", "sort", "page", "per_page")
LONGEST_SEARCH = 120
POLLED_AT_ONCE = 100


@admin.get("/hospitals/")
@needs("hospital_admin")
def hospitals():
    """Every hospital the person may see, as a list whose state is its address."""
    plans, plan = _plans()
    found = _found(plan, plans)
    listing = _listing(found)
    filtered = bool(listing.q or plan or _status() or _mode())
    tabs = _tabs(listing, found)
    shown = {"plans": plans, "plan": plan, "modes": MODE, "mode": _mode(), "status_shown": _status()}
    return page("admin/hospitals.html", listing=listing, tabs=tabs, filtered=filtered, **shown,
                works=offered(), may_create=may("platform_admin"), base_domain=base_domain())  # fmt: skip


@admin.get("/hospitals/poll")
@needs("hospital_admin")
def poll_hospitals():
    """The changing cells of the rows with work under way; asks again only while there is some."""
    ids = [int(text) for text in request.args.get("ids", "").split(",") if text.isdecimal() and len(text) < 16]
    tenants = db.session.scalars(visible_hospitals().where(Tenant.id.in_(ids[:POLLED_AT_ONCE]))).all()
    return page("admin/_hospitals_poll.html", rows=rows_of(tenants))


def matching() -> sa.Select:
    """All hospitals that the filters of the address leave, on every page of the list."""
    plans, plan = _plans()
    found = _found(plan, plans)
    return found.where(Tenant.status == _status()) if _status() else found


def _plans() -> tuple[Sequence[Plan], Plan | None]:
    """Every plan, and the one the list is narrowed to."""
    plans = db.session.scalars(sa.select(Plan).order_by(Plan.position, Plan.name)).all()
    return plans, next((plan for plan in plans if str(plan.id) == request.args.get("plan")), None)


def _q() -> str:
    return request.args.get("q", "").strip()[:LONGEST_SEARCH]


def _status() -> str | None:
    wanted = request.args.get("status")
    return wanted if wanted in STATUSES else None


def _mode() -> str | None:
    wanted = request.args.get("mode")
    return wanted if wanted in MODE else None


def _found(plan: Plan | None, plans: Sequence[Plan]) -> sa.Select:
    """What the search, the plan and the mode leave of the hospitals; deleted ones only where they are asked for."""
    query = visible_hospitals()
    query = query if _mode() == "deleted" else query.where(Tenant.mode != "deleted")
    for word in _q().lower().split():
        query = query.where(
            Tenant.name.icontains(word, autoescape=True) | Tenant.subdomain.contains(word, autoescape=True)
        )
    if _mode():
        query = query.where(_is_read_only(plans) if _mode() == "read_only" else Tenant.mode == _mode())
    return query.where(Tenant.plan_id == plan.id) if plan else query


def _is_read_only(plans: Sequence[Plan]) -> sa.ColumnElement[bool]:
    """Made read-only, or so by itself because the days of grace are over where the hospital is."""
    days = defaultdict(list)
    for name in db.session.scalars(sa.select(Tenant.timezone).where(Tenant.ends_on.is_not(None)).distinct()):
        days[now().astimezone(ZoneInfo(name)).date()].append(name)
    over = (
        (Tenant.plan_id == plan.id) & Tenant.timezone.in_(names) & (Tenant.ends_on < today - timedelta(plan.grace_days))
        for plan in plans
        for today, names in days.items()
    )
    return (Tenant.mode == "read_only") | ((Tenant.mode == "active") & sa.or_(sa.false(), *over))


def _listing(found: sa.Select) -> Listing:
    query = found.where(Tenant.status == _status()) if _status() else found
    administrators = selectinload(Tenant.access).options(joinedload(TenantAccess.user, innerjoin=True))
    return Listing(
        query.join(Tenant.plan).options(contains_eager(Tenant.plan), administrators),
        COLUMNS,
        (_("hospital"), _("hospitals")),
        default_sort="name",
        tie=Tenant.id,
        kept=KEPT,
        q=_q(),
        rows=lambda query: rows_of(db.session.scalars(query).all()),
    )


def _tabs(listing: Listing, found: sa.Select) -> list[dict]:
    """One tab for each status with how many hospitals it holds, and one for all."""
    matching = found.subquery()
    counts = dict(db.session.execute(sa.select(matching.c.status, sa.func.count()).group_by(matching.c.status)).all())
    labels = {None: _("All"), **{status: STATUS[status].text for status in STATUSES}}
    return [
        {
            "label": label,
            "url": listing.url(status=status),
            "current": status == _status(),
            "count": sum(counts.values()) if status is None else counts.get(status, 0),
        }
        for status, label in labels.items()
    ]


def base_domain() -> str:
    """The domain under which every hospital has its host."""
    return current_app.extensions["settings"].base_domain


def hospital_url(tenant: Tenant, endpoint: str = "hospital", **values) -> str:
    """The address of a page of this hospital on the console."""
    return url_for(f"admin.{endpoint}", subdomain=tenant.subdomain, **values)
