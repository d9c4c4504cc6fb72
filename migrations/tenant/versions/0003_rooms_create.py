"""Rooms: the wards, rooms and beds of the hospital, and who lies where."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "rooms_ward",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            portal.types.Choice(
                "general", "icu", "hdu", "maternity", "paediatric", "isolation", "emergency", "day_care", name="kind"
            ),
            nullable=False,
        ),
        sa.Column("gender_policy", portal.types.Choice("any", "male", "female", name="gender_policy"), nullable=False),
        sa.Column("floor", sa.String(length=20), nullable=True),
        sa.Column("bed_charge_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("min_staff", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bed_charge_service_id"],
            ["billing_service.id"],
            name="fk_rooms_ward_bed_charge_service_id",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_rooms_ward_created_by")),
        sa.ForeignKeyConstraint(["department_id"], ["staff_department.id"], name=op.f("fk_rooms_ward_department_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_rooms_ward_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms_ward")),
        sa.UniqueConstraint("code", name=op.f("uq_rooms_ward_code")),
        sa.UniqueConstraint("uuid", name=op.f("uq_rooms_ward_uuid")),
    )
    op.create_index(op.f("ix_rooms_ward_bed_charge_service_id"), "rooms_ward", ["bed_charge_service_id"], unique=False)
    op.create_index(op.f("ix_rooms_ward_department_id"), "rooms_ward", ["department_id"], unique=False)
    op.create_table(
        "rooms_room",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("ward_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column(
            "kind",
            portal.types.Choice(
                "ward_room", "consulting", "theatre", "procedure", "imaging", "er_bay", "lab", "office", name="kind"
            ),
            nullable=False,
        ),
        sa.Column("floor", sa.String(length=20), nullable=True),
        sa.Column("status", portal.types.Choice("active", "maintenance", "closed", name="status"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_rooms_room_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_rooms_room_updated_by")),
        sa.ForeignKeyConstraint(["ward_id"], ["rooms_ward.id"], name=op.f("fk_rooms_room_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms_room")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_rooms_room_kind_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_rooms_room_uuid")),
    )
    op.create_index(op.f("ix_rooms_room_ward_id"), "rooms_room", ["ward_id"], unique=False)
    op.create_table(
        "rooms_bed",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column(
            "bed_type",
            portal.types.Choice("standard", "electric", "icu", "cot", "bassinet", "trolley", name="bed_type"),
            nullable=False,
        ),
        sa.Column(
            "status",
            portal.types.Choice(
                "available", "reserved", "occupied", "cleaning", "maintenance", "blocked", name="status"
            ),
            nullable=False,
        ),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("grid_row", sa.Integer(), nullable=True),
        sa.Column("grid_col", sa.Integer(), nullable=True),
        sa.Column("grid_key", sa.String(length=60), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(grid_row IS NULL) = (grid_key IS NULL) AND (grid_col IS NULL) = (grid_key IS NULL)",
            name=op.f("ck_rooms_bed_grid"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_rooms_bed_created_by")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms_room.id"], name=op.f("fk_rooms_bed_room_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_rooms_bed_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms_bed")),
        sa.UniqueConstraint("code", name=op.f("uq_rooms_bed_code")),
        sa.UniqueConstraint("grid_key", name=op.f("uq_rooms_bed_grid_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_rooms_bed_uuid")),
    )
    op.create_index(op.f("ix_rooms_bed_room_id"), "rooms_bed", ["room_id"], unique=False)
    op.create_index(op.f("ix_rooms_bed_status"), "rooms_bed", ["status"], unique=False)
    op.create_table(
        "rooms_bedallocation",
        sa.Column("bed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("admission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status", portal.types.Choice("reserved", "active", "ended", "cancelled", name="status"), nullable=False
        ),
        sa.Column("starts_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("ends_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("reserved_until", portal.types.UTCDateTime(), nullable=True),
        sa.Column(
            "end_reason",
            portal.types.Choice("transfer", "discharge", "death", "error", name="end_reason"),
            nullable=True,
        ),
        sa.Column("override_reason", sa.String(length=200), nullable=False),
        sa.Column("active_bed_id", sa.BigInteger(), nullable=True),
        sa.Column("active_patient_id", sa.BigInteger(), nullable=True),
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
            "patient_id IS NOT NULL AND encounter_id IS NOT NULL", name=op.f("ck_rooms_bedallocation_whose")
        ),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["ipd_admission.id"], name="fk_rooms_bedallocation_admission_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["bed_id"], ["rooms_bed.id"], name=op.f("fk_rooms_bedallocation_bed_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_rooms_bedallocation_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name="fk_rooms_bedallocation_encounter_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name="fk_rooms_bedallocation_patient_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_rooms_bedallocation_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_rooms_bedallocation_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms_bedallocation")),
        sa.UniqueConstraint("active_bed_id", name=op.f("uq_rooms_bedallocation_active_bed_id")),
        sa.UniqueConstraint("active_patient_id", name=op.f("uq_rooms_bedallocation_active_patient_id")),
    )
    op.create_index(op.f("ix_rooms_bedallocation_admission_id"), "rooms_bedallocation", ["admission_id"], unique=False)
    op.create_index("ix_rooms_bedallocation_bed_starts", "rooms_bedallocation", ["bed_id", "starts_at"], unique=False)
    op.create_index(op.f("ix_rooms_bedallocation_encounter_id"), "rooms_bedallocation", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_rooms_bedallocation_patient_id"), "rooms_bedallocation", ["patient_id"], unique=False)
    op.create_table(
        "rooms_maintenance",
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("bed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("from_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("to_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("reported_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", portal.types.Choice("open", "in_progress", "done", name="status"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bed_id"], ["rooms_bed.id"], name=op.f("fk_rooms_maintenance_bed_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_rooms_maintenance_created_by")),
        sa.ForeignKeyConstraint(["reported_by"], ["auth_user.id"], name=op.f("fk_rooms_maintenance_reported_by")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms_room.id"], name=op.f("fk_rooms_maintenance_room_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_rooms_maintenance_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms_maintenance")),
    )
    op.create_index(op.f("ix_rooms_maintenance_bed_id"), "rooms_maintenance", ["bed_id"], unique=False)
    op.create_index(op.f("ix_rooms_maintenance_reported_by"), "rooms_maintenance", ["reported_by"], unique=False)
    op.create_index(op.f("ix_rooms_maintenance_room_id"), "rooms_maintenance", ["room_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_rooms_maintenance_room_id"), table_name="rooms_maintenance")
    op.drop_index(op.f("ix_rooms_maintenance_reported_by"), table_name="rooms_maintenance")
    op.drop_index(op.f("ix_rooms_maintenance_bed_id"), table_name="rooms_maintenance")
    op.drop_table("rooms_maintenance")
    op.drop_index(op.f("ix_rooms_bedallocation_patient_id"), table_name="rooms_bedallocation")
    op.drop_index(op.f("ix_rooms_bedallocation_encounter_id"), table_name="rooms_bedallocation")
    op.drop_index("ix_rooms_bedallocation_bed_starts", table_name="rooms_bedallocation")
    op.drop_index(op.f("ix_rooms_bedallocation_admission_id"), table_name="rooms_bedallocation")
    op.drop_table("rooms_bedallocation")
    op.drop_index(op.f("ix_rooms_bed_status"), table_name="rooms_bed")
    op.drop_index(op.f("ix_rooms_bed_room_id"), table_name="rooms_bed")
    op.drop_table("rooms_bed")
    op.drop_index(op.f("ix_rooms_room_ward_id"), table_name="rooms_room")
    op.drop_table("rooms_room")
    op.drop_index(op.f("ix_rooms_ward_department_id"), table_name="rooms_ward")
    op.drop_index(op.f("ix_rooms_ward_bed_charge_service_id"), table_name="rooms_ward")
    op.drop_table("rooms_ward")
