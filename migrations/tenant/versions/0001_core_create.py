"""Core: users, roles, identity, profile, sequences, audit."""

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
    with op.batch_alter_table("auth_user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_user_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_auth_user_updated_by"), ["updated_by"], unique=False)

    op.create_table(
        "contenttypes_contenttype",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_label", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contenttypes_contenttype")),
        sa.UniqueConstraint("app_label", "model", name=op.f("uq_contenttypes_contenttype_app_label_model")),
    )
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
        sa.Column(
            "period",
            portal.types.Choice(
                "none", "day", "year", name="period", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
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
    with op.batch_alter_table("auth_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_group_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_auth_group_updated_by"), ["updated_by"], unique=False)

    op.create_table(
        "auth_user_user_permissions",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"],
            ["auth_permission.id"],
            name=op.f("fk_auth_user_user_permissions_permission_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_auth_user_user_permissions_user_id")),
        sa.PrimaryKeyConstraint("user_id", "permission_id", name=op.f("pk_auth_user_user_permissions")),
    )
    with op.batch_alter_table("auth_user_user_permissions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_auth_user_user_permissions_permission_id"), ["permission_id"], unique=False
        )

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
                native_enum=False,
                create_constraint=True,
                length=24,
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
    with op.batch_alter_table("core_auditlog", schema=None) as batch_op:
        batch_op.create_index("ix_core_auditlog_actor_at", ["actor_id", "at"], unique=False)
        batch_op.create_index("ix_core_auditlog_record", ["content_type", "object_id", "at"], unique=False)

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
    with op.batch_alter_table("core_hospitalprofile", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_hospitalprofile_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_hospitalprofile_updated_by"), ["updated_by"], unique=False)

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
    with op.batch_alter_table("core_idempotencykey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_idempotencykey_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_idempotencykey_user_id"), ["user_id"], unique=False)

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
    with op.batch_alter_table("auth_group_permissions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_group_permissions_permission_id"), ["permission_id"], unique=False)

    op.create_table(
        "auth_user_groups",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["auth_group.id"], name=op.f("fk_auth_user_groups_group_id")),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_auth_user_groups_user_id")),
        sa.PrimaryKeyConstraint("user_id", "group_id", name=op.f("pk_auth_user_groups")),
    )
    with op.batch_alter_table("auth_user_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_user_groups_group_id"), ["group_id"], unique=False)


def downgrade():
    with op.batch_alter_table("auth_user_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_user_groups_group_id"))

    op.drop_table("auth_user_groups")
    with op.batch_alter_table("auth_group_permissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_group_permissions_permission_id"))

    op.drop_table("auth_group_permissions")
    with op.batch_alter_table("core_idempotencykey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_idempotencykey_user_id"))
        batch_op.drop_index(batch_op.f("ix_core_idempotencykey_created_at"))

    op.drop_table("core_idempotencykey")
    with op.batch_alter_table("core_hospitalprofile", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_hospitalprofile_updated_by"))
        batch_op.drop_index(batch_op.f("ix_core_hospitalprofile_created_by"))

    op.drop_table("core_hospitalprofile")
    with op.batch_alter_table("core_auditlog", schema=None) as batch_op:
        batch_op.drop_index("ix_core_auditlog_record")
        batch_op.drop_index("ix_core_auditlog_actor_at")

    op.drop_table("core_auditlog")
    with op.batch_alter_table("auth_user_user_permissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_user_user_permissions_permission_id"))

    op.drop_table("auth_user_user_permissions")
    with op.batch_alter_table("auth_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_group_updated_by"))
        batch_op.drop_index(batch_op.f("ix_auth_group_created_by"))

    op.drop_table("auth_group")
    op.drop_table("core_sequence")
    op.drop_table("core_identity")
    op.drop_table("contenttypes_contenttype")
    with op.batch_alter_table("auth_user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_user_updated_by"))
        batch_op.drop_index(batch_op.f("ix_auth_user_created_by"))

    op.drop_table("auth_user")
    op.drop_table("auth_permission")
