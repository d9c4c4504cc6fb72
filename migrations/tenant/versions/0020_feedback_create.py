"""Feedback: what patients say, complaints, and incidents that staff report."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "feedback_survey",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column(
            "trigger",
            portal.types.Choice(
                "opd_completed", "ipd_discharged", "er_departed", "tele_completed", "manual", name="trigger"
            ),
            nullable=False,
        ),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_feedback_survey_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_feedback_survey_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_survey")),
        sa.UniqueConstraint("code", name=op.f("uq_feedback_survey_code")),
    )
    op.create_table(
        "feedback_incident",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("reported_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("happened_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "category",
            portal.types.Choice(
                "fall", "medication", "equipment", "infection", "identity", "violence", "other", name="category"
            ),
            nullable=False,
        ),
        sa.Column(
            "harm", portal.types.Choice("none", "mild", "moderate", "severe", "death", name="harm"), nullable=False
        ),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column(
            "status", portal.types.Choice("reported", "reviewing", "action", "closed", name="status"), nullable=False
        ),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_feedback_incident_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_feedback_incident_department_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_feedback_incident_patient_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["auth_user.id"], name=op.f("fk_feedback_incident_reported_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_feedback_incident_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_feedback_incident_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_feedback_incident_number")),
    )
    op.create_index(op.f("ix_feedback_incident_department_id"), "feedback_incident", ["department_id"], unique=False)
    op.create_index(op.f("ix_feedback_incident_patient_id"), "feedback_incident", ["patient_id"], unique=False)
    op.create_index(op.f("ix_feedback_incident_reported_by"), "feedback_incident", ["reported_by"], unique=False)
    op.create_table(
        "feedback_invite",
        sa.Column("survey_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("expires_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("used_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_feedback_invite_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_feedback_invite_encounter_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_feedback_invite_patient_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_invite_survey_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_feedback_invite_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_invite")),
        sa.UniqueConstraint("survey_id", "encounter_id", name=op.f("uq_feedback_invite_survey_id_encounter_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feedback_invite_token_hash")),
    )
    op.create_index(op.f("ix_feedback_invite_encounter_id"), "feedback_invite", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_feedback_invite_patient_id"), "feedback_invite", ["patient_id"], unique=False)
    op.create_table(
        "feedback_response",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("invite_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("survey_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("recommend", sa.Integer(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_feedback_response_rating")),
        sa.CheckConstraint("recommend BETWEEN 0 AND 10", name=op.f("ck_feedback_response_recommend")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_feedback_response_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_feedback_response_department_id")
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_feedback_response_doctor_id")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_feedback_response_encounter_id")
        ),
        sa.ForeignKeyConstraint(["invite_id"], ["feedback_invite.id"], name=op.f("fk_feedback_response_invite_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_feedback_response_patient_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["feedback_survey.id"], name=op.f("fk_feedback_response_survey_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_feedback_response_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_response")),
        sa.UniqueConstraint("invite_id", name=op.f("uq_feedback_response_invite_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_feedback_response_uuid")),
    )
    op.create_index(
        "ix_feedback_response_department_submitted_at",
        "feedback_response",
        ["department_id", "submitted_at"],
        unique=False,
    )
    op.create_index(op.f("ix_feedback_response_doctor_id"), "feedback_response", ["doctor_id"], unique=False)
    op.create_index(op.f("ix_feedback_response_encounter_id"), "feedback_response", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_feedback_response_patient_id"), "feedback_response", ["patient_id"], unique=False)
    op.create_index(op.f("ix_feedback_response_survey_id"), "feedback_response", ["survey_id"], unique=False)
    op.create_table(
        "feedback_complaint",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("response_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("enquiry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("severity", portal.types.Choice("low", "medium", "high", name="severity"), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("open", "investigating", "resolved", "closed", "reopened", name="status"),
            nullable=False,
        ),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolved_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_feedback_complaint_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_feedback_complaint_department_id")
        ),
        sa.ForeignKeyConstraint(["enquiry_id"], ["contact_enquiry.id"], name=op.f("fk_feedback_complaint_enquiry_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["auth_user.id"], name=op.f("fk_feedback_complaint_owner_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_feedback_complaint_patient_id")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["feedback_response.id"], name=op.f("fk_feedback_complaint_response_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_feedback_complaint_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_feedback_complaint_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_complaint")),
        sa.UniqueConstraint("number", name=op.f("uq_feedback_complaint_number")),
    )
    op.create_index(op.f("ix_feedback_complaint_department_id"), "feedback_complaint", ["department_id"], unique=False)
    op.create_index(op.f("ix_feedback_complaint_enquiry_id"), "feedback_complaint", ["enquiry_id"], unique=False)
    op.create_index(op.f("ix_feedback_complaint_owner_id"), "feedback_complaint", ["owner_id"], unique=False)
    op.create_index(op.f("ix_feedback_complaint_patient_id"), "feedback_complaint", ["patient_id"], unique=False)
    op.create_index(op.f("ix_feedback_complaint_response_id"), "feedback_complaint", ["response_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_feedback_complaint_response_id"), table_name="feedback_complaint")
    op.drop_index(op.f("ix_feedback_complaint_patient_id"), table_name="feedback_complaint")
    op.drop_index(op.f("ix_feedback_complaint_owner_id"), table_name="feedback_complaint")
    op.drop_index(op.f("ix_feedback_complaint_enquiry_id"), table_name="feedback_complaint")
    op.drop_index(op.f("ix_feedback_complaint_department_id"), table_name="feedback_complaint")
    op.drop_table("feedback_complaint")
    op.drop_index(op.f("ix_feedback_response_survey_id"), table_name="feedback_response")
    op.drop_index(op.f("ix_feedback_response_patient_id"), table_name="feedback_response")
    op.drop_index(op.f("ix_feedback_response_encounter_id"), table_name="feedback_response")
    op.drop_index(op.f("ix_feedback_response_doctor_id"), table_name="feedback_response")
    op.drop_index("ix_feedback_response_department_submitted_at", table_name="feedback_response")
    op.drop_table("feedback_response")
    op.drop_index(op.f("ix_feedback_invite_patient_id"), table_name="feedback_invite")
    op.drop_index(op.f("ix_feedback_invite_encounter_id"), table_name="feedback_invite")
    op.drop_table("feedback_invite")
    op.drop_index(op.f("ix_feedback_incident_reported_by"), table_name="feedback_incident")
    op.drop_index(op.f("ix_feedback_incident_patient_id"), table_name="feedback_incident")
    op.drop_index(op.f("ix_feedback_incident_department_id"), table_name="feedback_incident")
    op.drop_table("feedback_incident")
    op.drop_table("feedback_survey")
