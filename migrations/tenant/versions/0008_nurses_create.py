"""Nurses: who cares for which ward, the vital signs they take and the medicines they give."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "nurses_note",
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_nurses_note_created_by")),
        sa.ForeignKeyConstraint(["encounter_id"], ["patients_encounter.id"], name=op.f("fk_nurses_note_encounter_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_nurses_note_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_nurses_note_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurses_note")),
    )
    op.create_index(op.f("ix_nurses_note_encounter_id"), "nurses_note", ["encounter_id"], unique=False)
    op.create_table(
        "nurses_nurse",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("license_no", sa.String(length=40), nullable=False),
        sa.Column("license_expiry", sa.Date(), nullable=False),
        sa.Column(
            "grade",
            portal.types.Choice("head_nurse", "registered", "enrolled", "midwife", "assistant", name="grade"),
            nullable=False,
        ),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ward_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", portal.types.Choice("active", "on_leave", "inactive", name="status"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_nurses_nurse_created_by")),
        sa.ForeignKeyConstraint(["department_id"], ["staff_department.id"], name=op.f("fk_nurses_nurse_department_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_nurses_nurse_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_nurses_nurse_updated_by")),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_nurses_nurse_user_id")),
        sa.ForeignKeyConstraint(["ward_id"], ["rooms_ward.id"], name=op.f("fk_nurses_nurse_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurses_nurse")),
        sa.UniqueConstraint("license_no", name=op.f("uq_nurses_nurse_license_no")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_nurses_nurse_staff_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_nurses_nurse_user_id")),
    )
    op.create_index(op.f("ix_nurses_nurse_department_id"), "nurses_nurse", ["department_id"], unique=False)
    op.create_index(op.f("ix_nurses_nurse_ward_id"), "nurses_nurse", ["ward_id"], unique=False)
    op.create_table(
        "nurses_vitalsign",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taken_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("temperature_c", portal.types.Fixed(1), nullable=True),
        sa.Column("pulse", sa.Integer(), nullable=True),
        sa.Column("resp_rate", sa.Integer(), nullable=True),
        sa.Column("bp_sys", sa.Integer(), nullable=True),
        sa.Column("bp_dia", sa.Integer(), nullable=True),
        sa.Column("spo2", sa.Integer(), nullable=True),
        sa.Column("on_oxygen", sa.Boolean(), nullable=False),
        sa.Column("consciousness", portal.types.Choice("A", "C", "V", "P", "U", name="consciousness"), nullable=True),
        sa.Column("pain", sa.Integer(), nullable=True),
        sa.Column("glucose", portal.types.Fixed(1), nullable=True),
        sa.Column("height_cm", portal.types.Fixed(1), nullable=True),
        sa.Column("weight_kg", portal.types.Fixed(3), nullable=True),
        sa.Column("bmi", portal.types.Fixed(1), nullable=True),
        sa.Column("news2", sa.Integer(), nullable=True),
        sa.Column("news2_max_single", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_nurses_vitalsign_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_nurses_vitalsign_encounter_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_nurses_vitalsign_patient_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["auth_user.id"], name=op.f("fk_nurses_vitalsign_taken_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_nurses_vitalsign_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_nurses_vitalsign_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurses_vitalsign")),
        sa.UniqueConstraint("uuid", name=op.f("uq_nurses_vitalsign_uuid")),
    )
    op.create_index(
        "ix_nurses_vitalsign_encounter_taken", "nurses_vitalsign", ["encounter_id", "taken_at"], unique=False
    )
    op.create_index("ix_nurses_vitalsign_patient_taken", "nurses_vitalsign", ["patient_id", "taken_at"], unique=False)
    op.create_index(op.f("ix_nurses_vitalsign_taken_by"), "nurses_vitalsign", ["taken_by"], unique=False)
    op.create_table(
        "nurses_assignment",
        sa.Column("nurse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ward_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shift_date", sa.Date(), nullable=False),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", portal.types.Choice("charge", "bedside", "float", name="role"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_nurses_assignment_created_by")),
        sa.ForeignKeyConstraint(["nurse_id"], ["nurses_nurse.id"], name=op.f("fk_nurses_assignment_nurse_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["hr_shift.id"], name="fk_nurses_assignment_shift_id", use_alter=True),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_nurses_assignment_updated_by")),
        sa.ForeignKeyConstraint(["ward_id"], ["rooms_ward.id"], name=op.f("fk_nurses_assignment_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurses_assignment")),
        sa.UniqueConstraint(
            "nurse_id", "shift_date", "shift_id", name=op.f("uq_nurses_assignment_nurse_id_shift_date_shift_id")
        ),
    )
    op.create_index(op.f("ix_nurses_assignment_shift_id"), "nurses_assignment", ["shift_id"], unique=False)
    op.create_index(op.f("ix_nurses_assignment_ward_id"), "nurses_assignment", ["ward_id"], unique=False)
    op.create_table(
        "nurses_handover",
        sa.Column("ward_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shift_date", sa.Date(), nullable=False),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_nurse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_nurse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("situation", sa.Text(), nullable=False),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("accepted_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "shift_id IS NOT NULL AND admission_id IS NOT NULL", name=op.f("ck_nurses_handover_of_what")
        ),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["ipd_admission.id"], name="fk_nurses_handover_admission_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_nurses_handover_created_by")),
        sa.ForeignKeyConstraint(["from_nurse_id"], ["nurses_nurse.id"], name=op.f("fk_nurses_handover_from_nurse_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["hr_shift.id"], name="fk_nurses_handover_shift_id", use_alter=True),
        sa.ForeignKeyConstraint(["to_nurse_id"], ["nurses_nurse.id"], name=op.f("fk_nurses_handover_to_nurse_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_nurses_handover_updated_by")),
        sa.ForeignKeyConstraint(["ward_id"], ["rooms_ward.id"], name=op.f("fk_nurses_handover_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurses_handover")),
    )
    op.create_index(op.f("ix_nurses_handover_admission_id"), "nurses_handover", ["admission_id"], unique=False)
    op.create_index(op.f("ix_nurses_handover_from_nurse_id"), "nurses_handover", ["from_nurse_id"], unique=False)
    op.create_index(op.f("ix_nurses_handover_shift_id"), "nurses_handover", ["shift_id"], unique=False)
    op.create_index(op.f("ix_nurses_handover_to_nurse_id"), "nurses_handover", ["to_nurse_id"], unique=False)
    op.create_index(op.f("ix_nurses_handover_ward_id"), "nurses_handover", ["ward_id"], unique=False)
    op.create_table(
        "nurses_task",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "phase", portal.types.Choice("admission", "routine", "pre_op", "discharge", name="phase"), nullable=False
        ),
        sa.Column("due_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("priority", portal.types.Choice("routine", "urgent", "stat", name="priority"), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("assigned_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice("requested", "in_progress", "completed", "cancelled", name="status"),
            nullable=False,
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
        sa.ForeignKeyConstraint(["assigned_to_id"], ["nurses_nurse.id"], name=op.f("fk_nurses_task_assigned_to_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_nurses_task_created_by")),
        sa.ForeignKeyConstraint(["encounter_id"], ["patients_encounter.id"], name=op.f("fk_nurses_task_encounter_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_nurses_task_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_nurses_task_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_nurses_task_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurses_task")),
        sa.UniqueConstraint("uuid", name=op.f("uq_nurses_task_uuid")),
    )
    op.create_index(op.f("ix_nurses_task_assigned_to_id"), "nurses_task", ["assigned_to_id"], unique=False)
    op.create_index(op.f("ix_nurses_task_encounter_id"), "nurses_task", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_nurses_task_patient_id"), "nurses_task", ["patient_id"], unique=False)
    op.create_table(
        "nurses_assignedpatient",
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["ipd_admission.id"], name="fk_nurses_assignedpatient_admission_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["nurses_assignment.id"], name=op.f("fk_nurses_assignedpatient_assignment_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_nurses_assignedpatient_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_nurses_assignedpatient_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurses_assignedpatient")),
        sa.UniqueConstraint(
            "assignment_id", "admission_id", name=op.f("uq_nurses_assignedpatient_assignment_id_admission_id")
        ),
    )
    op.create_index(
        op.f("ix_nurses_assignedpatient_admission_id"), "nurses_assignedpatient", ["admission_id"], unique=False
    )
    op.create_table(
        "nurses_medicationadministration",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("prescription_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("scheduled", "completed", "not_done", "on_hold", "stopped", name="status"),
            nullable=False,
        ),
        sa.Column("given_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("given_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("witness_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("dose_given", portal.types.Qty(), nullable=True),
        sa.Column("reason_not_given", sa.String(length=300), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
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
            ["batch_id"], ["inventory_batch.id"], name=op.f("fk_nurses_medicationadministration_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["auth_user.id"], name=op.f("fk_nurses_medicationadministration_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_nurses_medicationadministration_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["auth_user.id"], name=op.f("fk_nurses_medicationadministration_given_by")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name=op.f("fk_nurses_medicationadministration_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["prescription_item_id"],
            ["doctors_prescriptionitem.id"],
            name=op.f("fk_nurses_medicationadministration_prescription_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["auth_user.id"], name=op.f("fk_nurses_medicationadministration_updated_by")
        ),
        sa.ForeignKeyConstraint(
            ["voided_by"], ["auth_user.id"], name=op.f("fk_nurses_medicationadministration_voided_by")
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"], ["auth_user.id"], name=op.f("fk_nurses_medicationadministration_witness_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurses_medicationadministration")),
        sa.UniqueConstraint(
            "prescription_item_id",
            "due_at",
            name=op.f("uq_nurses_medicationadministration_prescription_item_id_due_at"),
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_nurses_medicationadministration_uuid")),
    )
    op.create_index(
        op.f("ix_nurses_medicationadministration_batch_id"),
        "nurses_medicationadministration",
        ["batch_id"],
        unique=False,
    )
    op.create_index(
        "ix_nurses_medicationadministration_encounter_due",
        "nurses_medicationadministration",
        ["encounter_id", "due_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_nurses_medicationadministration_given_by"),
        "nurses_medicationadministration",
        ["given_by"],
        unique=False,
    )
    op.create_index(
        op.f("ix_nurses_medicationadministration_patient_id"),
        "nurses_medicationadministration",
        ["patient_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_nurses_medicationadministration_witness_id"),
        "nurses_medicationadministration",
        ["witness_id"],
        unique=False,
    )


def downgrade():
    op.drop_index(op.f("ix_nurses_medicationadministration_witness_id"), table_name="nurses_medicationadministration")
    op.drop_index(op.f("ix_nurses_medicationadministration_patient_id"), table_name="nurses_medicationadministration")
    op.drop_index(op.f("ix_nurses_medicationadministration_given_by"), table_name="nurses_medicationadministration")
    op.drop_index("ix_nurses_medicationadministration_encounter_due", table_name="nurses_medicationadministration")
    op.drop_index(op.f("ix_nurses_medicationadministration_batch_id"), table_name="nurses_medicationadministration")
    op.drop_table("nurses_medicationadministration")
    op.drop_index(op.f("ix_nurses_assignedpatient_admission_id"), table_name="nurses_assignedpatient")
    op.drop_table("nurses_assignedpatient")
    op.drop_index(op.f("ix_nurses_task_patient_id"), table_name="nurses_task")
    op.drop_index(op.f("ix_nurses_task_encounter_id"), table_name="nurses_task")
    op.drop_index(op.f("ix_nurses_task_assigned_to_id"), table_name="nurses_task")
    op.drop_table("nurses_task")
    op.drop_index(op.f("ix_nurses_handover_ward_id"), table_name="nurses_handover")
    op.drop_index(op.f("ix_nurses_handover_to_nurse_id"), table_name="nurses_handover")
    op.drop_index(op.f("ix_nurses_handover_shift_id"), table_name="nurses_handover")
    op.drop_index(op.f("ix_nurses_handover_from_nurse_id"), table_name="nurses_handover")
    op.drop_index(op.f("ix_nurses_handover_admission_id"), table_name="nurses_handover")
    op.drop_table("nurses_handover")
    op.drop_index(op.f("ix_nurses_assignment_ward_id"), table_name="nurses_assignment")
    op.drop_index(op.f("ix_nurses_assignment_shift_id"), table_name="nurses_assignment")
    op.drop_table("nurses_assignment")
    op.drop_index(op.f("ix_nurses_vitalsign_taken_by"), table_name="nurses_vitalsign")
    op.drop_index("ix_nurses_vitalsign_patient_taken", table_name="nurses_vitalsign")
    op.drop_index("ix_nurses_vitalsign_encounter_taken", table_name="nurses_vitalsign")
    op.drop_table("nurses_vitalsign")
    op.drop_index(op.f("ix_nurses_nurse_ward_id"), table_name="nurses_nurse")
    op.drop_index(op.f("ix_nurses_nurse_department_id"), table_name="nurses_nurse")
    op.drop_table("nurses_nurse")
    op.drop_index(op.f("ix_nurses_note_encounter_id"), table_name="nurses_note")
    op.drop_table("nurses_note")
