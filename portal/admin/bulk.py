"""Work on many hospitals at once: chosen in the list, followed and summed up on a page of its own (ux.md 8, 9)."""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from flask import abort, flash, request, url_for
from flask_login import current_user

from portal.admin.access import may, needs, refuse, visible_hospitals
from portal.admin.bulk_rows import told
from portal.admin.hospitals import KEPT, hospital_url, matching
from portal.admin.migrations import begun, run_url
from portal.admin.views import admin
from portal.admin.works import WORKS, Work
from portal.control.models import Tenant
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import go, page
from portal.provisioning import bulk
from portal.provisioning.fleet import standing

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@admin.post("/hospitals/bulk")
@needs("platform_admin")
def start_bulk():
    """Ask for the same work on every chosen hospital."""
    kind = request.form.get("work", "")
    work = WORKS.get(kind) or abort(400)
    tenants = chosen() if may(work.role) else refuse()
    if not 0 < len(tenants) <= work.most:
        words = _("Select {most} hospitals or fewer.", most=f"{work.most:,}")
        flash(words if tenants else _("Select at least one hospital."), "bad")
        return go(list_url())
    return asked_for(kind, work, tenants)


@admin.get("/hospitals/bulk/<batch>")
@needs("platform_admin")
def show_bulk(batch: str):
    """How far the work on many hospitals is, and what came of it, hospital by hospital."""
    found = bulk.operations_of(batch) if UUID.fullmatch(batch) else []
    shown = told(batch, found or abort(404), request.args.get("state"))
    if shown["stamp"] == request.args.get("seen"):
        return "", 204  # the poll has nothing new to show
    return page("admin/bulk.html", **shown)


@admin.post("/hospitals/bulk/<batch>/cancel")
@needs("platform_admin")
def cancel_bulk(batch: str):
    """Take back what no worker has begun."""
    count = bulk.cancel_queued(batch)
    flash(_("{count} cancelled before they began.", count=count), "ok")
    return go(url_for(".show_bulk", batch=batch))


def list_url() -> str:
    """Back to the list with its filters."""
    return url_for("admin.hospitals", **{name: request.args[name] for name in KEPT if request.args.get(name)})


def asked_for(kind: str, work: Work, tenants: list[Tenant]):
    """Ask first where a click is not enough, or begin; migrating is one run, everything else an operation each."""
    if work.asks:
        return go(asking_url(work, tenants))
    if kind == "migrate":
        return migrated(tenants)
    return started(bulk.request_all(tenants, kind, work.action, current_user.id))


def asking_url(work: Work, tenants: list[Tenant]) -> str:
    """The page that asks first; for one hospital its own, which says more."""
    if len(tenants) == 1:
        return hospital_url(tenants[0], work.asks_one)
    return url_for(f".{work.asks}", ids=",".join(str(tenant.id) for tenant in tenants))


def chosen() -> list[Tenant]:
    """The ticked hospitals, or all that the list's filters leave, of those the person may see.

    What was ticked and is not there any more is left out.
    """
    if request.form.get("all"):
        query = matching()
    else:
        ids = [int(text) for text in request.form.getlist("hospital") if text.isdecimal() and len(text) < 16]
        query = visible_hospitals().where(Tenant.id.in_(ids[: bulk.MOST + 1]))
    query = query.where(Tenant.mode != "deleted").order_by(sa.func.lower(Tenant.name), Tenant.id)
    return list(db.session.scalars(query.limit(bulk.MOST + 1)))


def started(asked: bulk.Asked):
    """Go to where the work can be followed; where there is none, say who was left out and why."""
    if asked.operations:
        return go(url_for(".show_bulk", batch=asked.batch))
    tell_left_out(asked.ready, _("{count} skipped, already Ready: {names}"))
    tell_left_out(asked.busy, _("{count} skipped, other work is under way: {names}"))
    return go(list_url())


def migrated(tenants: list[Tenant]):
    """Begin a run over those that are behind, and go to its page; say who was left out, and why where there is none."""
    behind = standing.behind_of(tenant.id for tenant in tenants)
    run = begun(behind) if behind else None
    if run or not behind:
        tell_left_out([one for one in tenants if one.id not in behind], _("{count} skipped, not behind: {names}"))
    return go(run_url(run) if run else list_url())


def tell_left_out(left_out: Sequence[Tenant], sentence: str) -> None:
    """Name the first of the hospitals that were left out, if any were."""
    if left_out:
        names = ", ".join(tenant.name for tenant in left_out[:5]) + ("…" if len(left_out) > 5 else "")
        flash(sentence.format(count=len(left_out), names=names), "warn")
