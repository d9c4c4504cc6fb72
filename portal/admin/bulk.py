"""Work on many hospitals at once: chosen in the list, followed and summed up on a page of its own (ux.md 8, 9)."""

import re

import sqlalchemy as sa
from flask import abort, flash, request, url_for
from flask_login import current_user

from portal.admin.access import needs, visible_hospitals
from portal.admin.badges import STATE, STATUS, badge_of
from portal.admin.hospitals import KEPT, matching
from portal.admin.views import admin
from portal.admin.works import WORKS, Work
from portal.control.models import STATUSES, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import go, page
from portal.provisioning import bulk
from portal.provisioning.progress import waiting_sentence

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ENDED = ("succeeded", "failed", "interrupted", "cancelled")


@admin.post("/hospitals/bulk")
@needs("platform_admin")
def start_bulk():
    """Ask for the same work on every chosen hospital."""
    kind = request.form.get("work", "")
    tenants = chosen() if kind in WORKS else abort(400)
    if not 0 < len(tenants) <= bulk.MOST:
        words = _("Select {most} hospitals or fewer.", most=f"{bulk.MOST:,}")
        flash(words if tenants else _("Select at least one hospital."), "bad")
        return go(list_url())
    return started(bulk.request_all(tenants, kind, WORKS[kind].action, current_user.id))


@admin.get("/hospitals/bulk/<batch>")
@needs("platform_admin")
def show_bulk(batch: str):
    """How far the work on many hospitals is, and what came of it, hospital by hospital."""
    found = bulk.operations_of(batch) if UUID.fullmatch(batch) else []
    return page("admin/bulk.html", **told(batch, found or abort(404)))


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


def chosen() -> list[Tenant]:
    """The ticked hospitals, or all that the list's filters leave, of those the person may see."""
    if request.form.get("all"):
        query = matching()
    else:
        ids = [int(text) for text in request.form.getlist("hospital") if text.isdecimal() and len(text) < 16]
        query = visible_hospitals().where(Tenant.id.in_(ids[: bulk.MOST + 1]))
    query = query.where(Tenant.mode != "deleted")
    return list(db.session.scalars(query.order_by(sa.func.lower(Tenant.name), Tenant.id).limit(bulk.MOST + 1)))


def started(asked: bulk.Asked):
    """Say who was left out, and go to where the work can be followed."""
    for left_out, sentence in (
        (asked.ready, _("{count} skipped, already Ready: {names}")),
        (asked.busy, _("{count} skipped, other work is under way: {names}")),
    ):
        if left_out:
            names = ", ".join(tenant.name for tenant in left_out[:5]) + ("…" if len(left_out) > 5 else "")
            flash(sentence.format(count=len(left_out), names=names), "warn")
    if not asked.operations:
        return go(list_url())
    return go(url_for(".show_bulk", batch=asked.batch))


def told(batch: str, found: list) -> dict:
    """What the page shows of a batch: its words, its numbers, and a row for each hospital."""
    work, states = WORKS[found[0].kind], bulk.states_of(found)
    ended = sum(states[state] for state in ENDED)
    return {
        "batch": batch,
        "heading": work.doing.format(count=len(found)),
        "active": ended < len(found),
        "ended": ended,
        "total": len(found),
        "queued": states["queued"],
        "waiting": waiting_sentence() if states["queued"] and not states["running"] else None,
        "summary": summary(work, found),
        "rows": [(one, badge_of(one.tenant, one), STATE[one.state]) for one in found],
        "again": [one.tenant_id for one in found if one.state in ("failed", "interrupted", "cancelled")],
        "kind": found[0].kind,
    }


def summary(work: Work, found: list) -> str:
    """“24 checked: 21 Ready, 1 Incomplete, 1 Missing/Error, 1 Unknown. 2 failed.”"""
    done = [one for one in found if one.state == "succeeded"]
    parts = [(status, sum(one.tenant.status == status for one in done)) for status in STATUSES]
    words = ", ".join(f"{count} {STATUS[status].text}" for status, count in parts if count)
    facts = {"count": len(done), "done": work.done, "words": words}
    text = _("{count} {done}: {words}.", **facts) if done else _("0 {done}.", done=work.done)
    rest = [(STATE[state].text.lower(), sum(one.state == state for one in found)) for state in ENDED[1:]]
    return " ".join([text, *(f"{count} {word}." for word, count in rest if count)])
