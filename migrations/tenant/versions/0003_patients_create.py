"""Patients: who is known to the hospital."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "patients_patient",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("mrn", sa.String(length=20), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("middle_name", sa.String(length=80), nullable=True),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("name_search", sa.String(length=300), nullable=False),
        sa.Column(
            "sex",
            portal.types.Choice(
                "male",
                "female",
                "other",
                "unknown",
                name="sex",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
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
            portal.types.Choice(
                "A+",
                "A-",
                "B+",
                "B-",
                "AB+",
                "AB-",
                "O+",
                "O-",
                "unknown",
                name="blood_group",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("marital_status", sa.String(length=20), nullable=True),
        sa.Column("occupation", sa.String(length=80), nullable=True),
        sa.Column("language", sa.String(length=40), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice(
                "active",
                "inactive",
                "deceased",
                "merged",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("deceased_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_temporary", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_patients_patient_merged_into")
        ),
        sa.CheckConstraint(
            "deceased_at IS NULL OR birth_date IS NULL OR date(deceased_at) >= birth_date",
            name=op.f("ck_patients_patient_deceased"),
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
    with op.batch_alter_table("patients_patient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patients_patient_birth_date"), ["birth_date"], unique=False)
        batch_op.create_index("ix_patients_patient_created_at", ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_patients_patient_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_patients_patient_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_patients_patient_name_search"), ["name_search"], unique=False)
        batch_op.create_index(batch_op.f("ix_patients_patient_phone_search"), ["phone_search"], unique=False)
        batch_op.create_index(batch_op.f("ix_patients_patient_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_patients_patient_updated_by"), ["updated_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_patients_patient_voided_by"), ["voided_by"], unique=False)


def downgrade():
    with op.batch_alter_table("patients_patient", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_patients_patient_voided_by"))
        batch_op.drop_index(batch_op.f("ix_patients_patient_updated_by"))
        batch_op.drop_index(batch_op.f("ix_patients_patient_status"))
        batch_op.drop_index(batch_op.f("ix_patients_patient_phone_search"))
        batch_op.drop_index(batch_op.f("ix_patients_patient_name_search"))
        batch_op.drop_index(batch_op.f("ix_patients_patient_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_patients_patient_created_by"))
        batch_op.drop_index("ix_patients_patient_created_at")
        batch_op.drop_index(batch_op.f("ix_patients_patient_birth_date"))

    op.drop_table("patients_patient")
