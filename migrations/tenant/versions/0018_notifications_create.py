"""Notifications: who is told what, here, by e-mail or by text message."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "notifications_preference",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("channel", portal.types.Choice("in_app", "email", "sms", name="channel"), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_notifications_preference_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_notifications_preference_updated_by")),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_notifications_preference_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications_preference")),
        sa.UniqueConstraint(
            "user_id", "code", "channel", name=op.f("uq_notifications_preference_user_id_code_channel")
        ),
    )
    op.create_table(
        "notifications_rule",
        sa.Column("event_name", sa.String(length=80), nullable=False),
        sa.Column(
            "audience",
            portal.types.Choice("actor", "patient", "doctor", "department_head", "role", "user", name="audience"),
            nullable=False,
        ),
        sa.Column("role", sa.String(length=60), nullable=True),
        sa.Column("template_code", sa.String(length=60), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("delay_min", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_notifications_rule_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_notifications_rule_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications_rule")),
    )
    op.create_table(
        "notifications_template",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("channel", portal.types.Choice("in_app", "email", "sms", name="channel"), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_notifications_template_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_notifications_template_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications_template")),
        sa.UniqueConstraint("code", "channel", "locale", name=op.f("uq_notifications_template_code_channel_locale")),
    )
    op.create_table(
        "notifications_notification",
        sa.Column("recipient_key", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=True),
        sa.Column("severity", portal.types.Choice("info", "warning", "critical", name="severity"), nullable=False),
        sa.Column("read_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("acknowledged_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("expires_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["auth_user.id"], name=op.f("fk_notifications_notification_created_by")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["core_event.id"], name=op.f("fk_notifications_notification_event_id")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name=op.f("fk_notifications_notification_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["auth_user.id"], name=op.f("fk_notifications_notification_updated_by")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_notifications_notification_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications_notification")),
        sa.UniqueConstraint(
            "event_id", "code", "recipient_key", name=op.f("uq_notifications_notification_event_id_code_recipient_key")
        ),
    )
    op.create_index(
        op.f("ix_notifications_notification_patient_id"), "notifications_notification", ["patient_id"], unique=False
    )
    op.create_index(
        "ix_notifications_notification_user_read_at", "notifications_notification", ["user_id", "read_at"], unique=False
    )
    op.create_table(
        "notifications_delivery",
        sa.Column("notification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", portal.types.Choice("in_app", "email", "sms", name="channel"), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("queued", "sent", "delivered", "failed", "suppressed", name="status"),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("sent_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_notifications_delivery_created_by")),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications_notification.id"],
            name=op.f("fk_notifications_delivery_notification_id"),
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_notifications_delivery_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications_delivery")),
        sa.UniqueConstraint(
            "notification_id", "channel", name=op.f("uq_notifications_delivery_notification_id_channel")
        ),
    )


def downgrade():
    op.drop_table("notifications_delivery")
    op.drop_index("ix_notifications_notification_user_read_at", table_name="notifications_notification")
    op.drop_index(op.f("ix_notifications_notification_patient_id"), table_name="notifications_notification")
    op.drop_table("notifications_notification")
    op.drop_table("notifications_template")
    op.drop_table("notifications_rule")
    op.drop_table("notifications_preference")
