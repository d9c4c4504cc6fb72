"""The rows of one operation, written only by the executor that holds it: every write is fenced by the attempt."""

import contextvars
import threading
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
import structlog

from portal.clock import now
from portal.control.models import Operation, OperationStep, Tenant
from portal.extensions import db
from portal.logs import Lines
from portal.provisioning.steps import STEPS
from portal.tenancy import releases
from portal.tenancy.databases.base import Overtaken

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=12)
BEAT_SECONDS = 3
ATTEMPTS = 3
FENCE = (  # made once: every write of an operation begins with it
    sa.update(Operation)
    .where(
        Operation.id == sa.bindparam("of_operation"),
        Operation.attempt == sa.bindparam("of_attempt"),
        Operation.state == "running",
    )
    .values(lease_until=sa.bindparam("until"))
)
FENCE_AND_LOG = FENCE.values(log=sa.bindparam("lines"))


class LostLease(Overtaken):
    """Another executor holds this operation now; this one must stop and leave everything to it."""


class Ledger:
    """What one attempt writes of one operation."""

    def __init__(self, operation_id: int, attempt: int, log_before: str = ""):
        self.operation_id, self.attempt = operation_id, attempt
        self.lines = Lines(log_before)
        self._written = self.lines.count
        self.step: str | None = None
        self.module: str = ""

    @classmethod
    def claim(cls, operation_id: int, worker: str, build: str) -> tuple["Ledger", str | None] | None:
        """Take a queued operation, with the build an earlier attempt left.

        None when somebody else has it, and for one that only a worker of a newer release can carry out.
        """
        with db.engine.begin() as connection:
            row = connection.execute(
                sa.select(Operation.attempt, Operation.build, Operation.started_at, Operation.log).where(
                    Operation.id == operation_id, Operation.state == "queued"
                )
            ).first()
            if row is None or not _is_known_here(connection, operation_id):
                return None
            taken = connection.execute(
                sa.update(Operation)
                .where(Operation.id == operation_id, Operation.state == "queued", Operation.attempt == row.attempt)
                .values(
                    state="running",
                    attempt=row.attempt + 1,
                    worker=worker,
                    build=build,
                    lease_until=now() + LEASE,
                    started_at=row.started_at or now(),
                    error=None,
                )
            )
            if not taken.rowcount:
                return None
            waiting = {"state": "waiting", "output": "", "started_at": None, "finished_at": None}
            connection.execute(
                sa.update(OperationStep).where(OperationStep.operation_id == operation_id).values(waiting)
            )
        return cls(operation_id, row.attempt + 1, row.log), row.build

    def begin(self, step: str) -> None:
        """The step before, if any, is done; this one starts."""
        before, self.step, self.module = self.step, step, ""
        log.info("step_begun", step=step)
        with db.engine.begin() as connection:
            self._fence(connection)
            self._finish_step(connection, before)
            self._set(connection, step, [""], state="running", started_at=now())

    def module_states(self, done: Iterable[str], running: str | None = None) -> None:
        """These modules of the current step are done, and one may be under way."""
        done = list(done)
        log.info("modules_done", count=len(done), running=running or "")
        with db.engine.begin() as connection:
            self._fence(connection)
            self._set(connection, self.step, done, state="done", finished_at=now())
            if running:
                self._set(connection, self.step, [running], state="running", started_at=now())
        self.module = running or ""

    def say(self, sentence: str) -> None:
        """What the current step did, in a sentence."""
        log.info("step_said", sentence=sentence)
        with db.engine.begin() as connection:
            self._fence(connection)
            self._set(connection, self.step, [""], output=sentence[:500])

    def record(self, *statements: sa.Executable) -> None:
        """Write these to the control plane, all or none, while this attempt still holds the operation."""
        with db.engine.begin() as connection:
            self._fence(connection)
            for statement in statements:
                connection.execute(statement)

    def close(self, tenant_id: int) -> None:
        """Nobody gets into the hospital until this operation ends; every process follows within a second (D21)."""
        closed = {"closed_by": self.operation_id, "epoch": Tenant.epoch + 1}
        self.record(sa.update(Tenant).where(Tenant.id == tenant_id).values(closed))

    def succeed(self, tenant_id: int, values: dict) -> None:
        """The last step is done: what the registry says of the hospital and the end of the operation, together."""
        log.info("operation_succeeded")
        with db.engine.begin() as connection:
            self._fence(connection)
            self._finish_step(connection, self.step)
            skip_rest(connection, self.operation_id)
            self._end(connection, "succeeded", None)
            if values:
                connection.execute(sa.update(Tenant).where(Tenant.id == tenant_id).values(values))
            let_in(connection, self.operation_id)

    def fail(self, tenant_id: int, sentence: str, values: dict) -> None:
        """The current step failed; the sentence says what people should know."""
        log.info("operation_failed", sentence=sentence)
        with db.engine.begin() as connection:
            self._fence(connection)
            modules = ["", self.module] if self.module else [""]
            self._set(connection, self.step, modules, state="failed", output=sentence, finished_at=now())
            skip_rest(connection, self.operation_id)
            self._end(connection, "failed", sentence)
            connection.execute(sa.update(Tenant).where(Tenant.id == tenant_id).values(values))
            let_in(connection, self.operation_id)

    def beat(self) -> None:
        """Keep the lease; raises `LostLease`."""
        with db.engine.begin() as connection:
            self._fence(connection)

    def _fence(self, connection: sa.Connection) -> None:
        """Refuse a lost attempt; what was logged since the last write goes with it, so that a kill loses no step."""
        mine = {"of_operation": self.operation_id, "of_attempt": self.attempt, "until": now() + LEASE}
        fence, count = FENCE, self.lines.count
        if count != self._written:
            fence, mine["lines"] = FENCE_AND_LOG, self.lines.text
        held = connection.execute(fence, mine)
        self._written = count
        if held.rowcount != 1:
            raise LostLease(f"operation {self.operation_id}, attempt {self.attempt}")

    def _finish_step(self, connection: sa.Connection, step: str | None) -> None:
        if step:
            self._set(connection, step, [""], state="done", finished_at=now())

    def _end(self, connection: sa.Connection, state: str, error: str | None) -> None:
        values = {"state": state, "error": error, "finished_at": now(), "active_key": None, "lease_until": None}
        connection.execute(sa.update(Operation).where(Operation.id == self.operation_id).values(values))

    def _set(self, connection: sa.Connection, step: str, modules: list[str], **values) -> None:
        connection.execute(
            sa.update(OperationStep)
            .where(
                OperationStep.operation_id == self.operation_id,
                OperationStep.step == step,
                OperationStep.module.in_(modules),
            )
            .values(values)
        )


