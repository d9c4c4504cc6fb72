"""Laboratory: what was ordered, sampled and found, and who has verified it."""

import sqlalchemy as sa
from alembic import op

import portal.types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "laboratory_category",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_category_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_category_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_category")),
        sa.UniqueConstraint("name", name=op.f("uq_laboratory_category_name")),
    )
    op.create_table(
        "laboratory_test",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "sample_type",
            portal.types.Choice(
                "blood",
                "serum",
                "plasma",
                "urine",
                "stool",
                "sputum",
                "swab",
                "csf",
                "tissue",
                "other",
                name="sample_type",
            ),
            nullable=False,
        ),
        sa.Column("container", sa.String(length=60), nullable=True),
        sa.Column("loinc", sa.String(length=20), nullable=True),
        sa.Column("tat_routine_min", sa.Integer(), nullable=False),
        sa.Column("tat_stat_min", sa.Integer(), nullable=False),
        sa.Column("needs_fasting", sa.Boolean(), nullable=False),
        sa.Column("is_panel", sa.Boolean(), nullable=False),
        sa.Column("billing_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["billing_service_id"], ["billing_service.id"], name=op.f("fk_laboratory_test_billing_service_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["laboratory_category.id"], name=op.f("fk_laboratory_test_category_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_test_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_test_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_test")),
        sa.UniqueConstraint("code", name=op.f("uq_laboratory_test_code")),
        sa.UniqueConstraint("uuid", name=op.f("uq_laboratory_test_uuid")),
    )
    op.create_index(
        op.f("ix_laboratory_test_billing_service_id"), "laboratory_test", ["billing_service_id"], unique=False
    )
    op.create_index(op.f("ix_laboratory_test_category_id"), "laboratory_test", ["category_id"], unique=False)
    op.create_table(
        "laboratory_order",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ordered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("priority", portal.types.Choice("routine", "urgent", "stat", name="priority"), nullable=False),
        sa.Column("clinical_notes", sa.Text(), nullable=True),
        sa.Column("ordered_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("completed_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice("active", "partially_completed", "completed", "cancelled", name="status"),
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
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_order_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name=op.f("fk_laboratory_order_encounter_id")
        ),
        sa.ForeignKeyConstraint(["ordered_by"], ["doctors_doctor.id"], name=op.f("fk_laboratory_order_ordered_by")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_laboratory_order_patient_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_order_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_laboratory_order_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_order")),
        sa.UniqueConstraint("number", name=op.f("uq_laboratory_order_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_laboratory_order_uuid")),
    )
    op.create_index(op.f("ix_laboratory_order_encounter_id"), "laboratory_order", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_laboratory_order_ordered_by"), "laboratory_order", ["ordered_by"], unique=False)
    op.create_index(op.f("ix_laboratory_order_patient_id"), "laboratory_order", ["patient_id"], unique=False)
    op.create_index(
        "ix_laboratory_order_status_priority_ordered_at",
        "laboratory_order",
        ["status", "priority", "ordered_at"],
        unique=False,
    )
    op.create_table(
        "laboratory_panelmember",
        sa.Column("panel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("test_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_panelmember_created_by")),
        sa.ForeignKeyConstraint(["panel_id"], ["laboratory_test.id"], name=op.f("fk_laboratory_panelmember_panel_id")),
        sa.ForeignKeyConstraint(["test_id"], ["laboratory_test.id"], name=op.f("fk_laboratory_panelmember_test_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_panelmember_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_panelmember")),
        sa.UniqueConstraint("panel_id", "test_id", name=op.f("uq_laboratory_panelmember_panel_id_test_id")),
    )
    op.create_index(op.f("ix_laboratory_panelmember_test_id"), "laboratory_panelmember", ["test_id"], unique=False)
    op.create_table(
        "laboratory_parameter",
        sa.Column("test_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "value_type", portal.types.Choice("numeric", "text", "choice", "boolean", name="value_type"), nullable=False
        ),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("decimals", sa.Integer(), nullable=True),
        sa.Column("choices", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("formula", sa.String(length=200), nullable=True),
        sa.Column("delta_pct", portal.types.Fixed(2), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_parameter_created_by")),
        sa.ForeignKeyConstraint(["test_id"], ["laboratory_test.id"], name=op.f("fk_laboratory_parameter_test_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_parameter_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_parameter")),
        sa.UniqueConstraint("test_id", "code", name=op.f("uq_laboratory_parameter_test_id_code")),
    )
    op.create_table(
        "laboratory_referencerange",
        sa.Column("parameter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sex", portal.types.Choice("any", "male", "female", name="sex"), nullable=False),
        sa.Column("age_min_days", sa.Integer(), nullable=False),
        sa.Column("age_max_days", sa.Integer(), nullable=False),
        sa.Column("low", portal.types.Fixed(6), nullable=True),
        sa.Column("high", portal.types.Fixed(6), nullable=True),
        sa.Column("critical_low", portal.types.Fixed(6), nullable=True),
        sa.Column("critical_high", portal.types.Fixed(6), nullable=True),
        sa.Column("normal_choices", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_referencerange_created_by")),
        sa.ForeignKeyConstraint(
            ["parameter_id"], ["laboratory_parameter.id"], name=op.f("fk_laboratory_referencerange_parameter_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_referencerange_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_referencerange")),
    )
    op.create_index(
        op.f("ix_laboratory_referencerange_parameter_id"), "laboratory_referencerange", ["parameter_id"], unique=False
    )
    op.create_table(
        "laboratory_report",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("registered", "partial", "preliminary", "final", "amended", name="status"),
            nullable=False,
        ),
        sa.Column("released_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("printed_count", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_report_created_by")),
        sa.ForeignKeyConstraint(["order_id"], ["laboratory_order.id"], name=op.f("fk_laboratory_report_order_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_report_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_laboratory_report_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_report")),
        sa.UniqueConstraint("number", name=op.f("uq_laboratory_report_number")),
        sa.UniqueConstraint("order_id", name=op.f("uq_laboratory_report_order_id")),
        sa.UniqueConstraint("uuid", name=op.f("uq_laboratory_report_uuid")),
    )
    op.create_table(
        "laboratory_sample",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("barcode", sa.String(length=40), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "sample_type",
            portal.types.Choice(
                "blood",
                "serum",
                "plasma",
                "urine",
                "stool",
                "sputum",
                "swab",
                "csf",
                "tissue",
                "other",
                name="sample_type",
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            portal.types.Choice("to_collect", "collected", "received", "disposed", "rejected", name="status"),
            nullable=False,
        ),
        sa.Column("collected_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("collected_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("received_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reject_reason", sa.String(length=200), nullable=True),
        sa.Column("recollect_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["collected_by"], ["auth_user.id"], name=op.f("fk_laboratory_sample_collected_by")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_sample_created_by")),
        sa.ForeignKeyConstraint(["order_id"], ["laboratory_order.id"], name=op.f("fk_laboratory_sample_order_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients_patient.id"], name=op.f("fk_laboratory_sample_patient_id")),
        sa.ForeignKeyConstraint(["received_by"], ["auth_user.id"], name=op.f("fk_laboratory_sample_received_by")),
        sa.ForeignKeyConstraint(
            ["recollect_of_id"], ["laboratory_sample.id"], name=op.f("fk_laboratory_sample_recollect_of_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_sample_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_laboratory_sample_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_sample")),
        sa.UniqueConstraint("barcode", name=op.f("uq_laboratory_sample_barcode")),
        sa.UniqueConstraint("uuid", name=op.f("uq_laboratory_sample_uuid")),
    )
    op.create_index(op.f("ix_laboratory_sample_collected_by"), "laboratory_sample", ["collected_by"], unique=False)
    op.create_index(op.f("ix_laboratory_sample_order_id"), "laboratory_sample", ["order_id"], unique=False)
    op.create_index(op.f("ix_laboratory_sample_patient_id"), "laboratory_sample", ["patient_id"], unique=False)
    op.create_index(op.f("ix_laboratory_sample_received_by"), "laboratory_sample", ["received_by"], unique=False)
    op.create_index(
        op.f("ix_laboratory_sample_recollect_of_id"), "laboratory_sample", ["recollect_of_id"], unique=False
    )
    op.create_table(
        "laboratory_orderitem",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("test_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sample_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice(
                "ordered",
                "collected",
                "received",
                "in_process",
                "resulted",
                "verified",
                "amended",
                "cancelled",
                name="status",
            ),
            nullable=False,
        ),
        sa.Column("repeat_reason", sa.String(length=200), nullable=True),
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
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_orderitem_created_by")),
        sa.ForeignKeyConstraint(["order_id"], ["laboratory_order.id"], name=op.f("fk_laboratory_orderitem_order_id")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["laboratory_sample.id"], name=op.f("fk_laboratory_orderitem_sample_id")
        ),
        sa.ForeignKeyConstraint(["test_id"], ["laboratory_test.id"], name=op.f("fk_laboratory_orderitem_test_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_orderitem_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_laboratory_orderitem_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_orderitem")),
    )
    op.create_index(op.f("ix_laboratory_orderitem_order_id"), "laboratory_orderitem", ["order_id"], unique=False)
    op.create_index(op.f("ix_laboratory_orderitem_sample_id"), "laboratory_orderitem", ["sample_id"], unique=False)
    op.create_index(op.f("ix_laboratory_orderitem_status"), "laboratory_orderitem", ["status"], unique=False)
    op.create_index(op.f("ix_laboratory_orderitem_test_id"), "laboratory_orderitem", ["test_id"], unique=False)
    op.create_table(
        "laboratory_result",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("order_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parameter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value_num", portal.types.Fixed(6), nullable=True),
        sa.Column("value_text", sa.Text(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("range_low", portal.types.Fixed(6), nullable=True),
        sa.Column("range_high", portal.types.Fixed(6), nullable=True),
        sa.Column("range_text", sa.String(length=120), nullable=True),
        sa.Column("flag", portal.types.Choice("N", "L", "H", "LL", "HH", "A", "AA", name="flag"), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice("preliminary", "final", "amended", "entered_in_error", name="status"),
            nullable=False,
        ),
        sa.Column("entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entered_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("verified_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("verified_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("previous_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
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
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_result_created_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["auth_user.id"], name=op.f("fk_laboratory_result_entered_by")),
        sa.ForeignKeyConstraint(
            ["order_item_id"], ["laboratory_orderitem.id"], name=op.f("fk_laboratory_result_order_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["parameter_id"], ["laboratory_parameter.id"], name=op.f("fk_laboratory_result_parameter_id")
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["laboratory_result.id"], name=op.f("fk_laboratory_result_previous_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_result_updated_by")),
        sa.ForeignKeyConstraint(["verified_by"], ["auth_user.id"], name=op.f("fk_laboratory_result_verified_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_laboratory_result_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_result")),
        sa.UniqueConstraint("active_key", name=op.f("uq_laboratory_result_active_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_laboratory_result_uuid")),
    )
    op.create_index(op.f("ix_laboratory_result_entered_by"), "laboratory_result", ["entered_by"], unique=False)
    op.create_index(op.f("ix_laboratory_result_order_item_id"), "laboratory_result", ["order_item_id"], unique=False)
    op.create_index(op.f("ix_laboratory_result_parameter_id"), "laboratory_result", ["parameter_id"], unique=False)
    op.create_index(op.f("ix_laboratory_result_previous_id"), "laboratory_result", ["previous_id"], unique=False)
    op.create_index(op.f("ix_laboratory_result_verified_by"), "laboratory_result", ["verified_by"], unique=False)
    op.create_table(
        "laboratory_criticalalert",
        sa.Column("result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
            ["acknowledged_by"], ["auth_user.id"], name=op.f("fk_laboratory_criticalalert_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_laboratory_criticalalert_created_by")),
        sa.ForeignKeyConstraint(
            ["notified_to_id"], ["auth_user.id"], name=op.f("fk_laboratory_criticalalert_notified_to_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["laboratory_result.id"], name=op.f("fk_laboratory_criticalalert_result_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_laboratory_criticalalert_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_laboratory_criticalalert_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory_criticalalert")),
        sa.UniqueConstraint("result_id", name=op.f("uq_laboratory_criticalalert_result_id")),
    )
    op.create_index(
        op.f("ix_laboratory_criticalalert_acknowledged_at"),
        "laboratory_criticalalert",
        ["acknowledged_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_laboratory_criticalalert_acknowledged_by"),
        "laboratory_criticalalert",
        ["acknowledged_by"],
        unique=False,
    )
    op.create_index(
        op.f("ix_laboratory_criticalalert_notified_to_id"), "laboratory_criticalalert", ["notified_to_id"], unique=False
    )


def downgrade():
    op.drop_index(op.f("ix_laboratory_criticalalert_notified_to_id"), table_name="laboratory_criticalalert")
    op.drop_index(op.f("ix_laboratory_criticalalert_acknowledged_by"), table_name="laboratory_criticalalert")
    op.drop_index(op.f("ix_laboratory_criticalalert_acknowledged_at"), table_name="laboratory_criticalalert")
    op.drop_table("laboratory_criticalalert")
    op.drop_index(op.f("ix_laboratory_result_verified_by"), table_name="laboratory_result")
    op.drop_index(op.f("ix_laboratory_result_previous_id"), table_name="laboratory_result")
    op.drop_index(op.f("ix_laboratory_result_parameter_id"), table_name="laboratory_result")
    op.drop_index(op.f("ix_laboratory_result_order_item_id"), table_name="laboratory_result")
    op.drop_index(op.f("ix_laboratory_result_entered_by"), table_name="laboratory_result")
    op.drop_table("laboratory_result")
    op.drop_index(op.f("ix_laboratory_orderitem_test_id"), table_name="laboratory_orderitem")
    op.drop_index(op.f("ix_laboratory_orderitem_status"), table_name="laboratory_orderitem")
    op.drop_index(op.f("ix_laboratory_orderitem_sample_id"), table_name="laboratory_orderitem")
    op.drop_index(op.f("ix_laboratory_orderitem_order_id"), table_name="laboratory_orderitem")
    op.drop_table("laboratory_orderitem")
    op.drop_index(op.f("ix_laboratory_sample_recollect_of_id"), table_name="laboratory_sample")
    op.drop_index(op.f("ix_laboratory_sample_received_by"), table_name="laboratory_sample")
    op.drop_index(op.f("ix_laboratory_sample_patient_id"), table_name="laboratory_sample")
    op.drop_index(op.f("ix_laboratory_sample_order_id"), table_name="laboratory_sample")
    op.drop_index(op.f("ix_laboratory_sample_collected_by"), table_name="laboratory_sample")
    op.drop_table("laboratory_sample")
    op.drop_table("laboratory_report")
    op.drop_index(op.f("ix_laboratory_referencerange_parameter_id"), table_name="laboratory_referencerange")
    op.drop_table("laboratory_referencerange")
    op.drop_table("laboratory_parameter")
    op.drop_index(op.f("ix_laboratory_panelmember_test_id"), table_name="laboratory_panelmember")
    op.drop_table("laboratory_panelmember")
    op.drop_index("ix_laboratory_order_status_priority_ordered_at", table_name="laboratory_order")
    op.drop_index(op.f("ix_laboratory_order_patient_id"), table_name="laboratory_order")
    op.drop_index(op.f("ix_laboratory_order_ordered_by"), table_name="laboratory_order")
    op.drop_index(op.f("ix_laboratory_order_encounter_id"), table_name="laboratory_order")
    op.drop_table("laboratory_order")
    op.drop_index(op.f("ix_laboratory_test_category_id"), table_name="laboratory_test")
    op.drop_index(op.f("ix_laboratory_test_billing_service_id"), table_name="laboratory_test")
    op.drop_table("laboratory_test")
    op.drop_table("laboratory_category")
