"""Staff: the one register of everybody who works here, and their departments."""

import sqlalchemy as sa
from alembic import op

import portal.types
from portal.migrations import add_late_foreign_keys

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LATE = (("fk_staff_department_head_id", "staff_department", "staff_staff", ["head_id"], ["id"]),)


def upgrade():
    op.create_table(
        "staff_department",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind", portal.types.Choice("clinical", "diagnostic", "support", "admin", name="kind"), nullable=False
        ),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("head_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
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
        sa.ForeignKeyConstraint(["head_id"], ["staff_staff.id"], name="fk_staff_department_head_id", use_alter=True),
        sa.ForeignKeyConstraint(["parent_id"], ["staff_department.id"], name=op.f("fk_staff_department_parent_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_staff_department_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_department")),
        sa.UniqueConstraint("code", name=op.f("uq_staff_department_code")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_department_name")),
        sa.UniqueConstraint("uuid", name=op.f("uq_staff_department_uuid")),
    )
    op.create_index(op.f("ix_staff_department_head_id"), "staff_department", ["head_id"], unique=False)
    op.create_index(op.f("ix_staff_department_parent_id"), "staff_department", ["parent_id"], unique=False)
    op.create_table(
        "staff_staff",
        sa.Column("employee_no", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("name_search", sa.String(length=300), nullable=False),
        sa.Column("sex", portal.types.Choice("male", "female", "other", "unknown", name="sex"), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("national_id", sa.String(length=40), nullable=True),
        sa.Column("active_national_id", sa.String(length=40), nullable=True),
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
            ),
            nullable=False,
        ),
        sa.Column(
            "employment",
            portal.types.Choice("full_time", "part_time", "contract", "visiting", name="employment"),
            nullable=False,
        ),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("emergency_name", sa.String(length=160), nullable=True),
        sa.Column("emergency_phone", sa.String(length=40), nullable=True),
        sa.Column(
            "status", portal.types.Choice("active", "on_leave", "suspended", "left", name="status"), nullable=False
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
        sa.UniqueConstraint("active_national_id", name=op.f("uq_staff_staff_active_national_id")),
        sa.UniqueConstraint("employee_no", name=op.f("uq_staff_staff_employee_no")),
        sa.UniqueConstraint("user_id", name=op.f("uq_staff_staff_user_id")),
    )
    op.create_index("ix_staff_staff_department_status", "staff_staff", ["department_id", "status"], unique=False)
    op.create_index(op.f("ix_staff_staff_name_search"), "staff_staff", ["name_search"], unique=False)
    op.create_index(op.f("ix_staff_staff_national_id"), "staff_staff", ["national_id"], unique=False)
    op.create_table(
        "staff_credential",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind", portal.types.Choice("license", "certificate", "training", "contract", name="kind"), nullable=False
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("reminded_days", sa.Integer(), nullable=True),
        sa.Column("attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["core_attachment.id"], name=op.f("fk_staff_credential_attachment_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_staff_credential_created_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_staff_credential_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_staff_credential_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_credential")),
    )
    op.create_index(op.f("ix_staff_credential_attachment_id"), "staff_credential", ["attachment_id"], unique=False)
    op.create_index(op.f("ix_staff_credential_expires_on"), "staff_credential", ["expires_on"], unique=False)
    op.create_index(op.f("ix_staff_credential_staff_id"), "staff_credential", ["staff_id"], unique=False)

    add_late_foreign_keys(LATE)


def downgrade():
    op.drop_index(op.f("ix_staff_credential_staff_id"), table_name="staff_credential")
    op.drop_index(op.f("ix_staff_credential_expires_on"), table_name="staff_credential")
    op.drop_index(op.f("ix_staff_credential_attachment_id"), table_name="staff_credential")
    op.drop_table("staff_credential")
    op.drop_index(op.f("ix_staff_staff_national_id"), table_name="staff_staff")
    op.drop_index(op.f("ix_staff_staff_name_search"), table_name="staff_staff")
    op.drop_index("ix_staff_staff_department_status", table_name="staff_staff")
    op.drop_table("staff_staff")
    op.drop_index(op.f("ix_staff_department_parent_id"), table_name="staff_department")
    op.drop_index(op.f("ix_staff_department_head_id"), table_name="staff_department")
    op.drop_table("staff_department")