def _is_known_here(connection: sa.Connection, operation_id: int) -> bool:
    """This release has the kind of an operation, its steps, and the migrations it was asked for with."""
    asked = connection.execute(sa.select(Operation.kind, Operation.needs).where(Operation.id == operation_id)).one()
    steps = {step.name for step in STEPS.get(asked.kind, ())}
    found = sa.select(OperationStep.step).where(OperationStep.operation_id == operation_id)
    known = asked.needs is None or releases.is_known(asked.needs)
    if known and steps >= set(connection.scalars(found)):
        return True
    log.warning("left_to_a_newer_release", operation_id=operation_id, kind=asked.kind, needs=asked.needs)
    return False


def let_in(connection: sa.Connection, *operation_ids: int) -> None:
    """Nobody works for these any more: the hospitals they kept closed are open again, as their modes say."""
    closed = sa.update(Tenant).where(Tenant.closed_by.in_(operation_ids))
    connection.execute(closed.values(closed_by=None, epoch=Tenant.epoch + 1))


def skip_rest(connection: sa.Connection, *operation_ids: int) -> None:
    """These operations have ended: the steps they did not come to, or did not need, are skipped."""
    connection.execute(
        sa.update(OperationStep)
        .where(OperationStep.operation_id.in_(operation_ids), OperationStep.state.in_(("waiting", "running")))
        .values(state="skipped")
    )


class Heartbeat:
    """Keeps an operation's lease while a long step runs, and stops when somebody else took the operation.

    A control database that is busy for a moment is no reason to stop: the next beat comes in time.
    """

    def __init__(self, ledger: Ledger, app):
        self.ledger, self.app = ledger, app
        self._stop = threading.Event()
        inherited = contextvars.copy_context()  # what is logged while it beats belongs to the operation too
        self._thread = threading.Thread(target=inherited.run, args=(self._beat,), name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                with self.app.app_context():
                    self.ledger.beat()
            except LostLease:
                return
            except sa.exc.OperationalError as error:
                log.warning("beat_missed", error=str(error.orig))
