"""Radiology: which exams are asked for, when each device makes them, and what they show."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "radiology_examtype",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", portal.types.Choice("XR", "CT", "MR", "US", "MG", "FL", "NM", name="kind"), nullable=False),
        sa.Column("body_part", sa.String(length=60), nullable=False),
        sa.Column("paired", sa.Boolean(), nullable=False),
        sa.Column("contrast", sa.Boolean(), nullable=False),
        sa.Column("ionising", sa.Boolean(), nullable=False),
        sa.Column("prep", sa.Text(), nullable=True),
        sa.Column("default_minutes", sa.Integer(), nullable=False),
        sa.Column("billing_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["billing_service_id"], ["billing_service.id"], name=op.f("fk_radiology_examtype_billing_service_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_radiology_examtype_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_radiology_examtype_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radiology_examtype")),
        sa.UniqueConstraint("code", name=op.f("uq_radiology_examtype_code")),
    )
    op.create_index(
        op.f("ix_radiology_examtype_billing_service_id"), "radiology_examtype", ["billing_service_id"], unique=False
    )
    op.create_table(
        "radiology_modality",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("kind", portal.types.Choice("XR", "CT", "MR", "US", "MG", "FL", "NM", name="kind"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ae_title", sa.String(length=16), nullable=True),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_radiology_modality_created_by")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms_room.id"], name=op.f("fk_radiology_modality_room_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_radiology_modality_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radiology_modality")),
        sa.UniqueConstraint("code", name=op.f("uq_radiology_modality_code")),
    )
    op.create_index(op.f("ix_radiology_modality_room_id"), "radiology_modality", ["room_id"], unique=False)
    op.create_table(
        "radiology_reporttemplate",
        sa.Column("exam_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("impression", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_radiology_reporttemplate_created_by")),
        sa.ForeignKeyConstraint(
            ["exam_type_id"], ["radiology_examtype.id"], name=op.f("fk_radiology_reporttemplate_exam_type_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_radiology_reporttemplate_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radiology_reporttemplate")),
    )
    op.create_index(
        op.f("ix_radiology_reporttemplate_exam_type_id"), "radiology_reporttemplate", ["exam_type_id"], unique=False
    )
    op.create_table(
        "radiology_order",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("accession_no", sa.String(length=20), nullable=True),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exam_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ordered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("priority", portal.types.Choice("routine", "urgent", "stat", name="priority"), nullable=False),
        sa.Column("indication", sa.Text(), nullable=False),
        sa.Column(
            "laterality", portal.types.Choice("none", "left", "right", "bilateral", name="laterality"), nullable=False
        ),
        sa.Column(
            "pregnancy",
            portal.types.Choice("not_applicable", "no", "possible", "yes", name="pregnancy"),
            nullable=False,
        ),
        sa.Column("contrast_ok_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("modality_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scheduled_start", portal.types.UTCDateTime(), nullable=True),
        sa.Column("scheduled_end", portal.types.UTCDateTime(), nullable=True),
        sa.Column("arrived_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("started_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("performed_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("performed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice(
                "requested",
                "scheduled",
                "arrived",
                "in_progress",
                "performed",
                "reported",
                "verified",
                "amended",
                "cancelled",
                name="status",
            ),
            nullable=False,
        ),
        sa.Column("cancel_reason", sa.String(length=200), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contrast_ok_by"], ["auth_user.id"], name=op.f("fk_radiology_order_contrast_ok_by")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_radiology_order_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_radiology_order_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["exam_type_id"], ["radiology_examtype.id"], name=op.f("fk_radiology_order_exam_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["modality_id"], ["radiology_modality.id"], name=op.f("fk_radiology_order_modality_id")
        ),
        sa.ForeignKeyConstraint(["ordered_by"], ["doctors_doctor.id"], name=op.f("fk_radiology_order_ordered_by")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_radiology_order_patient_id")),
        sa.ForeignKeyConstraint(["performed_by"], ["auth_user.id"], name=op.f("fk_radiology_order_performed_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_radiology_order_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_radiology_order_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radiology_order")),
        sa.UniqueConstraint("accession_no", name=op.f("uq_radiology_order_accession_no")),
        sa.UniqueConstraint("number", name=op.f("uq_radiology_order_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_radiology_order_uuid")),
    )
    op.create_index(op.f("ix_radiology_order_contrast_ok_by"), "radiology_order", ["contrast_ok_by"], unique=False)
    op.create_index(op.f("ix_radiology_order_encounter_id"), "radiology_order", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_radiology_order_exam_type_id"), "radiology_order", ["exam_type_id"], unique=False)
    op.create_index(
        "ix_radiology_order_modality_scheduled_start",
        "radiology_order",
        ["modality_id", "scheduled_start"],
        unique=False,
    )
    op.create_index(op.f("ix_radiology_order_ordered_by"), "radiology_order", ["ordered_by"], unique=False)
    op.create_index(op.f("ix_radiology_order_patient_id"), "radiology_order", ["patient_id"], unique=False)
    op.create_index(op.f("ix_radiology_order_performed_by"), "radiology_order", ["performed_by"], unique=False)
    op.create_index("ix_radiology_order_status_priority", "radiology_order", ["status", "priority"], unique=False)
    op.create_table(
        "radiology_report",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column(
            "status", portal.types.Choice("draft", "preliminary", "final", "amended", name="status"), nullable=False
        ),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("impression", sa.Text(), nullable=False),
        sa.Column("is_critical", sa.Boolean(), nullable=False),
        sa.Column("reported_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signed_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("current_key", sa.String(length=60), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_radiology_report_created_by")),
        sa.ForeignKeyConstraint(["order_id"], ["radiology_order.id"], name=op.f("fk_radiology_report_order_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["doctors_doctor.id"], name=op.f("fk_radiology_report_reported_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_radiology_report_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_radiology_report_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radiology_report")),
        sa.UniqueConstraint("current_key", name=op.f("uq_radiology_report_current_key")),
        sa.UniqueConstraint("order_id", "version_no", name=op.f("uq_radiology_report_order_id_version_no")),
        sa.UniqueConstraint("uuid", name=op.f("uq_radiology_report_uuid")),
    )
    op.create_index(op.f("ix_radiology_report_reported_by"), "radiology_report", ["reported_by"], unique=False)
    op.create_table(
        "radiology_study",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("study_uid", sa.String(length=64), nullable=False),
        sa.Column("performed_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("image_count", sa.Integer(), nullable=False),
        sa.Column("dose_note", sa.String(length=200), nullable=True),
        sa.Column("viewer_url", sa.String(length=300), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_radiology_study_created_by")),
        sa.ForeignKeyConstraint(["order_id"], ["radiology_order.id"], name=op.f("fk_radiology_study_order_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_radiology_study_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radiology_study")),
        sa.UniqueConstraint("order_id", name=op.f("uq_radiology_study_order_id")),
        sa.UniqueConstraint("study_uid", name=op.f("uq_radiology_study_study_uid")),
        sa.UniqueConstraint("uuid", name=op.f("uq_radiology_study_uuid")),
    )
    op.create_table(
        "radiology_criticalalert",
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("raised_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("notified_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("acknowledged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("acknowledged_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("readback", sa.String(length=300), nullable=True),
        sa.Column("escalated_at", portal.types.UTCDateTime(), nullable=True),
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
            ["acknowledged_by"], ["auth_user.id"], name=op.f("fk_radiology_criticalalert_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_radiology_criticalalert_created_by")),
        sa.ForeignKeyConstraint(
            ["notified_to_id"], ["auth_user.id"], name=op.f("fk_radiology_criticalalert_notified_to_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["radiology_report.id"], name=op.f("fk_radiology_criticalalert_report_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_radiology_criticalalert_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_radiology_criticalalert_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radiology_criticalalert")),
        sa.UniqueConstraint("report_id", name=op.f("uq_radiology_criticalalert_report_id")),
    )
    op.create_index(
        op.f("ix_radiology_criticalalert_acknowledged_at"), "radiology_criticalalert", ["acknowledged_at"], unique=False
    )
    op.create_index(
        op.f("ix_radiology_criticalalert_acknowledged_by"), "radiology_criticalalert", ["acknowledged_by"], unique=False
    )
    op.create_index(
        op.f("ix_radiology_criticalalert_notified_to_id"), "radiology_criticalalert", ["notified_to_id"], unique=False
    )
    op.create_table(
        "radiology_image",
        sa.Column("study_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caption", sa.String(length=200), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["core_attachment.id"], name=op.f("fk_radiology_image_attachment_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_radiology_image_created_by")),
        sa.ForeignKeyConstraint(["study_id"], ["radiology_study.id"], name=op.f("fk_radiology_image_study_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_radiology_image_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_radiology_image")),
    )
    op.create_index(op.f("ix_radiology_image_attachment_id"), "radiology_image", ["attachment_id"], unique=False)
    op.create_index(op.f("ix_radiology_image_study_id"), "radiology_image", ["study_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_radiology_image_study_id"), table_name="radiology_image")
    op.drop_index(op.f("ix_radiology_image_attachment_id"), table_name="radiology_image")
    op.drop_table("radiology_image")
    op.drop_index(op.f("ix_radiology_criticalalert_notified_to_id"), table_name="radiology_criticalalert")
    op.drop_index(op.f("ix_radiology_criticalalert_acknowledged_by"), table_name="radiology_criticalalert")
    op.drop_index(op.f("ix_radiology_criticalalert_acknowledged_at"), table_name="radiology_criticalalert")
    op.drop_table("radiology_criticalalert")
    op.drop_table("radiology_study")
    op.drop_index(op.f("ix_radiology_report_reported_by"), table_name="radiology_report")
    op.drop_table("radiology_report")
    op.drop_index("ix_radiology_order_status_priority", table_name="radiology_order")
    op.drop_index(op.f("ix_radiology_order_performed_by"), table_name="radiology_order")
    op.drop_index(op.f("ix_radiology_order_patient_id"), table_name="radiology_order")
    op.drop_index(op.f("ix_radiology_order_ordered_by"), table_name="radiology_order")
    op.drop_index("ix_radiology_order_modality_scheduled_start", table_name="radiology_order")
    op.drop_index(op.f("ix_radiology_order_exam_type_id"), table_name="radiology_order")
    op.drop_index(op.f("ix_radiology_order_encounter_id"), table_name="radiology_order")
    op.drop_index(op.f("ix_radiology_order_contrast_ok_by"), table_name="radiology_order")
    op.drop_table("radiology_order")
    op.drop_index(op.f("ix_radiology_reporttemplate_exam_type_id"), table_name="radiology_reporttemplate")
    op.drop_table("radiology_reporttemplate")
    op.drop_index(op.f("ix_radiology_modality_room_id"), table_name="radiology_modality")
    op.drop_table("radiology_modality")
    op.drop_index(op.f("ix_radiology_examtype_billing_service_id"), table_name="radiology_examtype")
    op.drop_table("radiology_examtype")
