"""An operation in people's words: the same on the page, in the list and on the command line."""

from dataclasses import dataclass

from flask import current_app

from portal import queue
from portal.control.models import STEP_STATES, Operation, OperationStep
from portal.i18n import _
from portal.provisioning.steps import MODULES, step_named
from portal.words import Words

HEADINGS = Words({
    "create": (_("Creating {hospital}"), _("{hospital} is ready"), _("{hospital} is not ready")),
    "verify": (_("Checking {hospital}"), _("{hospital} was checked"), _("{hospital} was not checked")),
    "backup": (_("Backing up {hospital}"), _("{hospital} is backed up"), _("{hospital} is not backed up")),
    "restore": (_("Restoring {hospital}"), _("{hospital} is restored"), _("{hospital} is not restored")),
    "recreate": (_("Recreating {hospital}"), _("{hospital} is recreated"), _("{hospital} is not recreated")),
    "clone": (_("Creating {hospital} as a copy"), _("{hospital} is ready"), _("{hospital} is not ready")),
    "delete": (_("Deleting {hospital}"), _("{hospital} is deleted"), _("{hospital} is not deleted")),
    "migrate": (_("Migrating {hospital}"), _("{hospital} is migrated"), _("{hospital} is not migrated")),
    "move": (_("Moving {hospital}"), _("{hospital} is on its new server"), _("{hospital} was not moved")),
    "rename": (_("Renaming {hospital}"), _("{hospital} has its new address"), _("{hospital} was not renamed")),
}, (_("Working on {hospital}"), _("The work on {hospital} is done"), _("The work on {hospital} failed")))  # fmt: skip
OUTCOMES = Words({
    "queued": "waiting",
    "running": "running",
    "succeeded": "ready",
    "failed": "failed",
    "interrupted": "interrupted",
    "cancelled": "failed",
}, "interrupted")  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How far an operation is."""

    operation: Operation
    hospital: str

    @classmethod
    def of(cls, operation: Operation) -> "Progress":
        """The progress of an operation as its rows stand."""
        return cls(operation, operation.tenant.name)

    @property
    def outcome(self) -> str:
        """waiting, running, ready, failed or interrupted."""
        return OUTCOMES[self.operation.state]

    @property
    def is_active(self) -> bool:
        """There is more to come."""
        return self.operation.is_active

    @property
    def heading(self) -> str:
        """The panel's heading."""
        during, done, not_done = HEADINGS[self.operation.kind]
        words = {"waiting": during, "running": during, "ready": done}
        return words.get(self.outcome, not_done).format(hospital=self.hospital)

    @property
    def text(self) -> str:
        """What is happening now, and what that means for the reader."""
        if self.outcome == "waiting":
            return waiting_sentence() or _("The work is about to start. You can leave this page; the work continues.")
        if self.outcome != "running":
            return self.sentence
        return f"{self.line}. " + _("You can leave this page; the work continues.")

    @property
    def line(self) -> str:
        """“Step 3 of 5: setting up modules (7 of 20)”."""
        current = next((row for row in self._rows if row.state == "running"), self._rows[0])
        place = self._rows.index(current)
        doing = step_named(current.step).doing
        if current.step == MODULES.name:
            doing = _("{doing} ({done} of {total})", doing=doing, done=self.done, total=self.total)
        return _("Step {place} of {count}: {doing}", place=place + 1, count=len(self._rows), doing=doing)

    @property
    def sentence(self) -> str:
        """Why it ended as it did."""
        return self.operation.error or ""

    @property
    def steps(self) -> list[tuple[str, str, float | None, str]]:
        """Each visible step: its label, state, seconds and output."""
        return [(step_named(row.step).label, _state(row), _seconds(row), row.output) for row in self._rows]

    @property
    def modules(self) -> list[tuple[str, str]]:
        """Each module's label and state: waiting, running, done, failed or skipped."""
        known = current_app.extensions["modules"]
        rows = [row for row in self.operation.steps if row.module]
        return [(known[row.module].label if row.module in known else row.module, _state(row)) for row in rows]

    @property
    def done(self) -> int:
        """How many modules are set up."""
        return sum(1 for _label, state in self.modules if state == "done")

    @property
    def total(self) -> int:
        """How many modules there are."""
        return len(self.modules)

    @property
    def percent(self) -> int:
        """How much of the work is done, 0 to 100."""
        rows = self.operation.steps
        if self.outcome == "ready":
            return 100  # also where some steps were not needed
        return 100 * sum(1 for row in rows if row.state == "done") // max(1, len(rows))

    @property
    def reference(self) -> str:
        """What to tell the people who read the log."""
        return self.operation.reference

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return self.operation.seconds

    @property
    def _rows(self) -> list[OperationStep]:
        return [row for row in self.operation.steps if not row.module]


def _state(row: OperationStep) -> str:
    return row.state if row.state in STEP_STATES else "waiting"


def _seconds(row: OperationStep) -> float | None:
    if row.started_at and row.finished_at:
        return (row.finished_at - row.started_at).total_seconds()
    return None


def waiting_sentence() -> str | None:
    """Why work does not start, or None when a worker is there for it."""
    if queue.problem():
        return _("The work has not started. The queue cannot be reached. It will start on its own when it is back.")
    if not queue.has_worker():
        return _(
            "The work has not started. No background worker is running. It will start on its own when one is available."
        )
    return None
