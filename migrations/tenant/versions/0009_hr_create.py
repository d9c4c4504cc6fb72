"""Human resources: who works when, who is away, and what they are paid."""

import sqlalchemy as sa
from alembic import op

import portal.types
from portal.migrations import add_late_foreign_keys

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LATE = (
    ("fk_nurses_assignment_shift_id", "nurses_assignment", "hr_shift", ["shift_id"], ["id"]),
    ("fk_nurses_handover_shift_id", "nurses_handover", "hr_shift", ["shift_id"], ["id"]),
)


def upgrade():
    op.create_table(
        "hr_holiday",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_holiday_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_holiday_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_holiday")),
        sa.UniqueConstraint("date", name=op.f("uq_hr_holiday_date")),
    )
    op.create_table(
        "hr_leavetype",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("annual_days", portal.types.Fixed(1), nullable=False),
        sa.Column("is_paid", sa.Boolean(), nullable=False),
        sa.Column("needs_document", sa.Boolean(), nullable=False),
        sa.Column("max_run_days", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_leavetype_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_leavetype_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_leavetype")),
        sa.UniqueConstraint("code", name=op.f("uq_hr_leavetype_code")),
    )
    op.create_table(
        "hr_payrollrun",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column(
            "status", portal.types.Choice("draft", "reviewed", "approved", "paid", name="status"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_payrollrun_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_payrollrun_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_payrollrun")),
        sa.UniqueConstraint("period", name=op.f("uq_hr_payrollrun_period")),
    )
    op.create_table(
        "hr_shift",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.Column("crosses_midnight", sa.Boolean(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_shift_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_shift_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_shift")),
        sa.UniqueConstraint("code", name=op.f("uq_hr_shift_code")),
    )
    op.create_table(
        "hr_attendance",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("work_date", sa.Date(), nullable=False),
        sa.Column("clock_in", portal.types.UTCDateTime(), nullable=True),
        sa.Column("clock_out", portal.types.UTCDateTime(), nullable=True),
        sa.Column("source", portal.types.Choice("web", "terminal", "manual", name="source"), nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=False),
        sa.Column("worked_minutes", sa.Integer(), nullable=False),
        sa.Column(
            "status", portal.types.Choice("present", "late", "absent", "leave", "off", name="status"), nullable=False
        ),
        sa.Column("correction_reason", sa.String(length=200), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_attendance_created_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_hr_attendance_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_attendance_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_attendance")),
        sa.UniqueConstraint("staff_id", "work_date", name=op.f("uq_hr_attendance_staff_id_work_date")),
    )
    op.create_table(
        "hr_contract",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("base_salary", portal.types.Money(), nullable=False),
        sa.Column("weekly_hours", portal.types.Fixed(2), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_contract_created_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_hr_contract_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_contract_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_contract")),
    )
    op.create_index(op.f("ix_hr_contract_staff_id"), "hr_contract", ["staff_id"], unique=False)
    op.create_table(
        "hr_leavebalance",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leave_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("entitled", portal.types.Fixed(1), nullable=False),
        sa.Column("carried", portal.types.Fixed(1), nullable=False),
        sa.Column("used", portal.types.Fixed(1), nullable=False),
        sa.Column("pending", portal.types.Fixed(1), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("used + pending <= entitled + carried", name=op.f("ck_hr_leavebalance_within_balance")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_leavebalance_created_by")),
        sa.ForeignKeyConstraint(["leave_type_id"], ["hr_leavetype.id"], name=op.f("fk_hr_leavebalance_leave_type_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_hr_leavebalance_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_leavebalance_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_leavebalance")),
        sa.UniqueConstraint(
            "staff_id", "leave_type_id", "year", name=op.f("uq_hr_leavebalance_staff_id_leave_type_id_year")
        ),
    )
    op.create_index(op.f("ix_hr_leavebalance_leave_type_id"), "hr_leavebalance", ["leave_type_id"], unique=False)
    op.create_table(
        "hr_leaverequest",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leave_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("date_from", sa.Date(), nullable=False),
        sa.Column("date_to", sa.Date(), nullable=False),
        sa.Column("half_day", sa.Boolean(), nullable=False),
        sa.Column("days", portal.types.Fixed(1), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice("draft", "submitted", "approved", "rejected", "cancelled", name="status"),
            nullable=False,
        ),
        sa.Column("approver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approver_id"], ["auth_user.id"], name=op.f("fk_hr_leaverequest_approver_id")),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["core_attachment.id"], name=op.f("fk_hr_leaverequest_attachment_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_leaverequest_created_by")),
        sa.ForeignKeyConstraint(["leave_type_id"], ["hr_leavetype.id"], name=op.f("fk_hr_leaverequest_leave_type_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_hr_leaverequest_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_leaverequest_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_hr_leaverequest_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_leaverequest")),
    )
    op.create_index(op.f("ix_hr_leaverequest_approver_id"), "hr_leaverequest", ["approver_id"], unique=False)
    op.create_index(op.f("ix_hr_leaverequest_attachment_id"), "hr_leaverequest", ["attachment_id"], unique=False)
    op.create_index(op.f("ix_hr_leaverequest_leave_type_id"), "hr_leaverequest", ["leave_type_id"], unique=False)
    op.create_index(op.f("ix_hr_leaverequest_staff_id"), "hr_leaverequest", ["staff_id"], unique=False)
    op.create_table(
        "hr_payslip",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gross", portal.types.Money(), nullable=False),
        sa.Column("deductions", portal.types.Money(), nullable=False),
        sa.Column("net", portal.types.Money(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_payslip_created_by")),
        sa.ForeignKeyConstraint(["run_id"], ["hr_payrollrun.id"], name=op.f("fk_hr_payslip_run_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_hr_payslip_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_payslip_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_hr_payslip_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_payslip")),
        sa.UniqueConstraint("run_id", "staff_id", name=op.f("uq_hr_payslip_run_id_staff_id")),
    )
    op.create_index(op.f("ix_hr_payslip_staff_id"), "hr_payslip", ["staff_id"], unique=False)
    op.create_table(
        "hr_roster",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("work_date", sa.Date(), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ward_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("ends_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("planned", "published", "worked", "absent", "cancelled", name="status"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_roster_created_by")),
        sa.ForeignKeyConstraint(["department_id"], ["staff_department.id"], name=op.f("fk_hr_roster_department_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["hr_shift.id"], name=op.f("fk_hr_roster_shift_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_hr_roster_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_roster_updated_by")),
        sa.ForeignKeyConstraint(["ward_id"], ["rooms_ward.id"], name=op.f("fk_hr_roster_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_roster")),
    )
    op.create_index(op.f("ix_hr_roster_department_id"), "hr_roster", ["department_id"], unique=False)
    op.create_index(op.f("ix_hr_roster_shift_id"), "hr_roster", ["shift_id"], unique=False)
    op.create_index("ix_hr_roster_staff_starts_at", "hr_roster", ["staff_id", "starts_at"], unique=False)
    op.create_index("ix_hr_roster_ward_work_date", "hr_roster", ["ward_id", "work_date"], unique=False)
    op.create_table(
        "hr_shiftswap",
        sa.Column("from_roster_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_roster_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("requested", "approved", "rejected", "cancelled", name="status"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_hr_shiftswap_created_by")),
        sa.ForeignKeyConstraint(["from_roster_id"], ["hr_roster.id"], name=op.f("fk_hr_shiftswap_from_roster_id")),
        sa.ForeignKeyConstraint(["to_roster_id"], ["hr_roster.id"], name=op.f("fk_hr_shiftswap_to_roster_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_hr_shiftswap_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hr_shiftswap")),
    )
    op.create_index(op.f("ix_hr_shiftswap_from_roster_id"), "hr_shiftswap", ["from_roster_id"], unique=False)
    op.create_index(op.f("ix_hr_shiftswap_to_roster_id"), "hr_shiftswap", ["to_roster_id"], unique=False)

    add_late_foreign_keys(LATE)


def downgrade():
    op.drop_index(op.f("ix_hr_shiftswap_to_roster_id"), table_name="hr_shiftswap")
    op.drop_index(op.f("ix_hr_shiftswap_from_roster_id"), table_name="hr_shiftswap")
    op.drop_table("hr_shiftswap")
    op.drop_index("ix_hr_roster_ward_work_date", table_name="hr_roster")
    op.drop_index("ix_hr_roster_staff_starts_at", table_name="hr_roster")
    op.drop_index(op.f("ix_hr_roster_shift_id"), table_name="hr_roster")
    op.drop_index(op.f("ix_hr_roster_department_id"), table_name="hr_roster")
    op.drop_table("hr_roster")
    op.drop_index(op.f("ix_hr_payslip_staff_id"), table_name="hr_payslip")
    op.drop_table("hr_payslip")
    op.drop_index(op.f("ix_hr_leaverequest_staff_id"), table_name="hr_leaverequest")
    op.drop_index(op.f("ix_hr_leaverequest_leave_type_id"), table_name="hr_leaverequest")
    op.drop_index(op.f("ix_hr_leaverequest_attachment_id"), table_name="hr_leaverequest")
    op.drop_index(op.f("ix_hr_leaverequest_approver_id"), table_name="hr_leaverequest")
    op.drop_table("hr_leaverequest")
    op.drop_index(op.f("ix_hr_leavebalance_leave_type_id"), table_name="hr_leavebalance")
    op.drop_table("hr_leavebalance")
    op.drop_index(op.f("ix_hr_contract_staff_id"), table_name="hr_contract")
    op.drop_table("hr_contract")
    op.drop_table("hr_attendance")
    op.drop_table("hr_shift")
    op.drop_table("hr_payrollrun")
    op.drop_table("hr_leavetype")
    op.drop_table("hr_holiday")
