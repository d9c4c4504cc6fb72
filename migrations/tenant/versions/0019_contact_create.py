"""Contact: how to reach the hospital, and what people asked it."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "contact_channel",
        sa.Column(
            "kind",
            portal.types.Choice("phone", "email", "address", "map", "emergency", "hours", name="kind"),
            nullable=False,
        ),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_contact_channel_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_contact_channel_department_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_contact_channel_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_channel")),
    )
    op.create_index(op.f("ix_contact_channel_department_id"), "contact_channel", ["department_id"], unique=False)
    op.create_table(
        "contact_enquiry",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "category",
            portal.types.Choice("general", "appointment", "billing", "complaint", "records", "other", name="category"),
            nullable=False,
        ),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice("new", "assigned", "answered", "closed", "reopened", "spam", name="status"),
            nullable=False,
        ),
        sa.Column("assigned_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("first_reply_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("closed_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("source_ip_hash", sa.String(length=64), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assigned_to_id"], ["auth_user.id"], name=op.f("fk_contact_enquiry_assigned_to_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_contact_enquiry_created_by")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_contact_enquiry_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_contact_enquiry_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_contact_enquiry_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_enquiry")),
        sa.UniqueConstraint("number", name=op.f("uq_contact_enquiry_number")),
    )
    op.create_index(op.f("ix_contact_enquiry_assigned_to_id"), "contact_enquiry", ["assigned_to_id"], unique=False)
    op.create_index(op.f("ix_contact_enquiry_patient_id"), "contact_enquiry", ["patient_id"], unique=False)
    op.create_table(
        "contact_reply",
        sa.Column("enquiry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["auth_user.id"], name=op.f("fk_contact_reply_author_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_contact_reply_created_by")),
        sa.ForeignKeyConstraint(["enquiry_id"], ["contact_enquiry.id"], name=op.f("fk_contact_reply_enquiry_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_contact_reply_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_contact_reply_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_reply")),
    )
    op.create_index(op.f("ix_contact_reply_author_id"), "contact_reply", ["author_id"], unique=False)
    op.create_index(op.f("ix_contact_reply_enquiry_id"), "contact_reply", ["enquiry_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_contact_reply_enquiry_id"), table_name="contact_reply")
    op.drop_index(op.f("ix_contact_reply_author_id"), table_name="contact_reply")
    op.drop_table("contact_reply")
    op.drop_index(op.f("ix_contact_enquiry_patient_id"), table_name="contact_enquiry")
    op.drop_index(op.f("ix_contact_enquiry_assigned_to_id"), table_name="contact_enquiry")
    op.drop_table("contact_enquiry")
    op.drop_index(op.f("ix_contact_channel_department_id"), table_name="contact_channel")
    op.drop_table("contact_channel")
