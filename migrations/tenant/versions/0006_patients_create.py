"""Patients: who is known here, and how to find them again."""

import sqlalchemy as sa
from alembic import op

import portal.types
from portal.migrations import add_late_foreign_keys

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LATE = (
    ("fk_billing_invoice_encounter_id", "billing_invoice", "patients_encounter", ["encounter_id"], ["id"]),
    ("fk_billing_invoice_patient_id", "billing_invoice", "patients_patient", ["patient_id"], ["id"]),
    ("fk_billing_claim_insurance_id", "billing_claim", "patients_insurance", ["insurance_id"], ["id"]),
    ("fk_billing_deposit_encounter_id", "billing_deposit", "patients_encounter", ["encounter_id"], ["id"]),
    ("fk_billing_deposit_patient_id", "billing_deposit", "patients_patient", ["patient_id"], ["id"]),
    ("fk_billing_chargeitem_encounter_id", "billing_chargeitem", "patients_encounter", ["encounter_id"], ["id"]),
    ("fk_billing_chargeitem_patient_id", "billing_chargeitem", "patients_patient", ["patient_id"], ["id"]),
    ("fk_billing_payment_patient_id", "billing_payment", "patients_patient", ["patient_id"], ["id"]),
    ("fk_inventory_dispense_encounter_id", "inventory_dispense", "patients_encounter", ["encounter_id"], ["id"]),
    ("fk_inventory_dispense_patient_id", "inventory_dispense", "patients_patient", ["patient_id"], ["id"]),
    ("fk_rooms_bedallocation_encounter_id", "rooms_bedallocation", "patients_encounter", ["encounter_id"], ["id"]),
    ("fk_rooms_bedallocation_patient_id", "rooms_bedallocation", "patients_patient", ["patient_id"], ["id"]),
)


