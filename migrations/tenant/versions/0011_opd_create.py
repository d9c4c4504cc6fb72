"""Outpatients: who waits for which doctor, and what was found."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "opd_queue",
        sa.Column("queue_key", sa.String(length=60), nullable=False),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("queue_date", sa.Date(), nullable=False),
        sa.Column("session", portal.types.Choice("am", "pm", "eve", name="session"), nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", portal.types.Choice("open", "paused", "closed", name="status"), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_opd_queue_created_by")),
        sa.ForeignKeyConstraint(["department_id"], ["staff_department.id"], name=op.f("fk_opd_queue_department_id")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_opd_queue_doctor_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms_room.id"], name=op.f("fk_opd_queue_room_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_opd_queue_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opd_queue")),
        sa.UniqueConstraint("queue_key", name=op.f("uq_opd_queue_queue_key")),
    )
    op.create_index(op.f("ix_opd_queue_department_id"), "opd_queue", ["department_id"], unique=False)
    op.create_index(op.f("ix_opd_queue_doctor_id"), "opd_queue", ["doctor_id"], unique=False)
    op.create_index(op.f("ix_opd_queue_room_id"), "opd_queue", ["room_id"], unique=False)
    op.create_table(
        "opd_visit",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("appointment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visit_type", portal.types.Choice("new", "follow_up", "review", name="visit_type"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice(
                "registered", "vitals_done", "in_consultation", "awaiting_results", "completed", "left", name="status"
            ),
            nullable=False,
        ),
        sa.Column("arrived_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("vitals_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("started_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("completed_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column(
            "disposition",
            portal.types.Choice("home", "admit", "refer", "emergency", "review", name="disposition"),
            nullable=True,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments_appointment.id"], name=op.f("fk_opd_visit_appointment_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_opd_visit_created_by")),
        sa.ForeignKeyConstraint(["department_id"], ["staff_department.id"], name=op.f("fk_opd_visit_department_id")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_opd_visit_doctor_id")),
        sa.ForeignKeyConstraint(["encounter_id"], ["patients_encounter.id"], name=op.f("fk_opd_visit_encounter_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_opd_visit_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_opd_visit_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_opd_visit_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opd_visit")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_opd_visit_appointment_id")),
        sa.UniqueConstraint("encounter_id", name=op.f("uq_opd_visit_encounter_id")),
        sa.UniqueConstraint("number", name=op.f("uq_opd_visit_number")),
    )
    op.create_index(op.f("ix_opd_visit_department_id"), "opd_visit", ["department_id"], unique=False)
    op.create_index("ix_opd_visit_doctor_arrived", "opd_visit", ["doctor_id", "arrived_at"], unique=False)
    op.create_index(op.f("ix_opd_visit_patient_id"), "opd_visit", ["patient_id"], unique=False)
    op.create_table(
        "opd_consultation",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("complaint", sa.Text(), nullable=False),
        sa.Column("history", sa.Text(), nullable=False),
        sa.Column("examination", sa.Text(), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("followup_on", sa.Date(), nullable=True),
        sa.Column("status", portal.types.Choice("draft", "signed", "amended", name="status"), nullable=False),
        sa.Column("signed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signed_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_opd_consultation_created_by")),
        sa.ForeignKeyConstraint(["signed_by"], ["auth_user.id"], name=op.f("fk_opd_consultation_signed_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_opd_consultation_updated_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["opd_visit.id"], name=op.f("fk_opd_consultation_visit_id")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_opd_consultation_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opd_consultation")),
        sa.UniqueConstraint("uuid", name=op.f("uq_opd_consultation_uuid")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_opd_consultation_visit_id")),
    )
    op.create_index(op.f("ix_opd_consultation_signed_by"), "opd_consultation", ["signed_by"], unique=False)
    op.create_table(
        "opd_feevalidity",
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("max_visits", sa.Integer(), nullable=False),
        sa.Column("used_visits", sa.Integer(), nullable=False),
        sa.Column("source_visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("used_visits <= max_visits", name=op.f("ck_opd_feevalidity_used_visits")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_opd_feevalidity_created_by")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_opd_feevalidity_doctor_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_opd_feevalidity_patient_id")),
        sa.ForeignKeyConstraint(["source_visit_id"], ["opd_visit.id"], name=op.f("fk_opd_feevalidity_source_visit_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_opd_feevalidity_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opd_feevalidity")),
    )
    op.create_index(op.f("ix_opd_feevalidity_doctor_id"), "opd_feevalidity", ["doctor_id"], unique=False)
    op.create_index(op.f("ix_opd_feevalidity_patient_id"), "opd_feevalidity", ["patient_id"], unique=False)
    op.create_index(op.f("ix_opd_feevalidity_source_visit_id"), "opd_feevalidity", ["source_visit_id"], unique=False)
    op.create_table(
        "opd_token",
        sa.Column("queue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("appointment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "priority",
            portal.types.Choice("normal", "elderly", "disabled", "pregnant", "urgent", name="priority"),
            nullable=False,
        ),
        sa.Column(
            "status",
            portal.types.Choice("issued", "called", "serving", "done", "skipped", "cancelled", name="status"),
            nullable=False,
        ),
        sa.Column("counter", sa.String(length=20), nullable=True),
        sa.Column("issued_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("called_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("served_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("done_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("recalls", sa.Integer(), nullable=False),
        sa.Column("serving_key", sa.String(length=60), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments_appointment.id"], name=op.f("fk_opd_token_appointment_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_opd_token_created_by")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_opd_token_patient_id")),
        sa.ForeignKeyConstraint(["queue_id"], ["opd_queue.id"], name=op.f("fk_opd_token_queue_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_opd_token_updated_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["opd_visit.id"], name=op.f("fk_opd_token_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opd_token")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_opd_token_appointment_id")),
        sa.UniqueConstraint("queue_id", "number", name=op.f("uq_opd_token_queue_id_number")),
        sa.UniqueConstraint("serving_key", name=op.f("uq_opd_token_serving_key")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_opd_token_visit_id")),
    )
    op.create_index(op.f("ix_opd_token_patient_id"), "opd_token", ["patient_id"], unique=False)
    op.create_index(
        "ix_opd_token_queue_status", "opd_token", ["queue_id", "status", "priority", "number"], unique=False
    )
    op.create_table(
        "opd_addendum",
        sa.Column("consultation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["auth_user.id"], name=op.f("fk_opd_addendum_by")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["opd_consultation.id"], name=op.f("fk_opd_addendum_consultation_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_opd_addendum_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_opd_addendum_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_opd_addendum_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opd_addendum")),
    )
    op.create_index(op.f("ix_opd_addendum_by"), "opd_addendum", ["by"], unique=False)
    op.create_index(op.f("ix_opd_addendum_consultation_id"), "opd_addendum", ["consultation_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_opd_addendum_consultation_id"), table_name="opd_addendum")
    op.drop_index(op.f("ix_opd_addendum_by"), table_name="opd_addendum")
    op.drop_table("opd_addendum")
    op.drop_index("ix_opd_token_queue_status", table_name="opd_token")
    op.drop_index(op.f("ix_opd_token_patient_id"), table_name="opd_token")
    op.drop_table("opd_token")
    op.drop_index(op.f("ix_opd_feevalidity_source_visit_id"), table_name="opd_feevalidity")
    op.drop_index(op.f("ix_opd_feevalidity_patient_id"), table_name="opd_feevalidity")
    op.drop_index(op.f("ix_opd_feevalidity_doctor_id"), table_name="opd_feevalidity")
    op.drop_table("opd_feevalidity")
    op.drop_index(op.f("ix_opd_consultation_signed_by"), table_name="opd_consultation")
    op.drop_table("opd_consultation")
    op.drop_index(op.f("ix_opd_visit_patient_id"), table_name="opd_visit")
    op.drop_index("ix_opd_visit_doctor_arrived", table_name="opd_visit")
    op.drop_index(op.f("ix_opd_visit_department_id"), table_name="opd_visit")
    op.drop_table("opd_visit")
    op.drop_index(op.f("ix_opd_queue_room_id"), table_name="opd_queue")
    op.drop_index(op.f("ix_opd_queue_doctor_id"), table_name="opd_queue")
    op.drop_index(op.f("ix_opd_queue_department_id"), table_name="opd_queue")
    op.drop_table("opd_queue")
