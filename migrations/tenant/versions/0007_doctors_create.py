"""Doctors: their profiles, and what they prescribe and to whom they refer."""

import sqlalchemy as sa
from alembic import op

import portal.types
from portal.migrations import add_late_foreign_keys

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LATE = (
    ("fk_patients_encounter_doctor_id", "patients_encounter", "doctors_doctor", ["doctor_id"], ["id"]),
    ("fk_patients_diagnosis_diagnosed_by", "patients_diagnosis", "doctors_doctor", ["diagnosed_by"], ["id"]),
    (
        "fk_inventory_dispense_prescription_id",
        "inventory_dispense",
        "doctors_prescription",
        ["prescription_id"],
        ["id"],
    ),
    (
        "fk_inventory_dispenseline_prescription_item_id",
        "inventory_dispenseline",
        "doctors_prescriptionitem",
        ["prescription_item_id"],
        ["id"],
    ),
)


def upgrade():
    op.create_table(
        "doctors_specialization",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_doctors_specialization_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_doctors_specialization_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctors_specialization")),
        sa.UniqueConstraint("code", name=op.f("uq_doctors_specialization_code")),
        sa.UniqueConstraint("name", name=op.f("uq_doctors_specialization_name")),
    )
    op.create_table(
        "doctors_doctor",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("license_no", sa.String(length=40), nullable=False),
        sa.Column("license_expiry", sa.Date(), nullable=False),
        sa.Column("license_reminded_days", sa.Integer(), nullable=True),
        sa.Column("specialization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("qualification", sa.String(length=200), nullable=False),
        sa.Column("experience_years", sa.Integer(), nullable=False),
        sa.Column("consultation_fee", portal.types.Money(), nullable=False),
        sa.Column("followup_fee", portal.types.Money(), nullable=False),
        sa.Column("ipd_visit_fee", portal.types.Money(), nullable=False),
        sa.Column("default_slot_minutes", sa.Integer(), nullable=False),
        sa.Column("bio", sa.Text(), nullable=True),
        sa.Column("is_surgeon", sa.Boolean(), nullable=False),
        sa.Column("is_anaesthetist", sa.Boolean(), nullable=False),
        sa.Column("is_radiologist", sa.Boolean(), nullable=False),
        sa.Column("is_pathologist", sa.Boolean(), nullable=False),
        sa.Column("telemedicine", sa.Boolean(), nullable=False),
        sa.Column("status", portal.types.Choice("active", "on_leave", "inactive", name="status"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_doctors_doctor_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_doctors_doctor_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["specialization_id"], ["doctors_specialization.id"], name=op.f("fk_doctors_doctor_specialization_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_doctors_doctor_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_doctors_doctor_updated_by")),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_doctors_doctor_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctors_doctor")),
        sa.UniqueConstraint("license_no", name=op.f("uq_doctors_doctor_license_no")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_doctors_doctor_staff_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_doctors_doctor_user_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_doctors_doctor_uuid")),
    )
    op.create_index("ix_doctors_doctor_department_status", "doctors_doctor", ["department_id", "status"], unique=False)
    op.create_index(op.f("ix_doctors_doctor_specialization_id"), "doctors_doctor", ["specialization_id"], unique=False)
    op.create_table(
        "doctors_orderset",
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_doctors_orderset_created_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["doctors_doctor.id"], name=op.f("fk_doctors_orderset_owner_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_doctors_orderset_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctors_orderset")),
    )
    op.create_index(op.f("ix_doctors_orderset_owner_id"), "doctors_orderset", ["owner_id"], unique=False)
    op.create_table(
        "doctors_prescription",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", portal.types.Choice("outpatient", "inpatient", "discharge", name="kind"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice(
                "draft", "active", "partially_dispensed", "completed", "stopped", "cancelled", name="status"
            ),
            nullable=False,
        ),
        sa.Column("prescribed_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_doctors_prescription_created_by")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_doctors_prescription_doctor_id")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_doctors_prescription_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name=op.f("fk_doctors_prescription_patient_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_doctors_prescription_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_doctors_prescription_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctors_prescription")),
        sa.UniqueConstraint("number", name=op.f("uq_doctors_prescription_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_doctors_prescription_uuid")),
    )
    op.create_index(op.f("ix_doctors_prescription_doctor_id"), "doctors_prescription", ["doctor_id"], unique=False)
    op.create_index(
        op.f("ix_doctors_prescription_encounter_id"), "doctors_prescription", ["encounter_id"], unique=False
    )
    op.create_index(op.f("ix_doctors_prescription_patient_id"), "doctors_prescription", ["patient_id"], unique=False)
    op.create_index(
        "ix_doctors_prescription_status_prescribed", "doctors_prescription", ["status", "prescribed_at"], unique=False
    )
    op.create_table(
        "doctors_referral",
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("external_name", sa.String(length=160), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("urgency", portal.types.Choice("routine", "urgent", "emergency", name="urgency"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("requested", "accepted", "declined", "completed", name="status"),
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
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_doctors_referral_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_doctors_referral_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_doctor_id"], ["doctors_doctor.id"], name=op.f("fk_doctors_referral_from_doctor_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_doctors_referral_patient_id")),
        sa.ForeignKeyConstraint(
            ["to_department_id"], ["staff_department.id"], name=op.f("fk_doctors_referral_to_department_id")
        ),
        sa.ForeignKeyConstraint(["to_doctor_id"], ["doctors_doctor.id"], name=op.f("fk_doctors_referral_to_doctor_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_doctors_referral_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_doctors_referral_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctors_referral")),
    )
    op.create_index(op.f("ix_doctors_referral_encounter_id"), "doctors_referral", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_doctors_referral_from_doctor_id"), "doctors_referral", ["from_doctor_id"], unique=False)
    op.create_index(op.f("ix_doctors_referral_patient_id"), "doctors_referral", ["patient_id"], unique=False)
    op.create_index(
        op.f("ix_doctors_referral_to_department_id"), "doctors_referral", ["to_department_id"], unique=False
    )
    op.create_index(op.f("ix_doctors_referral_to_doctor_id"), "doctors_referral", ["to_doctor_id"], unique=False)
    op.create_table(
        "doctors_prescriptionitem",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("prescription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("drug_text", sa.String(length=200), nullable=False),
        sa.Column("dose", portal.types.Qty(), nullable=False),
        sa.Column("dose_unit", sa.String(length=20), nullable=False),
        sa.Column(
            "route",
            portal.types.Choice("oral", "iv", "im", "sc", "topical", "inhaled", "rectal", "other", name="route"),
            nullable=False,
        ),
        sa.Column(
            "frequency",
            portal.types.Choice(
                "od", "bd", "tds", "qds", "q4h", "q6h", "q8h", "stat", "prn", "custom", name="frequency"
            ),
            nullable=False,
        ),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("duration_days", sa.Integer(), nullable=True),
        sa.Column("quantity", portal.types.Qty(), nullable=False),
        sa.Column("is_prn", sa.Boolean(), nullable=False),
        sa.Column("start_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("stop_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column(
            "status", portal.types.Choice("active", "completed", "stopped", "cancelled", name="status"), nullable=False
        ),
        sa.Column("dispensed_qty", portal.types.Qty(), nullable=False),
        sa.Column("allergy_override_reason", sa.String(length=300), nullable=True),
        sa.Column("active_key", sa.String(length=60), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("dispensed_qty <= quantity", name=op.f("ck_doctors_prescriptionitem_dispensed_qty")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_doctors_prescriptionitem_created_by")),
        sa.ForeignKeyConstraint(["item_id"], ["inventory_item.id"], name=op.f("fk_doctors_prescriptionitem_item_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["doctors_prescription.id"], name=op.f("fk_doctors_prescriptionitem_prescription_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_doctors_prescriptionitem_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_doctors_prescriptionitem_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctors_prescriptionitem")),
        sa.UniqueConstraint("active_key", name=op.f("uq_doctors_prescriptionitem_active_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_doctors_prescriptionitem_uuid")),
    )
    op.create_index(op.f("ix_doctors_prescriptionitem_item_id"), "doctors_prescriptionitem", ["item_id"], unique=False)
    op.create_index(
        op.f("ix_doctors_prescriptionitem_prescription_id"),
        "doctors_prescriptionitem",
        ["prescription_id"],
        unique=False,
    )

    add_late_foreign_keys(LATE)


def downgrade():
    op.drop_index(op.f("ix_doctors_prescriptionitem_prescription_id"), table_name="doctors_prescriptionitem")
    op.drop_index(op.f("ix_doctors_prescriptionitem_item_id"), table_name="doctors_prescriptionitem")
    op.drop_table("doctors_prescriptionitem")
    op.drop_index(op.f("ix_doctors_referral_to_doctor_id"), table_name="doctors_referral")
    op.drop_index(op.f("ix_doctors_referral_to_department_id"), table_name="doctors_referral")
    op.drop_index(op.f("ix_doctors_referral_patient_id"), table_name="doctors_referral")
    op.drop_index(op.f("ix_doctors_referral_from_doctor_id"), table_name="doctors_referral")
    op.drop_index(op.f("ix_doctors_referral_encounter_id"), table_name="doctors_referral")
    op.drop_table("doctors_referral")
    op.drop_index("ix_doctors_prescription_status_prescribed", table_name="doctors_prescription")
    op.drop_index(op.f("ix_doctors_prescription_patient_id"), table_name="doctors_prescription")
    op.drop_index(op.f("ix_doctors_prescription_encounter_id"), table_name="doctors_prescription")
    op.drop_index(op.f("ix_doctors_prescription_doctor_id"), table_name="doctors_prescription")
    op.drop_table("doctors_prescription")
    op.drop_index(op.f("ix_doctors_orderset_owner_id"), table_name="doctors_orderset")
    op.drop_table("doctors_orderset")
    op.drop_index(op.f("ix_doctors_doctor_specialization_id"), table_name="doctors_doctor")
    op.drop_index("ix_doctors_doctor_department_status", table_name="doctors_doctor")
    op.drop_table("doctors_doctor")
    op.drop_table("doctors_specialization")
