"""The control plane's tables: which hospitals exist, who may enter them, and what happens to their databases."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.clock import now
from portal.extensions import db
from portal.tenancy.modes import MODES, OPEN_MODES
from portal.types import Choice, new_uuid

STATUSES = ("ready", "incomplete", "missing", "unknown")
STATES = ("queued", "running", "succeeded", "failed", "interrupted", "cancelled")
KINDS = ("create", "verify", "backup", "restore", "recreate", "rename", "clone", "delete", "migrate", "move")
STEP_STATES = ("waiting", "running", "done", "failed", "skipped")
ROLLOUT_STATES = ("running", "paused", "cancelled", "finished")
BACKUP_STATES = ("verified", "damaged", "removed")
ROLES = ("superuser", "platform_admin", "hospital_admin")


class Plan(db.Model):
    """What a hospital has agreed to: its modules and limits."""

    __tablename__ = "control_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    modules: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    staff_limit: Mapped[int | None]
    grace_days: Mapped[int] = mapped_column(default=14)


class User(db.Model):
    """A person known to the platform: superuser, platform administrator or hospital administrator."""

    __tablename__ = "control_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(sa.String(36), unique=True, default=new_uuid)
    username: Mapped[str] = mapped_column(sa.String(150), unique=True)
    name: Mapped[str] = mapped_column(sa.String(150))
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(Choice(*ROLES, name="role"))
    is_active: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=1)
    invitation_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    invitation_expires_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    access: Mapped[list["TenantAccess"]] = relationship(back_populates="user")


class Tenant(db.Model):
    """A hospital as the platform knows it: its name, address, agreement, and what was last seen of its database."""

    __tablename__ = "control_tenant"
    __table_args__ = (sa.CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name="ends_after_start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(sa.String(36), unique=True, default=new_uuid)
    subdomain: Mapped[str] = mapped_column(sa.String(54), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), index=True)
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    website: Mapped[str] = mapped_column(sa.String(200), default="")
    timezone: Mapped[str] = mapped_column(sa.String(64))
    currency: Mapped[str] = mapped_column(sa.String(3))
    locale: Mapped[str] = mapped_column(sa.String(10))

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("control_plan.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None] = mapped_column(index=True)
    modules: Mapped[list[str]] = mapped_column(sa.JSON, default=list)

    server: Mapped[str] = mapped_column(sa.String(40), default="default")
    mode: Mapped[str] = mapped_column(Choice(*MODES, name="mode"), default="active")
    mode_before: Mapped[str] = mapped_column(Choice(*OPEN_MODES, name="mode_before"), default="active")
    mode_since: Mapped[datetime | None]
    mode_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    closed_by: Mapped[int | None]
    moved_by: Mapped[int | None] = mapped_column(index=True)
    is_neutralised: Mapped[bool] = mapped_column(default=False)
    copy_of: Mapped[str] = mapped_column(sa.String(120), default="")
    kept_until: Mapped[datetime | None]
    sessions_ended: Mapped[int] = mapped_column(default=0)
    generation: Mapped[str | None] = mapped_column(sa.String(32))
    epoch: Mapped[int] = mapped_column(default=1)

    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="unknown", index=True)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    tables: Mapped[int | None]
    expected_tables: Mapped[int | None]
    modules_ready: Mapped[int | None]
    modules_expected: Mapped[int | None]
    revision: Mapped[str | None] = mapped_column(sa.String(32))
    serves_from: Mapped[str | None] = mapped_column(sa.String(32))
    findings: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    checked_at: Mapped[datetime | None]

    outbox_due_at: Mapped[datetime | None] = mapped_column(index=True)
    form_token: Mapped[str | None] = mapped_column(sa.String(36), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    plan: Mapped[Plan] = relationship(lazy="joined", innerjoin=True)
    access: Mapped[list["TenantAccess"]] = relationship(back_populates="tenant", order_by="TenantAccess.id")
    operations: Mapped[list["Operation"]] = relationship(
        back_populates="tenant", order_by="Operation.id.desc()", viewonly=True
    )


sa.Index("ix_control_tenant_counts", Tenant.mode, Tenant.status, Tenant.revision)


class TenantAccess(db.Model):
    """A control-plane user may enter this hospital as its administrator."""

    __tablename__ = "control_tenant_access"
    __table_args__ = (sa.UniqueConstraint("user_id", "tenant_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("control_user.id"))
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("control_tenant.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    user: Mapped[User] = relationship(back_populates="access")
    tenant: Mapped[Tenant] = relationship(back_populates="access")


class Operation(db.Model):
    """One piece of work on a hospital's database; this row is the truth, the queue only wakes a worker.

    queued → running → succeeded | failed;  running → queued (lease ran out) | interrupted;  queued → cancelled
    """

    __tablename__ = "control_operation"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(sa.String(36), unique=True, default=new_uuid)
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("control_tenant.id"), index=True)
    kind: Mapped[str] = mapped_column(Choice(*KINDS, name="kind"))
    state: Mapped[str] = mapped_column(Choice(*STATES, name="state"), default="queued")
    active_key: Mapped[int | None] = mapped_column(unique=True)
    needs: Mapped[str | None] = mapped_column(sa.String(32))
    attempt: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(sa.String(100))
    build: Mapped[str | None] = mapped_column(sa.String(64))
    backup_id: Mapped[int | None] = mapped_column(sa.ForeignKey("control_backup.id"))
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(sa.String(500))
    requested_by: Mapped[int | None] = mapped_column(sa.ForeignKey("control_user.id"))
    request_id: Mapped[str] = mapped_column(sa.String(36), default="")
    batch: Mapped[str | None] = mapped_column(sa.String(36))
    details: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    log: Mapped[str] = mapped_column(sa.Text, default="")
    queued_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)

    tenant: Mapped[Tenant] = relationship()
    backup: Mapped["Backup | None"] = relationship()
    requester: Mapped[User | None] = relationship(viewonly=True)
    steps: Mapped[list["OperationStep"]] = relationship(back_populates="operation", order_by="OperationStep.position")

    @property
    def is_active(self) -> bool:
        """Work is waiting or under way."""
        return self.state in ("queued", "running")

    @property
    def seconds(self) -> float | None:
        """How long the work took, from its first start to its end."""
        if self.started_at and self.finished_at:
            return (self.finished_at - self.started_at).total_seconds()
        return None


sa.Index("ix_control_operation_state", Operation.state, Operation.lease_until)
sa.Index("ix_control_operation_batch", Operation.batch, Operation.state)


class OperationStep(db.Model):
    """One visible step of an operation, or one module inside the step that sets modules up."""

    __tablename__ = "control_operation_step"
    __table_args__ = (sa.UniqueConstraint("operation_id", "step", "module"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(sa.ForeignKey("control_operation.id"), index=True)
    position: Mapped[int]
    step: Mapped[str] = mapped_column(sa.String(40))
    module: Mapped[str] = mapped_column(sa.String(40), default="")
    state: Mapped[str] = mapped_column(Choice(*STEP_STATES, name="state"), default="waiting")
    output: Mapped[str] = mapped_column(sa.String(500), default="")
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    operation: Mapped[Operation] = relationship(back_populates="steps")


class Rollout(db.Model):
    """Many hospitals brought to the newest revision in one run; its operations are the batch of its reference.

    running ⇄ paused, by somebody, a failure, or the end of who carried it out;  running → finished;
    running | paused → cancelled.  `position` is how many of `hospitals` were asked for since the run began or went on.
    """

    __tablename__ = "control_rollout"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(sa.String(36), unique=True, default=new_uuid)
    state: Mapped[str] = mapped_column(Choice(*ROLLOUT_STATES, name="state"), default="running")
    active_key: Mapped[int | None] = mapped_column(unique=True)
    revision: Mapped[str] = mapped_column(sa.String(32))
    hospitals: Mapped[list[int]] = mapped_column(sa.JSON)
    position: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    canary: Mapped[int] = mapped_column(default=0)
    stop_after: Mapped[int | None]
    forgiven: Mapped[int] = mapped_column(default=0)
    by_workers: Mapped[bool] = mapped_column(default=False)
    lease_until: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(sa.String(300), default="")
    requested_by: Mapped[int | None] = mapped_column(sa.ForeignKey("control_user.id"))
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]

    requester: Mapped[User | None] = relationship(viewonly=True)


class Backup(db.Model):
    """A copy of a hospital's database as it was at one moment; there is no row before the copy was verified.

    verified ⇄ damaged, as each test of it finds;  either → removed, when its time is over
    """

    __tablename__ = "control_backup"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(sa.String(8), unique=True)
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("control_tenant.id"), index=True)
    filename: Mapped[str] = mapped_column(sa.String(60))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    counts: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    documents: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    revision: Mapped[str | None] = mapped_column(sa.String(32))
    generation: Mapped[str] = mapped_column(sa.String(32))
    reason: Mapped[str] = mapped_column(sa.String(40))
    state: Mapped[str] = mapped_column(Choice(*BACKUP_STATES, name="state"), default="verified")
    finding: Mapped[str] = mapped_column(sa.String(300), default="")
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("control_user.id"))
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)
    verified_at: Mapped[datetime]
    tested_at: Mapped[datetime | None]
    kept_until: Mapped[datetime] = mapped_column(index=True)

    tenant: Mapped[Tenant] = relationship()


class Folder(db.Model):
    """A folder that all machines share: what is written in the mark that one of them left in it."""

    __tablename__ = "control_folder"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    mark: Mapped[str] = mapped_column(sa.String(36))
    machine: Mapped[str] = mapped_column(sa.String(100))
    left_at: Mapped[datetime]


class AuditEntry(db.Model):
    """What somebody did on the platform, kept for ever and never changed."""

    __tablename__ = "control_audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("control_user.id"), index=True)
    actor: Mapped[str] = mapped_column(sa.String(150), default="")
    tenant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("control_tenant.id"), index=True)
    action: Mapped[str] = mapped_column(sa.String(60))
    outcome: Mapped[str] = mapped_column(Choice("done", "refused", name="outcome"), default="done")
    details: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    ip: Mapped[str] = mapped_column(sa.String(45), default="")
    request_id: Mapped[str] = mapped_column(sa.String(36), default="")