def upgrade():
    op.create_table(
        "patients_patient",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("mrn", sa.String(length=20), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("middle_name", sa.String(length=80), nullable=True),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("name_search", sa.String(length=300), nullable=False),
        sa.Column("sex", portal.types.Choice("male", "female", "other", "unknown", name="sex"), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("birth_date_estimated", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("phone_search", sa.String(length=40), nullable=True),
        sa.Column("phone_alt", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("national_id", sa.String(length=40), nullable=True),
        sa.Column("address_line", sa.String(length=200), nullable=True),
        sa.Column("city", sa.String(length=80), nullable=True),
        sa.Column("district", sa.String(length=80), nullable=True),
        sa.Column("country", sa.String(length=80), nullable=True),
        sa.Column(
            "blood_group",
            portal.types.Choice("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-", "unknown", name="blood_group"),
            nullable=False,
        ),
        sa.Column("marital_status", sa.String(length=20), nullable=True),
        sa.Column("occupation", sa.String(length=80), nullable=True),
        sa.Column("language", sa.String(length=40), nullable=True),
        sa.Column("photo_key", sa.String(length=120), nullable=True),
        sa.Column(
            "allergy_status",
            portal.types.Choice("unknown", "none_known", "recorded", name="allergy_status"),
            nullable=False,
        ),
        sa.Column(
            "status", portal.types.Choice("active", "inactive", "deceased", "merged", name="status"), nullable=False
        ),
        sa.Column("deceased_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_temporary", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_patients_patient_merged_into")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_patient_created_by")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["patients_patient.id"], name=op.f("fk_patients_patient_merged_into_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_patient_updated_by")),
        sa.ForeignKeyConstraint(["user_id"], ["auth_user.id"], name=op.f("fk_patients_patient_user_id")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_patients_patient_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_patient")),
        sa.UniqueConstraint("mrn", name=op.f("uq_patients_patient_mrn")),
        sa.UniqueConstraint("national_id", name=op.f("uq_patients_patient_national_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_patients_patient_user_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_patients_patient_uuid")),
    )
    op.create_index(op.f("ix_patients_patient_birth_date"), "patients_patient", ["birth_date"], unique=False)
    op.create_index("ix_patients_patient_created_at", "patients_patient", ["created_at"], unique=False)
    op.create_index(op.f("ix_patients_patient_merged_into_id"), "patients_patient", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_patients_patient_name_search"), "patients_patient", ["name_search"], unique=False)
    op.create_index(op.f("ix_patients_patient_phone_search"), "patients_patient", ["phone_search"], unique=False)
    op.create_index(op.f("ix_patients_patient_status"), "patients_patient", ["status"], unique=False)
    op.create_table(
        "patients_contact",
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("relation", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("is_emergency", sa.Boolean(), nullable=False),
        sa.Column("is_guardian", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_contact_created_by")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_patients_contact_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_contact_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_contact")),
    )
    op.create_index(op.f("ix_patients_contact_patient_id"), "patients_contact", ["patient_id"], unique=False)
    op.create_table(
        "patients_encounter",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "encounter_class", portal.types.Choice("AMB", "IMP", "EMER", "VR", name="encounter_class"), nullable=False
        ),
        sa.Column(
            "status",
            portal.types.Choice("planned", "arrived", "triaged", "in_progress", "finished", "cancelled", name="status"),
            nullable=False,
        ),
        sa.Column("started_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("ended_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("active_key", sa.String(length=60), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_encounter_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_patients_encounter_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors_doctor.id"], name="fk_patients_encounter_doctor_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["patients_encounter.id"], name=op.f("fk_patients_encounter_parent_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_patients_encounter_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_encounter_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_encounter")),
        sa.UniqueConstraint("active_key", name=op.f("uq_patients_encounter_active_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_patients_encounter_uuid")),
    )
    op.create_index(
        "ix_patients_encounter_class_status",
        "patients_encounter",
        ["encounter_class", "status", "started_at"],
        unique=False,
    )
    op.create_index(op.f("ix_patients_encounter_department_id"), "patients_encounter", ["department_id"], unique=False)
    op.create_index(op.f("ix_patients_encounter_doctor_id"), "patients_encounter", ["doctor_id"], unique=False)
    op.create_index(op.f("ix_patients_encounter_parent_id"), "patients_encounter", ["parent_id"], unique=False)
    op.create_index(
        "ix_patients_encounter_patient_started", "patients_encounter", ["patient_id", "started_at"], unique=False
    )
    op.create_table(
        "patients_identifier",
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            portal.types.Choice("national_id", "passport", "insurance", "old_mrn", "other", name="kind"),
            nullable=False,
        ),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_identifier_created_by")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name=op.f("fk_patients_identifier_patient_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_identifier_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_identifier")),
        sa.UniqueConstraint("kind", "value", name=op.f("uq_patients_identifier_kind_value")),
    )
    op.create_index(op.f("ix_patients_identifier_patient_id"), "patients_identifier", ["patient_id"], unique=False)
    op.create_table(
        "patients_insurance",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("insurer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("policy_no", sa.String(length=60), nullable=False),
        sa.Column("plan", sa.String(length=80), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("coverage_pct", portal.types.Fixed(2), nullable=False),
        sa.Column("copay", portal.types.Money(), nullable=False),
        sa.Column("status", portal.types.Choice("draft", "active", "cancelled", name="status"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_insurance_created_by")),
        sa.ForeignKeyConstraint(["insurer_id"], ["billing_insurer.id"], name=op.f("fk_patients_insurance_insurer_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_patients_insurance_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_insurance_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_insurance")),
        sa.UniqueConstraint(
            "insurer_id", "policy_no", "patient_id", name=op.f("uq_patients_insurance_insurer_id_policy_no_patient_id")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_patients_insurance_uuid")),
    )
    op.create_index(op.f("ix_patients_insurance_patient_id"), "patients_insurance", ["patient_id"], unique=False)
    op.create_table(
        "patients_mergelog",
        sa.Column("kept_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merged_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("moved_counts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_mergelog_created_by")),
        sa.ForeignKeyConstraint(["kept_id"], ["patients_patient.id"], name=op.f("fk_patients_mergelog_kept_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["patients_patient.id"], name=op.f("fk_patients_mergelog_merged_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_mergelog_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_mergelog")),
    )
    op.create_index(op.f("ix_patients_mergelog_kept_id"), "patients_mergelog", ["kept_id"], unique=False)
    op.create_index(op.f("ix_patients_mergelog_merged_id"), "patients_mergelog", ["merged_id"], unique=False)
    op.create_table(
        "patients_consent",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            portal.types.Choice("treatment", "surgery", "anaesthesia", "telemedicine", "data_sharing", name="kind"),
            nullable=False,
        ),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("signed_by_name", sa.String(length=160), nullable=False),
        sa.Column("signed_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
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
            ["attachment_id"], ["core_attachment.id"], name=op.f("fk_patients_consent_attachment_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_consent_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_patients_consent_encounter_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_patients_consent_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_consent_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_patients_consent_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_consent")),
        sa.UniqueConstraint("uuid", name=op.f("uq_patients_consent_uuid")),
    )
    op.create_index(op.f("ix_patients_consent_attachment_id"), "patients_consent", ["attachment_id"], unique=False)
    op.create_index(op.f("ix_patients_consent_encounter_id"), "patients_consent", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_patients_consent_patient_id"), "patients_consent", ["patient_id"], unique=False)
    op.create_table(
        "patients_diagnosis",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column(
            "kind",
            portal.types.Choice("provisional", "differential", "confirmed", "ruled_out", name="kind"),
            nullable=False,
        ),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("diagnosed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("primary_key", sa.String(length=60), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_diagnosis_created_by")),
        sa.ForeignKeyConstraint(
            ["diagnosed_by"], ["doctors_doctor.id"], name="fk_patients_diagnosis_diagnosed_by", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_patients_diagnosis_encounter_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_patients_diagnosis_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_diagnosis_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_patients_diagnosis_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_diagnosis")),
        sa.UniqueConstraint("primary_key", name=op.f("uq_patients_diagnosis_primary_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_patients_diagnosis_uuid")),
    )
    op.create_index(op.f("ix_patients_diagnosis_diagnosed_by"), "patients_diagnosis", ["diagnosed_by"], unique=False)
    op.create_index(op.f("ix_patients_diagnosis_encounter_id"), "patients_diagnosis", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_patients_diagnosis_patient_id"), "patients_diagnosis", ["patient_id"], unique=False)
    op.create_table(
        "patients_medicalhistory",
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "category",
            portal.types.Choice(
                "condition", "surgery", "family", "social", "medication", "immunization", "obstetric", name="category"
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("status", portal.types.Choice("active", "resolved", "inactive", name="status"), nullable=False),
        sa.Column("onset_date", sa.Date(), nullable=True),
        sa.Column("resolved_date", sa.Date(), nullable=True),
        sa.Column("severity", sa.String(length=20), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_medicalhistory_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_patients_medicalhistory_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name=op.f("fk_patients_medicalhistory_patient_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["auth_user.id"], name=op.f("fk_patients_medicalhistory_recorded_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_medicalhistory_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_patients_medicalhistory_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_medicalhistory")),
    )
    op.create_index(
        op.f("ix_patients_medicalhistory_encounter_id"), "patients_medicalhistory", ["encounter_id"], unique=False
    )
    op.create_index(
        "ix_patients_medicalhistory_patient_category",
        "patients_medicalhistory",
        ["patient_id", "category", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_patients_medicalhistory_recorded_by"), "patients_medicalhistory", ["recorded_by"], unique=False
    )
    op.create_table(
        "patients_allergy",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("substance", sa.String(length=120), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "category",
            portal.types.Choice("medication", "food", "environment", "other", name="category"),
            nullable=False,
        ),
        sa.Column("reaction", sa.String(length=200), nullable=False),
        sa.Column("severity", portal.types.Choice("mild", "moderate", "severe", name="severity"), nullable=False),
        sa.Column(
            "criticality", portal.types.Choice("low", "high", "unable_to_assess", name="criticality"), nullable=False
        ),
        sa.Column(
            "status", portal.types.Choice("active", "resolved", "entered_in_error", name="status"), nullable=False
        ),
        sa.Column("active_key", sa.String(length=160), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_patients_allergy_created_by")),
        sa.ForeignKeyConstraint(["item_id"], ["inventory_item.id"], name=op.f("fk_patients_allergy_item_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_patients_allergy_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_patients_allergy_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_patients_allergy_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients_allergy")),
        sa.UniqueConstraint("active_key", name=op.f("uq_patients_allergy_active_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_patients_allergy_uuid")),
    )
    op.create_index(op.f("ix_patients_allergy_item_id"), "patients_allergy", ["item_id"], unique=False)
    op.create_index(op.f("ix_patients_allergy_patient_id"), "patients_allergy", ["patient_id"], unique=False)

    add_late_foreign_keys(LATE)


def downgrade():
    op.drop_index(op.f("ix_patients_allergy_patient_id"), table_name="patients_allergy")
    op.drop_index(op.f("ix_patients_allergy_item_id"), table_name="patients_allergy")
    op.drop_table("patients_allergy")
    op.drop_index(op.f("ix_patients_medicalhistory_recorded_by"), table_name="patients_medicalhistory")
    op.drop_index("ix_patients_medicalhistory_patient_category", table_name="patients_medicalhistory")
    op.drop_index(op.f("ix_patients_medicalhistory_encounter_id"), table_name="patients_medicalhistory")
    op.drop_table("patients_medicalhistory")
    op.drop_index(op.f("ix_patients_diagnosis_patient_id"), table_name="patients_diagnosis")
    op.drop_index(op.f("ix_patients_diagnosis_encounter_id"), table_name="patients_diagnosis")
    op.drop_index(op.f("ix_patients_diagnosis_diagnosed_by"), table_name="patients_diagnosis")
    op.drop_table("patients_diagnosis")
    op.drop_index(op.f("ix_patients_consent_patient_id"), table_name="patients_consent")
    op.drop_index(op.f("ix_patients_consent_encounter_id"), table_name="patients_consent")
    op.drop_index(op.f("ix_patients_consent_attachment_id"), table_name="patients_consent")
    op.drop_table("patients_consent")
    op.drop_index(op.f("ix_patients_mergelog_merged_id"), table_name="patients_mergelog")
    op.drop_index(op.f("ix_patients_mergelog_kept_id"), table_name="patients_mergelog")
    op.drop_table("patients_mergelog")
    op.drop_index(op.f("ix_patients_insurance_patient_id"), table_name="patients_insurance")
    op.drop_table("patients_insurance")
    op.drop_index(op.f("ix_patients_identifier_patient_id"), table_name="patients_identifier")
    op.drop_table("patients_identifier")
    op.drop_index("ix_patients_encounter_patient_started", table_name="patients_encounter")
    op.drop_index(op.f("ix_patients_encounter_parent_id"), table_name="patients_encounter")
    op.drop_index(op.f("ix_patients_encounter_doctor_id"), table_name="patients_encounter")
    op.drop_index(op.f("ix_patients_encounter_department_id"), table_name="patients_encounter")
    op.drop_index("ix_patients_encounter_class_status", table_name="patients_encounter")
    op.drop_table("patients_encounter")
    op.drop_index(op.f("ix_patients_contact_patient_id"), table_name="patients_contact")
    op.drop_table("patients_contact")
    op.drop_index(op.f("ix_patients_patient_status"), table_name="patients_patient")
    op.drop_index(op.f("ix_patients_patient_phone_search"), table_name="patients_patient")
    op.drop_index(op.f("ix_patients_patient_name_search"), table_name="patients_patient")
    op.drop_index(op.f("ix_patients_patient_merged_into_id"), table_name="patients_patient")
    op.drop_index("ix_patients_patient_created_at", table_name="patients_patient")
    op.drop_index(op.f("ix_patients_patient_birth_date"), table_name="patients_patient")
    op.drop_table("patients_patient")
