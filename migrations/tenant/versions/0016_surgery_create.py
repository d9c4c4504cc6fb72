"""Surgery: which operation is when in which theatre, made safely, and what was done."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "surgery_procedure",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("specialization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("default_minutes", sa.Integer(), nullable=False),
        sa.Column("paired", sa.Boolean(), nullable=False),
        sa.Column("risk", portal.types.Choice("minor", "intermediate", "major", name="risk"), nullable=False),
        sa.Column("billing_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("preference", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["billing_service_id"], ["billing_service.id"], name=op.f("fk_surgery_procedure_billing_service_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_surgery_procedure_created_by")),
        sa.ForeignKeyConstraint(
            ["specialization_id"], ["doctors_specialization.id"], name=op.f("fk_surgery_procedure_specialization_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_surgery_procedure_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgery_procedure")),
        sa.UniqueConstraint("code", name=op.f("uq_surgery_procedure_code")),
    )
    op.create_index(
        op.f("ix_surgery_procedure_billing_service_id"), "surgery_procedure", ["billing_service_id"], unique=False
    )
    op.create_index(
        op.f("ix_surgery_procedure_specialization_id"), "surgery_procedure", ["specialization_id"], unique=False
    )
    op.create_table(
        "surgery_case",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("procedure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "laterality", portal.types.Choice("none", "left", "right", "bilateral", name="laterality"), nullable=False
        ),
        sa.Column("diagnosis", sa.String(length=300), nullable=False),
        sa.Column("priority", portal.types.Choice("elective", "urgent", "emergency", name="priority"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice(
                "requested",
                "scheduled",
                "pre_op",
                "in_progress",
                "recovery",
                "completed",
                "cancelled",
                "postponed",
                name="status",
            ),
            nullable=False,
        ),
        sa.Column("theatre_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("planned_start", portal.types.UTCDateTime(), nullable=True),
        sa.Column("planned_end", portal.types.UTCDateTime(), nullable=True),
        sa.Column("surgeon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("anaesthetist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "anaesthesia",
            portal.types.Choice("none", "local", "sedation", "regional", "spinal", "general", name="anaesthesia"),
            nullable=True,
        ),
        sa.Column("asa_class", sa.Integer(), nullable=True),
        sa.Column(
            "wound_class",
            portal.types.Choice("clean", "clean_contaminated", "contaminated", "dirty", name="wound_class"),
            nullable=True,
        ),
        sa.Column("wheel_in", portal.types.UTCDateTime(), nullable=True),
        sa.Column("incision_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("closure_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("wheel_out", portal.types.UTCDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=200), nullable=True),
        sa.Column("emergency_override", sa.String(length=300), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("asa_class BETWEEN 1 AND 6", name=op.f("ck_surgery_case_asa_class")),
        sa.ForeignKeyConstraint(["admission_id"], ["ipd_admission.id"], name=op.f("fk_surgery_case_admission_id")),
        sa.ForeignKeyConstraint(
            ["anaesthetist_id"], ["doctors_doctor.id"], name=op.f("fk_surgery_case_anaesthetist_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_surgery_case_created_by")),
        sa.ForeignKeyConstraint(["encounter_id"], ["patients_encounter.id"], name=op.f("fk_surgery_case_encounter_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_surgery_case_patient_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["surgery_procedure.id"], name=op.f("fk_surgery_case_procedure_id")),
        sa.ForeignKeyConstraint(["surgeon_id"], ["doctors_doctor.id"], name=op.f("fk_surgery_case_surgeon_id")),
        sa.ForeignKeyConstraint(["theatre_id"], ["rooms_room.id"], name=op.f("fk_surgery_case_theatre_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_surgery_case_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_surgery_case_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgery_case")),
        sa.UniqueConstraint("number", name=op.f("uq_surgery_case_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_surgery_case_uuid")),
    )
    op.create_index(op.f("ix_surgery_case_admission_id"), "surgery_case", ["admission_id"], unique=False)
    op.create_index(op.f("ix_surgery_case_anaesthetist_id"), "surgery_case", ["anaesthetist_id"], unique=False)
    op.create_index(op.f("ix_surgery_case_encounter_id"), "surgery_case", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_surgery_case_patient_id"), "surgery_case", ["patient_id"], unique=False)
    op.create_index(op.f("ix_surgery_case_procedure_id"), "surgery_case", ["procedure_id"], unique=False)
    op.create_index(op.f("ix_surgery_case_status"), "surgery_case", ["status"], unique=False)
    op.create_index(op.f("ix_surgery_case_surgeon_id"), "surgery_case", ["surgeon_id"], unique=False)
    op.create_index(
        "ix_surgery_case_theatre_planned_start", "surgery_case", ["theatre_id", "planned_start"], unique=False
    )
    op.create_table(
        "surgery_checklist",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sign_in", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sign_in_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sign_in_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("time_out", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("time_out_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("time_out_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("sign_out", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sign_out_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sign_out_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["surgery_case.id"], name=op.f("fk_surgery_checklist_case_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_surgery_checklist_created_by")),
        sa.ForeignKeyConstraint(["sign_in_by"], ["auth_user.id"], name=op.f("fk_surgery_checklist_sign_in_by")),
        sa.ForeignKeyConstraint(["sign_out_by"], ["auth_user.id"], name=op.f("fk_surgery_checklist_sign_out_by")),
        sa.ForeignKeyConstraint(["time_out_by"], ["auth_user.id"], name=op.f("fk_surgery_checklist_time_out_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_surgery_checklist_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_surgery_checklist_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgery_checklist")),
        sa.UniqueConstraint("case_id", name=op.f("uq_surgery_checklist_case_id")),
    )
    op.create_index(op.f("ix_surgery_checklist_sign_in_by"), "surgery_checklist", ["sign_in_by"], unique=False)
    op.create_index(op.f("ix_surgery_checklist_sign_out_by"), "surgery_checklist", ["sign_out_by"], unique=False)
    op.create_index(op.f("ix_surgery_checklist_time_out_by"), "surgery_checklist", ["time_out_by"], unique=False)
    op.create_table(
        "surgery_consumable",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("planned_qty", portal.types.Qty(), nullable=False),
        sa.Column("used_qty", portal.types.Qty(), nullable=False),
        sa.Column("serial_no", sa.String(length=60), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["inventory_batch.id"], name=op.f("fk_surgery_consumable_batch_id")),
        sa.ForeignKeyConstraint(["case_id"], ["surgery_case.id"], name=op.f("fk_surgery_consumable_case_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_surgery_consumable_created_by")),
        sa.ForeignKeyConstraint(["item_id"], ["inventory_item.id"], name=op.f("fk_surgery_consumable_item_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_surgery_consumable_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_surgery_consumable_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgery_consumable")),
    )
    op.create_index(op.f("ix_surgery_consumable_batch_id"), "surgery_consumable", ["batch_id"], unique=False)
    op.create_index(op.f("ix_surgery_consumable_case_id"), "surgery_consumable", ["case_id"], unique=False)
    op.create_index(op.f("ix_surgery_consumable_item_id"), "surgery_consumable", ["item_id"], unique=False)
    op.create_table(
        "surgery_note",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure_done", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("complications", sa.Text(), nullable=True),
        sa.Column("blood_loss_ml", sa.Integer(), nullable=True),
        sa.Column("specimens", sa.Text(), nullable=True),
        sa.Column("counts_correct", sa.Boolean(), nullable=False),
        sa.Column("postop_orders", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signed_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["surgery_case.id"], name=op.f("fk_surgery_note_case_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_surgery_note_created_by")),
        sa.ForeignKeyConstraint(["signed_by"], ["auth_user.id"], name=op.f("fk_surgery_note_signed_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_surgery_note_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_surgery_note_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgery_note")),
        sa.UniqueConstraint("case_id", name=op.f("uq_surgery_note_case_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_surgery_note_uuid")),
    )
    op.create_index(op.f("ix_surgery_note_signed_by"), "surgery_note", ["signed_by"], unique=False)
    op.create_table(
        "surgery_preop",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("consent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("site_marked", sa.Boolean(), nullable=False),
        sa.Column("fasting_from", portal.types.UTCDateTime(), nullable=True),
        sa.Column("airway_grade", sa.String(length=20), nullable=True),
        sa.Column("risk_notes", sa.Text(), nullable=False),
        sa.Column("investigations_ok", sa.Boolean(), nullable=False),
        sa.Column("fit", portal.types.Choice("fit", "fit_with_risk", "unfit", name="fit"), nullable=True),
        sa.Column("assessed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assessed_by"], ["auth_user.id"], name=op.f("fk_surgery_preop_assessed_by")),
        sa.ForeignKeyConstraint(["case_id"], ["surgery_case.id"], name=op.f("fk_surgery_preop_case_id")),
        sa.ForeignKeyConstraint(["consent_id"], ["patients_consent.id"], name=op.f("fk_surgery_preop_consent_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_surgery_preop_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_surgery_preop_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_surgery_preop_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgery_preop")),
        sa.UniqueConstraint("case_id", name=op.f("uq_surgery_preop_case_id")),
    )
    op.create_index(op.f("ix_surgery_preop_assessed_by"), "surgery_preop", ["assessed_by"], unique=False)
    op.create_index(op.f("ix_surgery_preop_consent_id"), "surgery_preop", ["consent_id"], unique=False)
    op.create_table(
        "surgery_recovery",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arrived_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("discharged_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("destination", sa.String(length=60), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["surgery_case.id"], name=op.f("fk_surgery_recovery_case_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_surgery_recovery_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_surgery_recovery_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgery_recovery")),
        sa.UniqueConstraint("case_id", name=op.f("uq_surgery_recovery_case_id")),
    )
    op.create_table(
        "surgery_teammember",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            portal.types.Choice(
                "surgeon", "assistant", "anaesthetist", "scrub_nurse", "circulating_nurse", "technician", name="role"
            ),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["surgery_case.id"], name=op.f("fk_surgery_teammember_case_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_surgery_teammember_created_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_surgery_teammember_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_surgery_teammember_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgery_teammember")),
        sa.UniqueConstraint("case_id", "staff_id", name=op.f("uq_surgery_teammember_case_id_staff_id")),
    )
    op.create_index(op.f("ix_surgery_teammember_staff_id"), "surgery_teammember", ["staff_id"], unique=False)
    op.create_table(
        "surgery_addendum",
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        sa.ForeignKeyConstraint(["by"], ["auth_user.id"], name=op.f("fk_surgery_addendum_by")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_surgery_addendum_created_by")),
        sa.ForeignKeyConstraint(["note_id"], ["surgery_note.id"], name=op.f("fk_surgery_addendum_note_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_surgery_addendum_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_surgery_addendum_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgery_addendum")),
    )
    op.create_index(op.f("ix_surgery_addendum_by"), "surgery_addendum", ["by"], unique=False)
    op.create_index(op.f("ix_surgery_addendum_note_id"), "surgery_addendum", ["note_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_surgery_addendum_note_id"), table_name="surgery_addendum")
    op.drop_index(op.f("ix_surgery_addendum_by"), table_name="surgery_addendum")
    op.drop_table("surgery_addendum")
    op.drop_index(op.f("ix_surgery_teammember_staff_id"), table_name="surgery_teammember")
    op.drop_table("surgery_teammember")
    op.drop_table("surgery_recovery")
    op.drop_index(op.f("ix_surgery_preop_consent_id"), table_name="surgery_preop")
    op.drop_index(op.f("ix_surgery_preop_assessed_by"), table_name="surgery_preop")
    op.drop_table("surgery_preop")
    op.drop_index(op.f("ix_surgery_note_signed_by"), table_name="surgery_note")
    op.drop_table("surgery_note")
    op.drop_index(op.f("ix_surgery_consumable_item_id"), table_name="surgery_consumable")
    op.drop_index(op.f("ix_surgery_consumable_case_id"), table_name="surgery_consumable")
    op.drop_index(op.f("ix_surgery_consumable_batch_id"), table_name="surgery_consumable")
    op.drop_table("surgery_consumable")
    op.drop_index(op.f("ix_surgery_checklist_time_out_by"), table_name="surgery_checklist")
    op.drop_index(op.f("ix_surgery_checklist_sign_out_by"), table_name="surgery_checklist")
    op.drop_index(op.f("ix_surgery_checklist_sign_in_by"), table_name="surgery_checklist")
    op.drop_table("surgery_checklist")
    op.drop_index("ix_surgery_case_theatre_planned_start", table_name="surgery_case")
    op.drop_index(op.f("ix_surgery_case_surgeon_id"), table_name="surgery_case")
    op.drop_index(op.f("ix_surgery_case_status"), table_name="surgery_case")
    op.drop_index(op.f("ix_surgery_case_procedure_id"), table_name="surgery_case")
    op.drop_index(op.f("ix_surgery_case_patient_id"), table_name="surgery_case")
    op.drop_index(op.f("ix_surgery_case_encounter_id"), table_name="surgery_case")
    op.drop_index(op.f("ix_surgery_case_anaesthetist_id"), table_name="surgery_case")
    op.drop_index(op.f("ix_surgery_case_admission_id"), table_name="surgery_case")
    op.drop_table("surgery_case")
    op.drop_index(op.f("ix_surgery_procedure_specialization_id"), table_name="surgery_procedure")
    op.drop_index(op.f("ix_surgery_procedure_billing_service_id"), table_name="surgery_procedure")
    op.drop_table("surgery_procedure")
