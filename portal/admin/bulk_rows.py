"""What the page of work on many hospitals shows: its numbers, its summary, and a row for each hospital (ux.md 9)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from flask import url_for

from portal.admin.access import may
from portal.admin.badges import STATE, STATUS, Badge, badge_of
from portal.admin.works import WORKS, Work
from portal.control.models import STATUSES, Operation, Tenant
from portal.i18n import _
from portal.provisioning import bulk
from portal.provisioning.progress import waiting_sentence

SKIPPED = Badge("unk", "player-skip-forward", _("Skipped"))
WHY = {bulk.READY: _("already Ready"), bulk.BUSY: _("other work is under way")}
WHY_SENTENCE = {
    bulk.READY: _("The database was Ready already."),
    bulk.BUSY: _("Other work on this hospital was under way."),
}
TABS = {
    "queued": (_("Waiting"), ("queued",)),
    "running": (_("Running"), ("running",)),
    "succeeded": (_("Succeeded"), ("succeeded",)),
    "failed": (_("Failed"), ("failed", "interrupted")),
    "cancelled": (_("Cancelled"), ("cancelled",)),
    "skipped": (_("Skipped"), ("skipped",)),
}
AGAIN = TABS["failed"][1]


@dataclass(frozen=True)
class BulkRow:
    """One hospital: how the work on it stands, what was seen of its database then, and why."""

    tenant: Tenant
    state: str
    look: Badge
    status: Badge | None
    why: str
    reference: str = ""


def told(batch: str, found: Sequence[Operation], wanted: str | None) -> dict:
    """What the page shows of a batch; `wanted` is the tab that narrows the rows."""
    work, left_out = WORKS[found[0].kind], bulk.left_out_of(found)
    rows = [*map(_row, found), *(_skipped(tenant, why) for tenant, why in left_out)]
    counts = Counter(row.state for row in rows)
    wanted = wanted if wanted in TABS else None
    shown = TABS[wanted][1] if wanted else counts
    waiting = counts["queued"] + counts["running"]
    why = waiting_sentence() if counts["queued"] and not counts["running"] else None
    stamp = f"{crc32(repr(([(row.tenant.id, row.state) for row in rows], why)).encode()):x}"
    return {
        "stamp": stamp,
        "poll": url_for("admin.show_bulk", batch=batch, state=wanted, seen=stamp),
        "batch": batch,
        "address": url_for("admin.show_bulk", batch=batch, state=wanted),
        "heading": work.doing.format(count=len(found)),
        "active": waiting > 0,
        "ended": len(found) - waiting,
        "total": len(found),
        "queued": counts["queued"],
        "waiting": why,
        "summary": summary(work, found, left_out),
        "tabs": _tabs(batch, counts, wanted),
        "rows": [row for row in rows if row.state in shown],
        "again": [row.tenant.id for row in rows if row.state in AGAIN and may(work.role)],
        "kind": found[0].kind,
    }


def _row(operation: Operation) -> BulkRow:
    tenant, status, why = operation.tenant, None, ""
    if not operation.is_active:
        status, why = badge_of(tenant, operation), operation.error or tenant.reason
    return BulkRow(tenant, operation.state, STATE[operation.state], status, why, operation.reference)


def _skipped(tenant: Tenant, why: str) -> BulkRow:
    return BulkRow(tenant, "skipped", SKIPPED, STATUS[tenant.status], WHY_SENTENCE[why])


def _tabs(batch: str, counts: Counter, wanted: str | None) -> list[dict]:
    """All, and one tab for each way it went so far, with how many hospitals that is."""
    numbers = {None: counts.total(), **{key: sum(counts[one] for one in states) for key, (_l, states) in TABS.items()}}
    return [
        {
            "label": TABS[key][0] if key else _("All"),
            "url": url_for("admin.show_bulk", batch=batch, state=key),
            "current": key == wanted,
            "count": count,
        }
        for key, count in numbers.items()
        if count or key == wanted
    ]


def summary(work: Work, found: Sequence[Operation], left_out: Sequence[tuple[Tenant, str]]) -> str:
    """“24 checked: 21 Ready, 1 Incomplete, 2 Unknown. 1 failed.”, “2 created, 1 skipped (already Ready), 1 failed.”"""
    done = [one for one in found if one.state == "succeeded"]
    first = _("{count} {done}", count=len(done), done=work.done)
    statuses = Counter(one.tenant.status for one in done)
    if done and (found[0].kind == "verify" or set(statuses) != {"ready"}):
        words = ", ".join(f"{statuses[one]} {STATUS[one].text}" for one in STATUSES if statuses[one])
        first = _("{first}: {words}", first=first, words=words)
    skipped = Counter(why for _tenant, why in left_out)
    states = Counter(one.state for one in found)
    rest = [_("{count} skipped ({why})", count=skipped[why], why=text) for why, text in WHY.items() if skipped[why]]
    rest += [f"{states[one]} {STATE[one].text.lower()}" for one in (*AGAIN, "cancelled") if states[one]]
    if not rest:
        return f"{first}."
    return f"{first}{'. ' if ':' in first else ', '}{', '.join(rest)}."
