"""Emergency: who came, how urgent it is, and what became of them."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "emergency_ambulance",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("crew", sa.String(length=200), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice(
                "available", "dispatched", "on_scene", "to_hospital", "at_hospital", "out_of_service", name="status"
            ),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_emergency_ambulance_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_emergency_ambulance_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_ambulance")),
        sa.UniqueConstraint("code", name=op.f("uq_emergency_ambulance_code")),
    )
    op.create_table(
        "emergency_visit",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arrived_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column(
            "arrival_mode",
            portal.types.Choice("walk_in", "ambulance", "police", "referral", "other", name="arrival_mode"),
            nullable=False,
        ),
        sa.Column("complaint", sa.String(length=300), nullable=False),
        sa.Column("is_medicolegal", sa.Boolean(), nullable=False),
        sa.Column("mlc_no", sa.String(length=40), nullable=True),
        sa.Column("triage_level", sa.Integer(), nullable=True),
        sa.Column("triaged_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("seen_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("breached_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("doctor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("bed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice(
                "arrived",
                "triaged",
                "in_treatment",
                "observation",
                "awaiting_bed",
                "departed",
                "left_without_being_seen",
                "deceased",
                name="status",
            ),
            nullable=False,
        ),
        sa.Column(
            "disposition",
            portal.types.Choice(
                "discharged",
                "admitted",
                "transferred",
                "left_without_being_seen",
                "left_against_advice",
                "deceased",
                name="disposition",
            ),
            nullable=True,
        ),
        sa.Column("disposition_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("departed_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("triage_level BETWEEN 1 AND 5", name=op.f("ck_emergency_visit_triage_level")),
        sa.ForeignKeyConstraint(["bed_id"], ["rooms_bed.id"], name=op.f("fk_emergency_visit_bed_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_emergency_visit_created_by")),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors_doctor.id"], name=op.f("fk_emergency_visit_doctor_id")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_emergency_visit_encounter_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_emergency_visit_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_emergency_visit_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_emergency_visit_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_visit")),
        sa.UniqueConstraint("encounter_id", name=op.f("uq_emergency_visit_encounter_id")),
        sa.UniqueConstraint("mlc_no", name=op.f("uq_emergency_visit_mlc_no")),
        sa.UniqueConstraint("number", name=op.f("uq_emergency_visit_number")),
    )
    op.create_index(op.f("ix_emergency_visit_bed_id"), "emergency_visit", ["bed_id"], unique=False)
    op.create_index(op.f("ix_emergency_visit_doctor_id"), "emergency_visit", ["doctor_id"], unique=False)
    op.create_index(op.f("ix_emergency_visit_patient_id"), "emergency_visit", ["patient_id"], unique=False)
    op.create_index(
        "ix_emergency_visit_status_level", "emergency_visit", ["status", "triage_level", "arrived_at"], unique=False
    )
    op.create_table(
        "emergency_note",
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["auth_user.id"], name=op.f("fk_emergency_note_author_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_emergency_note_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_emergency_note_updated_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["emergency_visit.id"], name=op.f("fk_emergency_note_visit_id")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_emergency_note_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_note")),
    )
    op.create_index(op.f("ix_emergency_note_author_id"), "emergency_note", ["author_id"], unique=False)
    op.create_index(op.f("ix_emergency_note_visit_id"), "emergency_note", ["visit_id"], unique=False)
    op.create_table(
        "emergency_triage",
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("triaged_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("triaged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vital_sign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("discriminator", sa.String(length=200), nullable=True),
        sa.Column("pain", sa.Integer(), nullable=True),
        sa.Column("is_retriage", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_emergency_triage_level")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_emergency_triage_created_by")),
        sa.ForeignKeyConstraint(["triaged_by"], ["nurses_nurse.id"], name=op.f("fk_emergency_triage_triaged_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_emergency_triage_updated_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["emergency_visit.id"], name=op.f("fk_emergency_triage_visit_id")),
        sa.ForeignKeyConstraint(
            ["vital_sign_id"], ["nurses_vitalsign.id"], name=op.f("fk_emergency_triage_vital_sign_id")
        ),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_emergency_triage_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_triage")),
    )
    op.create_index(op.f("ix_emergency_triage_triaged_by"), "emergency_triage", ["triaged_by"], unique=False)
    op.create_index(op.f("ix_emergency_triage_visit_id"), "emergency_triage", ["visit_id"], unique=False)
    op.create_index(op.f("ix_emergency_triage_vital_sign_id"), "emergency_triage", ["vital_sign_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_emergency_triage_vital_sign_id"), table_name="emergency_triage")
    op.drop_index(op.f("ix_emergency_triage_visit_id"), table_name="emergency_triage")
    op.drop_index(op.f("ix_emergency_triage_triaged_by"), table_name="emergency_triage")
    op.drop_table("emergency_triage")
    op.drop_index(op.f("ix_emergency_note_visit_id"), table_name="emergency_note")
    op.drop_index(op.f("ix_emergency_note_author_id"), table_name="emergency_note")
    op.drop_table("emergency_note")
    op.drop_index("ix_emergency_visit_status_level", table_name="emergency_visit")
    op.drop_index(op.f("ix_emergency_visit_patient_id"), table_name="emergency_visit")
    op.drop_index(op.f("ix_emergency_visit_doctor_id"), table_name="emergency_visit")
    op.drop_index(op.f("ix_emergency_visit_bed_id"), table_name="emergency_visit")
    op.drop_table("emergency_visit")
    op.drop_table("emergency_ambulance")
