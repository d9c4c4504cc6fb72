"""Telemedicine: doctor and patient meet by video."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "telemedicine_session",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("appointment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("room_token", sa.String(length=64), nullable=False),
        sa.Column("provider", portal.types.Choice("jitsi", "external_link", "none", name="provider"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice(
                "scheduled", "waiting", "in_progress", "completed", "cancelled", "no_show", "failed", name="status"
            ),
            nullable=False,
        ),
        sa.Column("opens_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("closes_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("patient_joined_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("doctor_joined_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("started_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("ended_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        sa.Column("fallback_phone", sa.String(length=40), nullable=True),
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
            ["appointment_id"], ["appointments_appointment.id"], name=op.f("fk_telemedicine_session_appointment_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_telemedicine_session_created_by")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_telemedicine_session_doctor_id")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_telemedicine_session_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name=op.f("fk_telemedicine_session_patient_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_telemedicine_session_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_telemedicine_session_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telemedicine_session")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_telemedicine_session_appointment_id")),
        sa.UniqueConstraint("encounter_id", name=op.f("uq_telemedicine_session_encounter_id")),
        sa.UniqueConstraint("number", name=op.f("uq_telemedicine_session_number")),
        sa.UniqueConstraint("room_token", name=op.f("uq_telemedicine_session_room_token")),
        sa.UniqueConstraint("uuid", name=op.f("uq_telemedicine_session_uuid")),
    )
    op.create_index(op.f("ix_telemedicine_session_doctor_id"), "telemedicine_session", ["doctor_id"], unique=False)
    op.create_index(op.f("ix_telemedicine_session_patient_id"), "telemedicine_session", ["patient_id"], unique=False)
    op.create_table(
        "telemedicine_invite",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_to", sa.String(length=254), nullable=False),
        sa.Column("expires_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("used_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("revoked_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_telemedicine_invite_created_by")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["telemedicine_session.id"], name=op.f("fk_telemedicine_invite_session_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_telemedicine_invite_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telemedicine_invite")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_telemedicine_invite_token_hash")),
    )
    op.create_index(op.f("ix_telemedicine_invite_session_id"), "telemedicine_invite", ["session_id"], unique=False)
    op.create_table(
        "telemedicine_message",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "sender_kind",
            portal.types.Choice("patient", "doctor", "guest", "interpreter", name="sender_kind"),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
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
            ["attachment_id"], ["core_attachment.id"], name=op.f("fk_telemedicine_message_attachment_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_telemedicine_message_created_by")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["telemedicine_session.id"], name=op.f("fk_telemedicine_message_session_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_telemedicine_message_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_telemedicine_message_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telemedicine_message")),
    )
    op.create_index(
        op.f("ix_telemedicine_message_attachment_id"), "telemedicine_message", ["attachment_id"], unique=False
    )
    op.create_index(op.f("ix_telemedicine_message_session_id"), "telemedicine_message", ["session_id"], unique=False)
    op.create_table(
        "telemedicine_participant",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind", portal.types.Choice("patient", "doctor", "guest", "interpreter", name="kind"), nullable=False
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("joined_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("left_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_telemedicine_participant_created_by")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["telemedicine_session.id"], name=op.f("fk_telemedicine_participant_session_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_telemedicine_participant_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telemedicine_participant")),
    )
    op.create_index(
        op.f("ix_telemedicine_participant_session_id"), "telemedicine_participant", ["session_id"], unique=False
    )


def downgrade():
    op.drop_index(op.f("ix_telemedicine_participant_session_id"), table_name="telemedicine_participant")
    op.drop_table("telemedicine_participant")
    op.drop_index(op.f("ix_telemedicine_message_session_id"), table_name="telemedicine_message")
    op.drop_index(op.f("ix_telemedicine_message_attachment_id"), table_name="telemedicine_message")
    op.drop_table("telemedicine_message")
    op.drop_index(op.f("ix_telemedicine_invite_session_id"), table_name="telemedicine_invite")
    op.drop_table("telemedicine_invite")
    op.drop_index(op.f("ix_telemedicine_session_patient_id"), table_name="telemedicine_session")
    op.drop_index(op.f("ix_telemedicine_session_doctor_id"), table_name="telemedicine_session")
    op.drop_table("telemedicine_session")
