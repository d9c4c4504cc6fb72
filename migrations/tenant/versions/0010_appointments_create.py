"""Appointments: who is expected at which clinic, and when."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "appointments_servicetype",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("default_minutes", sa.Integer(), nullable=False),
        sa.Column("color", sa.String(length=20), nullable=False),
        sa.Column("billing_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["billing_service_id"], ["billing_service.id"], name=op.f("fk_appointments_servicetype_billing_service_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_appointments_servicetype_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_appointments_servicetype_department_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_appointments_servicetype_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments_servicetype")),
        sa.UniqueConstraint("name", name=op.f("uq_appointments_servicetype_name")),
    )
    op.create_index(
        op.f("ix_appointments_servicetype_billing_service_id"),
        "appointments_servicetype",
        ["billing_service_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appointments_servicetype_department_id"), "appointments_servicetype", ["department_id"], unique=False
    )
    op.create_table(
        "appointments_schedule",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity_per_slot", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("mode", portal.types.Choice("in_person", "virtual", "both", name="mode"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_appointments_schedule_weekday")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_appointments_schedule_created_by")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_appointments_schedule_doctor_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms_room.id"], name=op.f("fk_appointments_schedule_room_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_appointments_schedule_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments_schedule")),
        sa.UniqueConstraint("uuid", name=op.f("uq_appointments_schedule_uuid")),
    )
    op.create_index(op.f("ix_appointments_schedule_doctor_id"), "appointments_schedule", ["doctor_id"], unique=False)
    op.create_index(op.f("ix_appointments_schedule_room_id"), "appointments_schedule", ["room_id"], unique=False)
    op.create_table(
        "appointments_scheduleexception",
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("date_from", sa.Date(), nullable=False),
        sa.Column("date_to", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("end_time", sa.Time(), nullable=True),
        sa.Column("adds_time", sa.Boolean(), nullable=False),
        sa.Column(
            "reason", portal.types.Choice("leave", "meeting", "holiday", "extra_session", name="reason"), nullable=False
        ),
        sa.Column("leave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["auth_user.id"], name=op.f("fk_appointments_scheduleexception_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_appointments_scheduleexception_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["leave_id"], ["hr_leaverequest.id"], name=op.f("fk_appointments_scheduleexception_leave_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["auth_user.id"], name=op.f("fk_appointments_scheduleexception_updated_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments_scheduleexception")),
    )
    op.create_index(
        op.f("ix_appointments_scheduleexception_doctor_id"),
        "appointments_scheduleexception",
        ["doctor_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appointments_scheduleexception_leave_id"), "appointments_scheduleexception", ["leave_id"], unique=False
    )
    op.create_table(
        "appointments_waitlist",
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wanted_from", sa.Date(), nullable=False),
        sa.Column("wanted_to", sa.Date(), nullable=False),
        sa.Column("priority", portal.types.Choice("routine", "urgent", "emergency", name="priority"), nullable=False),
        sa.Column(
            "status", portal.types.Choice("waiting", "offered", "booked", "expired", name="status"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_appointments_waitlist_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_appointments_waitlist_department_id")
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_appointments_waitlist_doctor_id")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name=op.f("fk_appointments_waitlist_patient_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_appointments_waitlist_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments_waitlist")),
    )
    op.create_index(
        op.f("ix_appointments_waitlist_department_id"), "appointments_waitlist", ["department_id"], unique=False
    )
    op.create_index(op.f("ix_appointments_waitlist_doctor_id"), "appointments_waitlist", ["doctor_id"], unique=False)
    op.create_index(op.f("ix_appointments_waitlist_patient_id"), "appointments_waitlist", ["patient_id"], unique=False)
    op.create_table(
        "appointments_appointment",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("schedule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("ends_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column(
            "kind", portal.types.Choice("scheduled", "walk_in", "follow_up", "virtual", name="kind"), nullable=False
        ),
        sa.Column("priority", portal.types.Choice("routine", "urgent", "emergency", name="priority"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice(
                "requested",
                "scheduled",
                "checked_in",
                "in_consultation",
                "completed",
                "no_show",
                "cancelled",
                "rescheduled",
                name="status",
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            portal.types.Choice("reception", "phone", "portal", "doctor", "referral", name="source"),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("is_overbooked", sa.Boolean(), nullable=False),
        sa.Column("rescheduled_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cancelled_by", portal.types.Choice("patient", "hospital", name="cancelled_by"), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=True),
        sa.Column("checked_in_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("started_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("completed_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("reminder_sent_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_appointments_appointment_ends_at")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_appointments_appointment_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_appointments_appointment_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_appointments_appointment_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name=op.f("fk_appointments_appointment_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["rescheduled_from_id"],
            ["appointments_appointment.id"],
            name=op.f("fk_appointments_appointment_rescheduled_from_id"),
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms_room.id"], name=op.f("fk_appointments_appointment_room_id")),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["appointments_schedule.id"], name=op.f("fk_appointments_appointment_schedule_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_type_id"],
            ["appointments_servicetype.id"],
            name=op.f("fk_appointments_appointment_service_type_id"),
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_appointments_appointment_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_appointments_appointment_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments_appointment")),
        sa.UniqueConstraint("number", name=op.f("uq_appointments_appointment_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_appointments_appointment_uuid")),
    )
    op.create_index(
        op.f("ix_appointments_appointment_department_id"), "appointments_appointment", ["department_id"], unique=False
    )
    op.create_index(
        "ix_appointments_appointment_doctor_starts",
        "appointments_appointment",
        ["doctor_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        "ix_appointments_appointment_patient_starts",
        "appointments_appointment",
        ["patient_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appointments_appointment_rescheduled_from_id"),
        "appointments_appointment",
        ["rescheduled_from_id"],
        unique=False,
    )
    op.create_index(op.f("ix_appointments_appointment_room_id"), "appointments_appointment", ["room_id"], unique=False)
    op.create_index(
        op.f("ix_appointments_appointment_schedule_id"), "appointments_appointment", ["schedule_id"], unique=False
    )
    op.create_index(
        op.f("ix_appointments_appointment_service_type_id"),
        "appointments_appointment",
        ["service_type_id"],
        unique=False,
    )
    op.create_index(
        "ix_appointments_appointment_status_starts", "appointments_appointment", ["status", "starts_at"], unique=False
    )


def downgrade():
    op.drop_index("ix_appointments_appointment_status_starts", table_name="appointments_appointment")
    op.drop_index(op.f("ix_appointments_appointment_service_type_id"), table_name="appointments_appointment")
    op.drop_index(op.f("ix_appointments_appointment_schedule_id"), table_name="appointments_appointment")
    op.drop_index(op.f("ix_appointments_appointment_room_id"), table_name="appointments_appointment")
    op.drop_index(op.f("ix_appointments_appointment_rescheduled_from_id"), table_name="appointments_appointment")
    op.drop_index("ix_appointments_appointment_patient_starts", table_name="appointments_appointment")
    op.drop_index("ix_appointments_appointment_doctor_starts", table_name="appointments_appointment")
    op.drop_index(op.f("ix_appointments_appointment_department_id"), table_name="appointments_appointment")
    op.drop_table("appointments_appointment")
    op.drop_index(op.f("ix_appointments_waitlist_patient_id"), table_name="appointments_waitlist")
    op.drop_index(op.f("ix_appointments_waitlist_doctor_id"), table_name="appointments_waitlist")
    op.drop_index(op.f("ix_appointments_waitlist_department_id"), table_name="appointments_waitlist")
    op.drop_table("appointments_waitlist")
    op.drop_index(op.f("ix_appointments_scheduleexception_leave_id"), table_name="appointments_scheduleexception")
    op.drop_index(op.f("ix_appointments_scheduleexception_doctor_id"), table_name="appointments_scheduleexception")
    op.drop_table("appointments_scheduleexception")
    op.drop_index(op.f("ix_appointments_schedule_room_id"), table_name="appointments_schedule")
    op.drop_index(op.f("ix_appointments_schedule_doctor_id"), table_name="appointments_schedule")
    op.drop_table("appointments_schedule")
    op.drop_index(op.f("ix_appointments_servicetype_department_id"), table_name="appointments_servicetype")
    op.drop_index(op.f("ix_appointments_servicetype_billing_service_id"), table_name="appointments_servicetype")
    op.drop_table("appointments_servicetype")
