"""Staff: departments and the employee register."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "staff_department",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            portal.types.Choice(
                "clinical",
                "diagnostic",
                "support",
                "admin",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("floor", sa.String(length=20), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_staff_department_created_by")),
        sa.ForeignKeyConstraint(["parent_id"], ["staff_department.id"], name=op.f("fk_staff_department_parent_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_staff_department_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_department")),
        sa.UniqueConstraint("code", name=op.f("uq_staff_department_code")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_department_name")),
    )
    with op.batch_alter_table("staff_department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_department_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_department_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_department_updated_by"), ["updated_by"], unique=False)

    op.create_table(
        "staff_staff",
        sa.Column("employee_no", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("name_search", sa.String(length=300), nullable=False),
        sa.Column(
            "sex",
            portal.types.Choice(
                "male",
                "female",
                "other",
                "unknown",
                name="sex",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("national_id", sa.String(length=40), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("designation", sa.String(length=120), nullable=False),
        sa.Column(
            "role_kind",
            portal.types.Choice(
                "doctor",
                "nurse",
                "admin",
                "receptionist",
                "lab",
                "radiology",
                "pharmacy",
                "cashier",
                "hr",
                "support",
                name="role_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "employment",
            portal.types.Choice(
                "full_time",
                "part_time",
                "contract",
                "visiting",
                name="employment",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("emergency_name", sa.String(length=160), nullable=True),
        sa.Column("emergency_phone", sa.String(length=40), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice(
                "active",
                "on_leave",
                "suspended",
                "left",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_staff_staff_created_by")),
        sa.ForeignKeyConstraint(["department_id"], ["staff_department.id"], name=op.f("fk_staff_staff_department_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_staff_staff_updated_by")),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_staff_staff_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_staff")),
        sa.UniqueConstraint("employee_no", name=op.f("uq_staff_staff_employee_no")),
        sa.UniqueConstraint("national_id", name=op.f("uq_staff_staff_national_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_staff_staff_user_id")),
    )
    with op.batch_alter_table("staff_staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_staff_created_by"), ["created_by"], unique=False)
        batch_op.create_index("ix_staff_staff_department_status", ["department_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_staff_name_search"), ["name_search"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_staff_updated_by"), ["updated_by"], unique=False)


def downgrade():
    with op.batch_alter_table("staff_staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_staff_updated_by"))
        batch_op.drop_index(batch_op.f("ix_staff_staff_name_search"))
        batch_op.drop_index("ix_staff_staff_department_status")
        batch_op.drop_index(batch_op.f("ix_staff_staff_created_by"))

    op.drop_table("staff_staff")
    with op.batch_alter_table("staff_department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_department_updated_by"))
        batch_op.drop_index(batch_op.f("ix_staff_department_parent_id"))
        batch_op.drop_index(batch_op.f("ix_staff_department_created_by"))

    op.drop_table("staff_department")
