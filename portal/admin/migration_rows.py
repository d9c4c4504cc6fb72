"""What the pages of migrations show: a run in a line, and all of one with what failed and what is under way."""

from dataclasses import dataclass
from zlib import crc32

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import contains_eager, defer

from portal.admin.badges import STATE, Badge
from portal.control.models import Operation, Rollout, Tenant
from portal.extensions import db
from portal.i18n import _, ngettext
from portal.provisioning.fleet import runs
from portal.provisioning.progress import waiting_sentence

RUNS_SHOWN, ROWS_SHOWN = 10, 100
LOOKS = {
    "running": Badge("info", "loader-2", _("Running"), spin=True),
    "paused": Badge("warn", "player-pause", _("Paused")),
    "cancelled": Badge("unk", "ban", _("Cancelled")),
    "finished": Badge("ok", "circle-check", _("Finished")),
}
WITH_FAILURES = Badge("bad", "circle-x", _("Finished, with failures"))
FIRST = sa.case({"failed": 0, "interrupted": 0, "running": 1, "queued": 2}, value=Operation.state, else_=3)


@dataclass(frozen=True)
class Run:
    """One run and how far it is."""

    rollout: Rollout
    counts: runs.Counts

    @classmethod
    def of(cls, rollout: Rollout) -> "Run":
        """The run as it is now."""
        return cls(rollout, runs.counts_of(rollout))

    @property
    def look(self) -> Badge:
        """Its state."""
        is_marred = self.rollout.state == "finished" and self.counts.failed
        return WITH_FAILURES if is_marred else LOOKS[self.rollout.state]

    @property
    def heading(self) -> str:
        """What it is, or was, about."""
        return ngettext("Migrating {count} hospital", "Migrating {count} hospitals", self.counts.total)

    @property
    def asked_by(self) -> str:
        """Who asked for it; at the command line nobody is signed in."""
        return self.rollout.requester.name if self.rollout.requester else _("The command line")

    @property
    def summary(self) -> str:
        """“57 migrated, 3 failed, 0 not begun.”"""
        counts = self.counts
        left = max(0, counts.left - counts.active)
        facts = {"migrated": counts.migrated, "failed": counts.failed, "left": left}
        return _("{migrated} migrated, {failed} failed, {left} not begun.", **facts)


def told(rollout: Rollout) -> dict:
    """What the page shows of a run."""
    run, rows = Run.of(rollout), rows_of(rollout)
    active = rollout.state == "running" or run.counts.active > 0
    why = waiting_sentence() if rollout.state == "running" and rollout.by_workers and not run.counts.active else None
    shown = (rollout.state, rollout.why, why, run.counts, [(row.id, row.state) for row in rows])
    stamp = f"{crc32(repr(shown).encode()):x}"
    return {
        "run": run,
        "rows": [(row, STATE[row.state]) for row in rows],
        "more": sum(vars(run.counts)[name] for name in ("migrated", "failed", "active")) - len(rows),
        "active": active,
        "waiting": why,
        "stamp": stamp,
        "poll": url_for("admin.show_run", run=rollout.reference, seen=stamp),
        "ended": run.counts.migrated + run.counts.failed,
    }


def rows_of(rollout: Rollout) -> list[Operation]:
    """The operations of a run: what failed first, then what is under way, then the rest; so many at most."""
    query = sa.select(Operation).join(Operation.tenant).where(Operation.batch == rollout.reference)
    query = query.where(Operation.state != "cancelled").options(contains_eager(Operation.tenant), defer(Operation.log))
    return list(db.session.scalars(query.order_by(FIRST, Tenant.name, Operation.id).limit(ROWS_SHOWN)))
