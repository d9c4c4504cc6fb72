"""Core: who may enter, how the hospital presents itself, and what was done."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "auth_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column("codename", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_permission")),
        sa.UniqueConstraint("module", "codename", name=op.f("uq_auth_permission_module_codename")),
    )
    op.create_table(
        "auth_user",
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", portal.types.UTCDateTime(), nullable=True),
        sa.Column("last_login_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("totp_secret", sa.String(length=200), nullable=True),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("platform_user_uuid", sa.String(length=36), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_auth_user_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_auth_user_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_user")),
        sa.UniqueConstraint("email", name=op.f("uq_auth_user_email")),
        sa.UniqueConstraint("platform_user_uuid", name=op.f("uq_auth_user_platform_user_uuid")),
        sa.UniqueConstraint("username", name=op.f("uq_auth_user_username")),
    )
    op.create_table(
        "contenttypes_contenttype",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_label", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contenttypes_contenttype")),
        sa.UniqueConstraint("app_label", "model", name=op.f("uq_contenttypes_contenttype_app_label_model")),
    )
    op.create_table(
        "core_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("occurred_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("next_try_at", portal.types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_event")),
    )
    op.create_index(op.f("ix_core_event_name"), "core_event", ["name"], unique=False)
    op.create_index(op.f("ix_core_event_next_try_at"), "core_event", ["next_try_at"], unique=False)
    op.create_index(op.f("ix_core_event_occurred_at"), "core_event", ["occurred_at"], unique=False)
    op.create_table(
        "core_identity",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tenant_uuid", sa.String(length=36), nullable=False),
        sa.Column("generation", sa.String(length=32), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_core_identity_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_identity")),
    )
    op.create_table(
        "core_sequence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("period", portal.types.Choice("none", "day", "year", name="period"), nullable=False),
        sa.Column("period_key", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_sequence")),
        sa.UniqueConstraint("name", name=op.f("uq_core_sequence_name")),
    )
    op.create_table(
        "auth_group",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_auth_group_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_auth_group_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_group")),
        sa.UniqueConstraint("name", name=op.f("uq_auth_group_name")),
    )
    op.create_table(
        "auth_user_user_permissions",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"], ["auth_permission.id"], name=op.f("fk_auth_user_user_permissions_permission_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_auth_user_user_permissions_user_id")),
        sa.PrimaryKeyConstraint("user_id", "permission_id", name=op.f("pk_auth_user_user_permissions")),
    )
    op.create_index(
        op.f("ix_auth_user_user_permissions_permission_id"),
        "auth_user_user_permissions",
        ["permission_id"],
        unique=False,
    )
    op.create_table(
        "core_attachment",
        sa.Column("content_type", sa.String(length=60), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("file_key", sa.String(length=120), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_core_attachment_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_core_attachment_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_attachment")),
        sa.UniqueConstraint("file_key", name=op.f("uq_core_attachment_file_key")),
    )
    op.create_index("ix_core_attachment_record", "core_attachment", ["content_type", "object_id"], unique=False)
    op.create_table(
        "core_auditlog",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column(
            "action",
            portal.types.Choice(
                "create",
                "update",
                "delete",
                "transition",
                "void",
                "view_sensitive",
                "break_glass",
                "login",
                "login_failed",
                "logout",
                "export",
                "print",
                "permission",
                name="action",
            ),
            nullable=False,
        ),
        sa.Column("content_type", sa.String(length=60), nullable=True),
        sa.Column("object_id", sa.BigInteger(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["auth_user.id"], name=op.f("fk_core_auditlog_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_auditlog")),
    )
    op.create_index("ix_core_auditlog_actor_at", "core_auditlog", ["actor_id", "at"], unique=False)
    op.create_index("ix_core_auditlog_record", "core_auditlog", ["content_type", "object_id", "at"], unique=False)
    op.create_table(
        "core_eventdelivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handler", sa.String(length=120), nullable=False),
        sa.Column("done_at", portal.types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["core_event.id"], name=op.f("fk_core_eventdelivery_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_eventdelivery")),
        sa.UniqueConstraint("event_id", "handler", name=op.f("uq_core_eventdelivery_event_id_handler")),
    )
    op.create_table(
        "core_hospitalprofile",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("legal_name", sa.String(length=160), nullable=False),
        sa.Column("logo_key", sa.String(length=200), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("mrn_prefix", sa.String(length=6), nullable=False),
        sa.Column("default_tax_rate", portal.types.Fixed(2), nullable=False),
        sa.Column("followup_days", sa.Integer(), nullable=False),
        sa.Column("followup_visits", sa.Integer(), nullable=False),
        sa.Column("noshow_grace_min", sa.Integer(), nullable=False),
        sa.Column("pay_first", sa.Boolean(), nullable=False),
        sa.Column("discharge_needs_zero_balance", sa.Boolean(), nullable=False),
        sa.Column("triage_targets", sa.JSON(), nullable=False),
        sa.Column("house_numbers", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_core_hospitalprofile_single_row")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_core_hospitalprofile_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_core_hospitalprofile_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_hospitalprofile")),
    )
    op.create_table(
        "core_idempotencykey",
        sa.Column("token", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("route", sa.String(length=120), nullable=False),
        sa.Column("result_type", sa.String(length=60), nullable=False),
        sa.Column("result_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_core_idempotencykey_user_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_core_idempotencykey")),
    )
    op.create_index(op.f("ix_core_idempotencykey_created_at"), "core_idempotencykey", ["created_at"], unique=False)
    op.create_index(op.f("ix_core_idempotencykey_user_id"), "core_idempotencykey", ["user_id"], unique=False)
    op.create_table(
        "core_resourcelock",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "resource_kind",
            portal.types.Choice("doctor", "patient", "room", "modality", "staff", name="kind"),
            nullable=False,
        ),
        sa.Column("resource_id", sa.BigInteger(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("bucket_start", portal.types.UTCDateTime(), nullable=False),
        sa.Column("holder_type_id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_type_id"], ["contenttypes_contenttype.id"], name=op.f("fk_core_resourcelock_holder_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_resourcelock")),
        sa.UniqueConstraint("resource_kind", "resource_id", "seat", "bucket_start", name="uq_core_resourcelock_bucket"),
    )
    op.create_index("ix_core_resourcelock_holder", "core_resourcelock", ["holder_type_id", "holder_id"], unique=False)
    op.create_table(
        "core_statuslog",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_type", sa.String(length=60), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("from_status", sa.String(length=24), nullable=True),
        sa.Column("to_status", sa.String(length=24), nullable=False),
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["auth_user.id"], name=op.f("fk_core_statuslog_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_statuslog")),
    )
    op.create_index(op.f("ix_core_statuslog_actor_id"), "core_statuslog", ["actor_id"], unique=False)
    op.create_index("ix_core_statuslog_record", "core_statuslog", ["content_type", "object_id", "at"], unique=False)
    op.create_table(
        "auth_group_permissions",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["auth_group.id"], name=op.f("fk_auth_group_permissions_group_id")),
        sa.ForeignKeyConstraint(
            ["permission_id"], ["auth_permission.id"], name=op.f("fk_auth_group_permissions_permission_id")
        ),
        sa.PrimaryKeyConstraint("group_id", "permission_id", name=op.f("pk_auth_group_permissions")),
    )
    op.create_index(
        op.f("ix_auth_group_permissions_permission_id"), "auth_group_permissions", ["permission_id"], unique=False
    )
    op.create_table(
        "auth_user_groups",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["auth_group.id"], name=op.f("fk_auth_user_groups_group_id")),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_auth_user_groups_user_id")),
        sa.PrimaryKeyConstraint("user_id", "group_id", name=op.f("pk_auth_user_groups")),
    )
    op.create_index(op.f("ix_auth_user_groups_group_id"), "auth_user_groups", ["group_id"], unique=False)
    refuse_changes("core_auditlog")


def refuse_changes(table):
    """Let rows be added to the table and never changed or removed, whoever holds the database (CORE-4)."""
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table}: rows are only ever added'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table}: rows are only ever added'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def downgrade():
    op.drop_index(op.f("ix_auth_user_groups_group_id"), table_name="auth_user_groups")
    op.drop_table("auth_user_groups")
    op.drop_index(op.f("ix_auth_group_permissions_permission_id"), table_name="auth_group_permissions")
    op.drop_table("auth_group_permissions")
    op.drop_index("ix_core_statuslog_record", table_name="core_statuslog")
    op.drop_index(op.f("ix_core_statuslog_actor_id"), table_name="core_statuslog")
    op.drop_table("core_statuslog")
    op.drop_index("ix_core_resourcelock_holder", table_name="core_resourcelock")
    op.drop_table("core_resourcelock")
    op.drop_index(op.f("ix_core_idempotencykey_user_id"), table_name="core_idempotencykey")
    op.drop_index(op.f("ix_core_idempotencykey_created_at"), table_name="core_idempotencykey")
    op.drop_table("core_idempotencykey")
    op.drop_table("core_hospitalprofile")
    op.drop_table("core_eventdelivery")
    op.drop_index("ix_core_auditlog_record", table_name="core_auditlog")
    op.drop_index("ix_core_auditlog_actor_at", table_name="core_auditlog")
    op.drop_table("core_auditlog")
    if op.get_context().dialect.name != "sqlite":
        op.execute("DROP FUNCTION core_auditlog_refuse()")
    op.drop_index("ix_core_attachment_record", table_name="core_attachment")
    op.drop_table("core_attachment")
    op.drop_index(op.f("ix_auth_user_user_permissions_permission_id"), table_name="auth_user_user_permissions")
    op.drop_table("auth_user_user_permissions")
    op.drop_table("auth_group")
    op.drop_table("core_sequence")
    op.drop_table("core_identity")
    op.drop_index(op.f("ix_core_event_occurred_at"), table_name="core_event")
    op.drop_index(op.f("ix_core_event_next_try_at"), table_name="core_event")
    op.drop_index(op.f("ix_core_event_name"), table_name="core_event")
    op.drop_table("core_event")
    op.drop_table("contenttypes_contenttype")
    op.drop_table("auth_user")
    op.drop_table("auth_permission")
