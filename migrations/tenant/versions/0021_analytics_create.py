"""Analytics: how the hospital is doing, in numbers that lead to the records behind them."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "analytics_kpi",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "unit",
            portal.types.Choice("percent", "count", "money", "minutes", "days", "score", name="unit"),
            nullable=False,
        ),
        sa.Column("formula_text", sa.Text(), nullable=False),
        sa.Column("direction", portal.types.Choice("up", "down", name="direction"), nullable=False),
        sa.Column("target", portal.types.Fixed(4), nullable=True),
        sa.Column("warn", portal.types.Fixed(4), nullable=True),
        sa.Column("alarm", portal.types.Fixed(4), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_analytics_kpi_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_analytics_kpi_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analytics_kpi")),
        sa.UniqueConstraint("code", name=op.f("uq_analytics_kpi_code")),
    )
    op.create_table(
        "analytics_report",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("module", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_analytics_report_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_analytics_report_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analytics_report")),
        sa.UniqueConstraint("code", name=op.f("uq_analytics_report_code")),
    )
    op.create_table(
        "analytics_reportrun",
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("requested_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", portal.types.Choice("queued", "running", "done", "failed", name="status"), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=True),
        sa.Column("file_key", sa.String(length=120), nullable=True),
        sa.Column("finished_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_analytics_reportrun_created_by")),
        sa.ForeignKeyConstraint(["report_id"], ["analytics_report.id"], name=op.f("fk_analytics_reportrun_report_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["auth_user.id"], name=op.f("fk_analytics_reportrun_requested_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_analytics_reportrun_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analytics_reportrun")),
    )
    op.create_index(op.f("ix_analytics_reportrun_report_id"), "analytics_reportrun", ["report_id"], unique=False)
    op.create_index(op.f("ix_analytics_reportrun_requested_by"), "analytics_reportrun", ["requested_by"], unique=False)
    op.create_table(
        "analytics_schedule",
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cron_text", sa.String(length=60), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_analytics_schedule_created_by")),
        sa.ForeignKeyConstraint(["report_id"], ["analytics_report.id"], name=op.f("fk_analytics_schedule_report_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_analytics_schedule_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analytics_schedule")),
    )
    op.create_index(op.f("ix_analytics_schedule_report_id"), "analytics_schedule", ["report_id"], unique=False)
    op.create_table(
        "analytics_snapshot",
        sa.Column("kpi_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period_kind", portal.types.Choice("day", "week", "month", name="period_kind"), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column(
            "dimension",
            portal.types.Choice("none", "department", "ward", "doctor", "service", "theatre", name="dimension"),
            nullable=False,
        ),
        sa.Column("dimension_id", sa.BigInteger(), nullable=False),
        sa.Column("numerator", portal.types.Fixed(4), nullable=False),
        sa.Column("denominator", portal.types.Fixed(4), nullable=False),
        sa.Column("value", portal.types.Fixed(4), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_analytics_snapshot_created_by")),
        sa.ForeignKeyConstraint(["kpi_id"], ["analytics_kpi.id"], name=op.f("fk_analytics_snapshot_kpi_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_analytics_snapshot_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analytics_snapshot")),
        sa.UniqueConstraint(
            "kpi_id", "period_kind", "period_start", "dimension", "dimension_id", name="uq_analytics_snapshot_period"
        ),
    )


def downgrade():
    op.drop_table("analytics_snapshot")
    op.drop_index(op.f("ix_analytics_schedule_report_id"), table_name="analytics_schedule")
    op.drop_table("analytics_schedule")
    op.drop_index(op.f("ix_analytics_reportrun_requested_by"), table_name="analytics_reportrun")
    op.drop_index(op.f("ix_analytics_reportrun_report_id"), table_name="analytics_reportrun")
    op.drop_table("analytics_reportrun")
    op.drop_table("analytics_report")
    op.drop_table("analytics_kpi")
