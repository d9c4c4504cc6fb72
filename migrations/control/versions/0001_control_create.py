"""The control plane: plans, people, hospitals, operations, backups and the audit."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "control_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("modules", sa.JSON(), nullable=False),
        sa.Column("staff_limit", sa.Integer(), nullable=True),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_plan")),
        sa.UniqueConstraint("name", name=op.f("uq_control_plan_name")),
    )
    op.create_table(
        "control_folder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.String(length=36), nullable=False),
        sa.Column("machine", sa.String(length=100), nullable=False),
        sa.Column("left_at", portal.types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_folder")),
        sa.UniqueConstraint("name", name=op.f("uq_control_folder_name")),
    )
    op.create_table(
        "control_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column(
            "role",
            portal.types.Choice(
                "superuser",
                "platform_admin",
                "hospital_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("invitation_hash", sa.String(length=64), nullable=True),
        sa.Column("invitation_expires_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("last_login_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_user")),
        sa.UniqueConstraint("email", name=op.f("uq_control_user_email")),
        sa.UniqueConstraint("invitation_hash", name=op.f("uq_control_user_invitation_hash")),
        sa.UniqueConstraint("username", name=op.f("uq_control_user_username")),
        sa.UniqueConstraint("uuid", name=op.f("uq_control_user_uuid")),
    )
    op.create_table(
        "control_tenant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("subdomain", sa.String(length=54), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("modules", sa.JSON(), nullable=False),
        sa.Column("server", sa.String(length=40), nullable=False),
        sa.Column(
            "mode",
            portal.types.Choice(
                "active",
                "read_only",
                "maintenance",
                "suspended",
                "deleted",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "mode_before",
            portal.types.Choice(
                "active", "read_only", name="mode_before", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("mode_since", portal.types.UTCDateTime(), nullable=True),
        sa.Column("mode_reason", sa.String(length=300), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("moved_by", sa.Integer(), nullable=True),
        sa.Column("is_neutralised", sa.Boolean(), nullable=False),
        sa.Column("copy_of", sa.String(length=120), nullable=False),
        sa.Column("kept_until", portal.types.UTCDateTime(), nullable=True),
        sa.Column("sessions_ended", sa.Integer(), nullable=False),
        sa.Column("generation", sa.String(length=32), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice(
                "ready",
                "incomplete",
                "missing",
                "unknown",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("tables", sa.Integer(), nullable=True),
        sa.Column("expected_tables", sa.Integer(), nullable=True),
        sa.Column("modules_ready", sa.Integer(), nullable=True),
        sa.Column("modules_expected", sa.Integer(), nullable=True),
        sa.Column("revision", sa.String(length=32), nullable=True),
        sa.Column("serves_from", sa.String(length=32), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("checked_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("outbox_due_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("form_token", sa.String(length=36), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name=op.f("ck_control_tenant_ends_after_start")),
        sa.ForeignKeyConstraint(["plan_id"], ["control_plan.id"], name=op.f("fk_control_tenant_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_tenant")),
        sa.UniqueConstraint("form_token", name=op.f("uq_control_tenant_form_token")),
        sa.UniqueConstraint("subdomain", name=op.f("uq_control_tenant_subdomain")),
        sa.UniqueConstraint("uuid", name=op.f("uq_control_tenant_uuid")),
    )
    with op.batch_alter_table("control_tenant", schema=None) as batch_op:
        batch_op.create_index("ix_control_tenant_counts", ["mode", "status", "revision"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_tenant_ends_on"), ["ends_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_tenant_moved_by"), ["moved_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_tenant_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_tenant_outbox_due_at"), ["outbox_due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_tenant_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_tenant_status"), ["status"], unique=False)

    op.create_table(
        "control_audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=150), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column(
            "outcome",
            portal.types.Choice(
                "done", "refused", name="outcome", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["control_user.id"], name=op.f("fk_control_audit_entry_actor_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["control_tenant.id"], name=op.f("fk_control_audit_entry_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_audit_entry")),
    )
    with op.batch_alter_table("control_audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_control_audit_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_audit_entry_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "control_backup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=60), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("revision", sa.String(length=32), nullable=True),
        sa.Column("generation", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            portal.types.Choice(
                "verified", "damaged", "removed", name="state", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("finding", sa.String(length=300), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("verified_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("tested_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("kept_until", portal.types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["control_user.id"], name=op.f("fk_control_backup_made_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["control_tenant.id"], name=op.f("fk_control_backup_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_backup")),
        sa.UniqueConstraint("reference", name=op.f("uq_control_backup_reference")),
    )
    with op.batch_alter_table("control_backup", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_control_backup_kept_until"), ["kept_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_backup_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_backup_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "control_operation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=36), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            portal.types.Choice(
                "create",
                "verify",
                "backup",
                "restore",
                "recreate",
                "rename",
                "clone",
                "delete",
                "migrate",
                "move",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            portal.types.Choice(
                "queued",
                "running",
                "succeeded",
                "failed",
                "interrupted",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("active_key", sa.Integer(), nullable=True),
        sa.Column("needs", sa.String(length=32), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=100), nullable=True),
        sa.Column("build", sa.String(length=64), nullable=True),
        sa.Column("backup_id", sa.Integer(), nullable=True),
        sa.Column("lease_until", portal.types.UTCDateTime(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("batch", sa.String(length=36), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("queued_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("started_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("finished_at", portal.types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["backup_id"], ["control_backup.id"], name=op.f("fk_control_operation_backup_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["control_user.id"], name=op.f("fk_control_operation_requested_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["control_tenant.id"], name=op.f("fk_control_operation_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_operation")),
        sa.UniqueConstraint("active_key", name=op.f("uq_control_operation_active_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_control_operation_reference")),
    )
    with op.batch_alter_table("control_operation", schema=None) as batch_op:
        batch_op.create_index("ix_control_operation_batch", ["batch", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_operation_finished_at"), ["finished_at"], unique=False)
        batch_op.create_index("ix_control_operation_state", ["state", "lease_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_control_operation_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "control_rollout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=36), nullable=False),
        sa.Column(
            "state",
            portal.types.Choice(
                "running",
                "paused",
                "cancelled",
                "finished",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("active_key", sa.Integer(), nullable=True),
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.Column("hospitals", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("canary", sa.Integer(), nullable=False),
        sa.Column("stop_after", sa.Integer(), nullable=True),
        sa.Column("forgiven", sa.Integer(), nullable=False),
        sa.Column("by_workers", sa.Boolean(), nullable=False),
        sa.Column("lease_until", portal.types.UTCDateTime(), nullable=True),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("started_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("finished_at", portal.types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["requested_by"], ["control_user.id"], name=op.f("fk_control_rollout_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_rollout")),
        sa.UniqueConstraint("active_key", name=op.f("uq_control_rollout_active_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_control_rollout_reference")),
    )
    op.create_table(
        "control_tenant_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["control_tenant.id"], name=op.f("fk_control_tenant_access_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["control_user.id"], name=op.f("fk_control_tenant_access_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_tenant_access")),
        sa.UniqueConstraint("user_id", "tenant_id", name=op.f("uq_control_tenant_access_user_id_tenant_id")),
    )
    with op.batch_alter_table("control_tenant_access", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_control_tenant_access_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "control_operation_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            portal.types.Choice(
                "waiting",
                "running",
                "done",
                "failed",
                "skipped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("output", sa.String(length=500), nullable=False),
        sa.Column("started_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("finished_at", portal.types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["control_operation.id"], name=op.f("fk_control_operation_step_operation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_operation_step")),
        sa.UniqueConstraint(
            "operation_id", "step", "module", name=op.f("uq_control_operation_step_operation_id_step_module")
        ),
    )
    with op.batch_alter_table("control_operation_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_control_operation_step_operation_id"), ["operation_id"], unique=False)


def downgrade():
    with op.batch_alter_table("control_operation_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_control_operation_step_operation_id"))

    op.drop_table("control_operation_step")
    with op.batch_alter_table("control_tenant_access", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_control_tenant_access_tenant_id"))

    op.drop_table("control_tenant_access")
    with op.batch_alter_table("control_operation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_control_operation_tenant_id"))
        batch_op.drop_index("ix_control_operation_state")

    op.drop_table("control_operation")
    with op.batch_alter_table("control_audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_control_audit_entry_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_control_audit_entry_actor_id"))

    op.drop_table("control_audit_entry")
    with op.batch_alter_table("control_tenant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_control_tenant_status"))
        batch_op.drop_index(batch_op.f("ix_control_tenant_plan_id"))
        batch_op.drop_index(batch_op.f("ix_control_tenant_name"))
        batch_op.drop_index(batch_op.f("ix_control_tenant_ends_on"))

    op.drop_table("control_tenant")
    op.drop_table("control_rollout")
    op.drop_table("control_user")
    op.drop_table("control_folder")
    op.drop_table("control_plan")
