"""Inpatients: from the request for a bed to the signed discharge."""

import sqlalchemy as sa
from alembic import op

import portal.types
from portal.migrations import add_late_foreign_keys

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LATE = (
    ("fk_nurses_handover_admission_id", "nurses_handover", "ipd_admission", ["admission_id"], ["id"]),
    ("fk_nurses_assignedpatient_admission_id", "nurses_assignedpatient", "ipd_admission", ["admission_id"], ["id"]),
    ("fk_rooms_bedallocation_admission_id", "rooms_bedallocation", "ipd_admission", ["admission_id"], ["id"]),
)


def upgrade():
    op.create_table(
        "ipd_admission",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "source",
            portal.types.Choice("opd", "emergency", "direct", "transfer_in", "newborn", name="source"),
            nullable=False,
        ),
        sa.Column("requested_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attending_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ward_wanted_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("priority", portal.types.Choice("routine", "urgent", "emergency", name="priority"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("provisional_dx", sa.String(length=300), nullable=False),
        sa.Column("expected_days", sa.Integer(), nullable=True),
        sa.Column("diet", sa.String(length=120), nullable=True),
        sa.Column("code_status", portal.types.Choice("full", "dnr", "limited", name="code_status"), nullable=True),
        sa.Column(
            "isolation",
            portal.types.Choice("contact", "droplet", "airborne", "protective", name="isolation"),
            nullable=True,
        ),
        sa.Column(
            "status",
            portal.types.Choice(
                "requested", "waiting_bed", "admitted", "discharge_ordered", "discharged", "cancelled", name="status"
            ),
            nullable=False,
        ),
        sa.Column("requested_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("admitted_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("expected_discharge_on", sa.Date(), nullable=True),
        sa.Column("discharge_ordered_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("discharged_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column(
            "disposition",
            portal.types.Choice(
                "home", "other_facility", "against_advice", "absconded", "deceased", "other", name="disposition"
            ),
            nullable=True,
        ),
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
        sa.ForeignKeyConstraint(["attending_id"], ["doctors_doctor.id"], name=op.f("fk_ipd_admission_attending_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_ipd_admission_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_ipd_admission_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_ipd_admission_encounter_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_ipd_admission_patient_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["doctors_doctor.id"], name=op.f("fk_ipd_admission_requested_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_ipd_admission_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_ipd_admission_voided_by")),
        sa.ForeignKeyConstraint(["ward_wanted_id"], ["rooms_ward.id"], name=op.f("fk_ipd_admission_ward_wanted_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ipd_admission")),
        sa.UniqueConstraint("active_key", name=op.f("uq_ipd_admission_active_key")),
        sa.UniqueConstraint("encounter_id", name=op.f("uq_ipd_admission_encounter_id")),
        sa.UniqueConstraint("number", name=op.f("uq_ipd_admission_number")),
    )
    op.create_index(op.f("ix_ipd_admission_attending_id"), "ipd_admission", ["attending_id"], unique=False)
    op.create_index(op.f("ix_ipd_admission_department_id"), "ipd_admission", ["department_id"], unique=False)
    op.create_index(op.f("ix_ipd_admission_discharged_at"), "ipd_admission", ["discharged_at"], unique=False)
    op.create_index(op.f("ix_ipd_admission_patient_id"), "ipd_admission", ["patient_id"], unique=False)
    op.create_index(op.f("ix_ipd_admission_requested_by"), "ipd_admission", ["requested_by"], unique=False)
    op.create_index("ix_ipd_admission_status_department", "ipd_admission", ["status", "department_id"], unique=False)
    op.create_index(op.f("ix_ipd_admission_ward_wanted_id"), "ipd_admission", ["ward_wanted_id"], unique=False)
    op.create_table(
        "ipd_careteam",
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("from_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("to_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["admission_id"], ["ipd_admission.id"], name=op.f("fk_ipd_careteam_admission_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_ipd_careteam_created_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_staff.id"], name=op.f("fk_ipd_careteam_staff_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_ipd_careteam_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ipd_careteam")),
    )
    op.create_index(op.f("ix_ipd_careteam_admission_id"), "ipd_careteam", ["admission_id"], unique=False)
    op.create_index(op.f("ix_ipd_careteam_staff_id"), "ipd_careteam", ["staff_id"], unique=False)
    op.create_table(
        "ipd_clearance",
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            portal.types.Choice("medical", "nursing", "pharmacy", "laboratory", "billing", name="kind"),
            nullable=False,
        ),
        sa.Column("status", portal.types.Choice("pending", "cleared", "waived", name="status"), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["admission_id"], ["ipd_admission.id"], name=op.f("fk_ipd_clearance_admission_id")),
        sa.ForeignKeyConstraint(["by"], ["auth_user.id"], name=op.f("fk_ipd_clearance_by")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_ipd_clearance_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_ipd_clearance_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ipd_clearance")),
        sa.UniqueConstraint("admission_id", "kind", name=op.f("uq_ipd_clearance_admission_id_kind")),
    )
    op.create_index(op.f("ix_ipd_clearance_by"), "ipd_clearance", ["by"], unique=False)
    op.create_table(
        "ipd_dietorder",
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("diet", sa.String(length=120), nullable=False),
        sa.Column("from_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("to_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["admission_id"], ["ipd_admission.id"], name=op.f("fk_ipd_dietorder_admission_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_ipd_dietorder_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_ipd_dietorder_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ipd_dietorder")),
    )
    op.create_index(op.f("ix_ipd_dietorder_admission_id"), "ipd_dietorder", ["admission_id"], unique=False)
    op.create_table(
        "ipd_dischargesummary",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("diagnoses", sa.Text(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("procedures", sa.Text(), nullable=False),
        sa.Column("key_results", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("followup_on", sa.Date(), nullable=True),
        sa.Column("prescription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
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
        sa.ForeignKeyConstraint(
            ["admission_id"], ["ipd_admission.id"], name=op.f("fk_ipd_dischargesummary_admission_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_ipd_dischargesummary_created_by")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["doctors_prescription.id"], name=op.f("fk_ipd_dischargesummary_prescription_id")
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["auth_user.id"], name=op.f("fk_ipd_dischargesummary_signed_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_ipd_dischargesummary_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_ipd_dischargesummary_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ipd_dischargesummary")),
        sa.UniqueConstraint("admission_id", name=op.f("uq_ipd_dischargesummary_admission_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_ipd_dischargesummary_uuid")),
    )
    op.create_index(
        op.f("ix_ipd_dischargesummary_prescription_id"), "ipd_dischargesummary", ["prescription_id"], unique=False
    )
    op.create_index(op.f("ix_ipd_dischargesummary_signed_by"), "ipd_dischargesummary", ["signed_by"], unique=False)
    op.create_table(
        "ipd_round",
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("subjective", sa.Text(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
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
        sa.ForeignKeyConstraint(["admission_id"], ["ipd_admission.id"], name=op.f("fk_ipd_round_admission_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_ipd_round_created_by")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_ipd_round_doctor_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_ipd_round_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_ipd_round_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ipd_round")),
    )
    op.create_index(op.f("ix_ipd_round_admission_id"), "ipd_round", ["admission_id"], unique=False)
    op.create_index(op.f("ix_ipd_round_doctor_id"), "ipd_round", ["doctor_id"], unique=False)

    add_late_foreign_keys(LATE)


def downgrade():
    op.drop_index(op.f("ix_ipd_round_doctor_id"), table_name="ipd_round")
    op.drop_index(op.f("ix_ipd_round_admission_id"), table_name="ipd_round")
    op.drop_table("ipd_round")
    op.drop_index(op.f("ix_ipd_dischargesummary_signed_by"), table_name="ipd_dischargesummary")
    op.drop_index(op.f("ix_ipd_dischargesummary_prescription_id"), table_name="ipd_dischargesummary")
    op.drop_table("ipd_dischargesummary")
    op.drop_index(op.f("ix_ipd_dietorder_admission_id"), table_name="ipd_dietorder")
    op.drop_table("ipd_dietorder")
    op.drop_index(op.f("ix_ipd_clearance_by"), table_name="ipd_clearance")
    op.drop_table("ipd_clearance")
    op.drop_index(op.f("ix_ipd_careteam_staff_id"), table_name="ipd_careteam")
    op.drop_index(op.f("ix_ipd_careteam_admission_id"), table_name="ipd_careteam")
    op.drop_table("ipd_careteam")
    op.drop_index(op.f("ix_ipd_admission_ward_wanted_id"), table_name="ipd_admission")
    op.drop_index("ix_ipd_admission_status_department", table_name="ipd_admission")
    op.drop_index(op.f("ix_ipd_admission_requested_by"), table_name="ipd_admission")
    op.drop_index(op.f("ix_ipd_admission_patient_id"), table_name="ipd_admission")
    op.drop_index(op.f("ix_ipd_admission_discharged_at"), table_name="ipd_admission")
    op.drop_index(op.f("ix_ipd_admission_department_id"), table_name="ipd_admission")
    op.drop_index(op.f("ix_ipd_admission_attending_id"), table_name="ipd_admission")
    op.drop_table("ipd_admission")
