"""Dashboard: the first page after signing in."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "dashboard_widget",
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_dashboard_widget_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_dashboard_widget_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dashboard_widget")),
        sa.UniqueConstraint("code", name=op.f("uq_dashboard_widget_code")),
    )
    op.create_table(
        "dashboard_layout",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("widget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_dashboard_layout_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_dashboard_layout_updated_by")),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_dashboard_layout_user_id")),
        sa.ForeignKeyConstraint(["widget_id"], ["dashboard_widget.id"], name=op.f("fk_dashboard_layout_widget_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dashboard_layout")),
        sa.UniqueConstraint("user_id", "widget_id", name=op.f("uq_dashboard_layout_user_id_widget_id")),
    )
    op.create_index(op.f("ix_dashboard_layout_widget_id"), "dashboard_layout", ["widget_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_dashboard_layout_widget_id"), table_name="dashboard_layout")
    op.drop_table("dashboard_layout")
    op.drop_table("dashboard_widget")
