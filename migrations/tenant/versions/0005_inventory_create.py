"""Inventory: what is in stock, where it lies, and where it went."""

import sqlalchemy as sa
from alembic import op

import portal.types
from portal.migrations import add_late_foreign_keys

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LATE = (("fk_billing_chargeitem_item_id", "billing_chargeitem", "inventory_item", ["item_id"], ["id"]),)


def upgrade():
    op.create_table(
        "inventory_category",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_category_created_by")),
        sa.ForeignKeyConstraint(["parent_id"], ["inventory_category.id"], name=op.f("fk_inventory_category_parent_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_category_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_category")),
        sa.UniqueConstraint("name", name=op.f("uq_inventory_category_name")),
    )
    op.create_index(op.f("ix_inventory_category_parent_id"), "inventory_category", ["parent_id"], unique=False)
    op.create_table(
        "inventory_supplier",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_supplier_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_supplier_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_supplier")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_supplier_code")),
    )
    op.create_table(
        "inventory_purchaseorder",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice(
                "draft", "submitted", "approved", "partially_received", "received", "closed", "cancelled", name="status"
            ),
            nullable=False,
        ),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("total", portal.types.Money(), nullable=False),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["auth_user.id"], name=op.f("fk_inventory_purchaseorder_approved_by")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_purchaseorder_created_by")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["inventory_supplier.id"], name=op.f("fk_inventory_purchaseorder_supplier_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_purchaseorder_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_purchaseorder")),
        sa.UniqueConstraint("number", name=op.f("uq_inventory_purchaseorder_number")),
    )
    op.create_index(
        op.f("ix_inventory_purchaseorder_approved_by"), "inventory_purchaseorder", ["approved_by"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_purchaseorder_supplier_id"), "inventory_purchaseorder", ["supplier_id"], unique=False
    )
    op.create_table(
        "inventory_goodsreceipt",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier_ref", sa.String(length=60), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_goodsreceipt_created_by")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["inventory_purchaseorder.id"], name=op.f("fk_inventory_goodsreceipt_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["inventory_supplier.id"], name=op.f("fk_inventory_goodsreceipt_supplier_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_goodsreceipt_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_goodsreceipt")),
        sa.UniqueConstraint("number", name=op.f("uq_inventory_goodsreceipt_number")),
        sa.UniqueConstraint(
            "supplier_id", "supplier_ref", name=op.f("uq_inventory_goodsreceipt_supplier_id_supplier_ref")
        ),
    )
    op.create_index(op.f("ix_inventory_goodsreceipt_order_id"), "inventory_goodsreceipt", ["order_id"], unique=False)
    op.create_table(
        "inventory_item",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("barcode", sa.String(length=60), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("generic_name", sa.String(length=120), nullable=True),
        sa.Column("drug_class", sa.String(length=80), nullable=True),
        sa.Column(
            "kind",
            portal.types.Choice(
                "medicine", "consumable", "implant", "reagent", "equipment", "linen", "other", name="kind"
            ),
            nullable=False,
        ),
        sa.Column("form", sa.String(length=40), nullable=True),
        sa.Column("strength", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("pack_size", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_controlled", sa.Boolean(), nullable=False),
        sa.Column("track_batch", sa.Boolean(), nullable=False),
        sa.Column("track_expiry", sa.Boolean(), nullable=False),
        sa.Column("reorder_level", portal.types.Qty(), nullable=False),
        sa.Column("reorder_qty", portal.types.Qty(), nullable=False),
        sa.Column("max_level", portal.types.Qty(), nullable=True),
        sa.Column("sale_price", portal.types.Money(), nullable=False),
        sa.Column("tax_rate", portal.types.Fixed(2), nullable=False),
        sa.Column("billing_service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("storage", portal.types.Choice("room", "cold", "frozen", name="storage"), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["billing_service_id"], ["billing_service.id"], name=op.f("fk_inventory_item_billing_service_id")
        ),
        sa.ForeignKeyConstraint(["category_id"], ["inventory_category.id"], name=op.f("fk_inventory_item_category_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_item_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_item_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_item")),
        sa.UniqueConstraint("barcode", name=op.f("uq_inventory_item_barcode")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_item_code")),
    )
    op.create_index(
        op.f("ix_inventory_item_billing_service_id"), "inventory_item", ["billing_service_id"], unique=False
    )
    op.create_index(op.f("ix_inventory_item_category_id"), "inventory_item", ["category_id"], unique=False)
    op.create_index(op.f("ix_inventory_item_generic_name"), "inventory_item", ["generic_name"], unique=False)
    op.create_table(
        "inventory_location",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            portal.types.Choice("main_store", "pharmacy", "ward", "theatre", "lab", "quarantine", name="kind"),
            nullable=False,
        ),
        sa.Column("ward_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_location_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_location_updated_by")),
        sa.ForeignKeyConstraint(["ward_id"], ["rooms_ward.id"], name=op.f("fk_inventory_location_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_location")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_location_code")),
    )
    op.create_index(op.f("ix_inventory_location_ward_id"), "inventory_location", ["ward_id"], unique=False)
    op.create_table(
        "inventory_batch",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_no", sa.String(length=40), nullable=False),
        sa.Column("expiry_date", sa.Date(), nullable=False),
        sa.Column("quantity", portal.types.Qty(), nullable=False),
        sa.Column("unit_cost", portal.types.Fixed(4), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("available", "quarantined", "expired", "recalled", name="status"),
            nullable=False,
        ),
        sa.Column("received_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_inventory_batch_not_negative")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_batch_created_by")),
        sa.ForeignKeyConstraint(["item_id"], ["inventory_item.id"], name=op.f("fk_inventory_batch_item_id")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["inventory_location.id"], name=op.f("fk_inventory_batch_location_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_batch_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_inventory_batch_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_batch")),
        sa.UniqueConstraint(
            "item_id",
            "location_id",
            "batch_no",
            "expiry_date",
            name=op.f("uq_inventory_batch_item_id_location_id_batch_no_expiry_date"),
        ),
    )
    op.create_index(
        "ix_inventory_batch_item_location_expiry",
        "inventory_batch",
        ["item_id", "location_id", "expiry_date"],
        unique=False,
    )
    op.create_index(op.f("ix_inventory_batch_location_id"), "inventory_batch", ["location_id"], unique=False)
    op.create_table(
        "inventory_dispense",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prescription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("witness_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice("draft", "completed", "partially_returned", "returned", "cancelled", name="status"),
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
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_dispense_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name="fk_inventory_dispense_encounter_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["inventory_location.id"], name=op.f("fk_inventory_dispense_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name="fk_inventory_dispense_patient_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["prescription_id"],
            ["doctors_prescription.id"],
            name="fk_inventory_dispense_prescription_id",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_dispense_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_inventory_dispense_voided_by")),
        sa.ForeignKeyConstraint(["witness_id"], ["auth_user.id"], name=op.f("fk_inventory_dispense_witness_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_dispense")),
        sa.UniqueConstraint("number", name=op.f("uq_inventory_dispense_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_inventory_dispense_uuid")),
    )
    op.create_index(op.f("ix_inventory_dispense_encounter_id"), "inventory_dispense", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_inventory_dispense_location_id"), "inventory_dispense", ["location_id"], unique=False)
    op.create_index(op.f("ix_inventory_dispense_patient_id"), "inventory_dispense", ["patient_id"], unique=False)
    op.create_index(
        op.f("ix_inventory_dispense_prescription_id"), "inventory_dispense", ["prescription_id"], unique=False
    )
    op.create_index(op.f("ix_inventory_dispense_witness_id"), "inventory_dispense", ["witness_id"], unique=False)
    op.create_table(
        "inventory_purchaseorderline",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", portal.types.Qty(), nullable=False),
        sa.Column("received_qty", portal.types.Qty(), nullable=False),
        sa.Column("unit_cost", portal.types.Fixed(4), nullable=False),
        sa.Column("line_total", portal.types.Money(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["auth_user.id"], name=op.f("fk_inventory_purchaseorderline_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["inventory_item.id"], name=op.f("fk_inventory_purchaseorderline_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["inventory_purchaseorder.id"], name=op.f("fk_inventory_purchaseorderline_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_purchaseorderline_updated_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_purchaseorderline")),
    )
    op.create_index(
        op.f("ix_inventory_purchaseorderline_item_id"), "inventory_purchaseorderline", ["item_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_purchaseorderline_order_id"), "inventory_purchaseorderline", ["order_id"], unique=False
    )
    op.create_table(
        "inventory_requisition",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("from_location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("draft", "submitted", "approved", "rejected", "issued", "received", name="status"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_requisition_created_by")),
        sa.ForeignKeyConstraint(
            ["from_location_id"], ["inventory_location.id"], name=op.f("fk_inventory_requisition_from_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_location_id"], ["inventory_location.id"], name=op.f("fk_inventory_requisition_to_location_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_requisition_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_requisition")),
        sa.UniqueConstraint("number", name=op.f("uq_inventory_requisition_number")),
    )
    op.create_index(
        op.f("ix_inventory_requisition_from_location_id"), "inventory_requisition", ["from_location_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_requisition_to_location_id"), "inventory_requisition", ["to_location_id"], unique=False
    )
    op.create_table(
        "inventory_stockcount",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("location_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice("draft", "counting", "reviewed", "posted", "cancelled", name="status"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_stockcount_created_by")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["inventory_location.id"], name=op.f("fk_inventory_stockcount_location_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_stockcount_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_stockcount")),
        sa.UniqueConstraint("number", name=op.f("uq_inventory_stockcount_number")),
    )
    op.create_index(op.f("ix_inventory_stockcount_location_id"), "inventory_stockcount", ["location_id"], unique=False)
    op.create_table(
        "inventory_dispenseline",
        sa.Column("dispense_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prescription_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", portal.types.Qty(), nullable=False),
        sa.Column("charge_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["inventory_batch.id"], name=op.f("fk_inventory_dispenseline_batch_id")),
        sa.ForeignKeyConstraint(
            ["charge_item_id"], ["billing_chargeitem.id"], name=op.f("fk_inventory_dispenseline_charge_item_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_dispenseline_created_by")),
        sa.ForeignKeyConstraint(
            ["dispense_id"], ["inventory_dispense.id"], name=op.f("fk_inventory_dispenseline_dispense_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["inventory_item.id"], name=op.f("fk_inventory_dispenseline_item_id")),
        sa.ForeignKeyConstraint(
            ["prescription_item_id"],
            ["doctors_prescriptionitem.id"],
            name="fk_inventory_dispenseline_prescription_item_id",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_dispenseline_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_inventory_dispenseline_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_dispenseline")),
    )
    op.create_index(op.f("ix_inventory_dispenseline_batch_id"), "inventory_dispenseline", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_inventory_dispenseline_charge_item_id"), "inventory_dispenseline", ["charge_item_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_dispenseline_dispense_id"), "inventory_dispenseline", ["dispense_id"], unique=False
    )
    op.create_index(op.f("ix_inventory_dispenseline_item_id"), "inventory_dispenseline", ["item_id"], unique=False)
    op.create_index(
        op.f("ix_inventory_dispenseline_prescription_item_id"),
        "inventory_dispenseline",
        ["prescription_item_id"],
        unique=False,
    )
    op.create_table(
        "inventory_goodsreceiptline",
        sa.Column("receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_no", sa.String(length=40), nullable=False),
        sa.Column("expiry", sa.Date(), nullable=False),
        sa.Column("quantity", portal.types.Qty(), nullable=False),
        sa.Column("cost", portal.types.Fixed(4), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["inventory_batch.id"], name=op.f("fk_inventory_goodsreceiptline_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["auth_user.id"], name=op.f("fk_inventory_goodsreceiptline_created_by")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["inventory_item.id"], name=op.f("fk_inventory_goodsreceiptline_item_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["inventory_purchaseorderline.id"],
            name=op.f("fk_inventory_goodsreceiptline_order_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["inventory_goodsreceipt.id"], name=op.f("fk_inventory_goodsreceiptline_receipt_id")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_goodsreceiptline_updated_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_goodsreceiptline")),
    )
    op.create_index(
        op.f("ix_inventory_goodsreceiptline_batch_id"), "inventory_goodsreceiptline", ["batch_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_goodsreceiptline_item_id"), "inventory_goodsreceiptline", ["item_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_goodsreceiptline_order_line_id"),
        "inventory_goodsreceiptline",
        ["order_line_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_inventory_goodsreceiptline_receipt_id"), "inventory_goodsreceiptline", ["receipt_id"], unique=False
    )
    op.create_table(
        "inventory_requisitionline",
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requested_qty", portal.types.Qty(), nullable=False),
        sa.Column("approved_qty", portal.types.Qty(), nullable=True),
        sa.Column("issued_qty", portal.types.Qty(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_requisitionline_created_by")),
        sa.ForeignKeyConstraint(["item_id"], ["inventory_item.id"], name=op.f("fk_inventory_requisitionline_item_id")),
        sa.ForeignKeyConstraint(
            ["requisition_id"], ["inventory_requisition.id"], name=op.f("fk_inventory_requisitionline_requisition_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_requisitionline_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_requisitionline")),
    )
    op.create_index(
        op.f("ix_inventory_requisitionline_item_id"), "inventory_requisitionline", ["item_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_requisitionline_requisition_id"),
        "inventory_requisitionline",
        ["requisition_id"],
        unique=False,
    )
    op.create_table(
        "inventory_stockcountline",
        sa.Column("count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("system_qty", portal.types.Qty(), nullable=False),
        sa.Column("counted_qty", portal.types.Qty(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["inventory_batch.id"], name=op.f("fk_inventory_stockcountline_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["count_id"], ["inventory_stockcount.id"], name=op.f("fk_inventory_stockcountline_count_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_stockcountline_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_stockcountline_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_stockcountline")),
    )
    op.create_index(
        op.f("ix_inventory_stockcountline_batch_id"), "inventory_stockcountline", ["batch_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_stockcountline_count_id"), "inventory_stockcountline", ["count_id"], unique=False
    )
    op.create_table(
        "inventory_transaction",
        sa.Column("at", portal.types.UTCDateTime(), nullable=False),
        sa.Column(
            "kind",
            portal.types.Choice(
                "opening",
                "receipt",
                "dispense",
                "issue",
                "return",
                "transfer_out",
                "transfer_in",
                "adjust",
                "write_off",
                name="kind",
            ),
            nullable=False,
        ),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", portal.types.Qty(), nullable=False),
        sa.Column("balance_after", portal.types.Qty(), nullable=False),
        sa.Column("source_type_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["auth_user.id"], name=op.f("fk_inventory_transaction_actor_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["inventory_batch.id"], name=op.f("fk_inventory_transaction_batch_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_inventory_transaction_created_by")),
        sa.ForeignKeyConstraint(
            ["source_type_id"], ["contenttypes_contenttype.id"], name=op.f("fk_inventory_transaction_source_type_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_inventory_transaction_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_inventory_transaction_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_transaction")),
    )
    op.create_index(op.f("ix_inventory_transaction_actor_id"), "inventory_transaction", ["actor_id"], unique=False)
    op.create_index("ix_inventory_transaction_batch", "inventory_transaction", ["batch_id", "id"], unique=False)
    op.create_index("ix_inventory_transaction_kind_at", "inventory_transaction", ["kind", "at"], unique=False)
    op.create_index(
        "ix_inventory_transaction_source", "inventory_transaction", ["source_type_id", "source_id"], unique=False
    )

    add_late_foreign_keys(LATE)


def downgrade():
    op.drop_index("ix_inventory_transaction_source", table_name="inventory_transaction")
    op.drop_index("ix_inventory_transaction_kind_at", table_name="inventory_transaction")
    op.drop_index("ix_inventory_transaction_batch", table_name="inventory_transaction")
    op.drop_index(op.f("ix_inventory_transaction_actor_id"), table_name="inventory_transaction")
    op.drop_table("inventory_transaction")
    op.drop_index(op.f("ix_inventory_stockcountline_count_id"), table_name="inventory_stockcountline")
    op.drop_index(op.f("ix_inventory_stockcountline_batch_id"), table_name="inventory_stockcountline")
    op.drop_table("inventory_stockcountline")
    op.drop_index(op.f("ix_inventory_requisitionline_requisition_id"), table_name="inventory_requisitionline")
    op.drop_index(op.f("ix_inventory_requisitionline_item_id"), table_name="inventory_requisitionline")
    op.drop_table("inventory_requisitionline")
    op.drop_index(op.f("ix_inventory_goodsreceiptline_receipt_id"), table_name="inventory_goodsreceiptline")
    op.drop_index(op.f("ix_inventory_goodsreceiptline_order_line_id"), table_name="inventory_goodsreceiptline")
    op.drop_index(op.f("ix_inventory_goodsreceiptline_item_id"), table_name="inventory_goodsreceiptline")
    op.drop_index(op.f("ix_inventory_goodsreceiptline_batch_id"), table_name="inventory_goodsreceiptline")
    op.drop_table("inventory_goodsreceiptline")
    op.drop_index(op.f("ix_inventory_dispenseline_prescription_item_id"), table_name="inventory_dispenseline")
    op.drop_index(op.f("ix_inventory_dispenseline_item_id"), table_name="inventory_dispenseline")
    op.drop_index(op.f("ix_inventory_dispenseline_dispense_id"), table_name="inventory_dispenseline")
    op.drop_index(op.f("ix_inventory_dispenseline_charge_item_id"), table_name="inventory_dispenseline")
    op.drop_index(op.f("ix_inventory_dispenseline_batch_id"), table_name="inventory_dispenseline")
    op.drop_table("inventory_dispenseline")
    op.drop_index(op.f("ix_inventory_stockcount_location_id"), table_name="inventory_stockcount")
    op.drop_table("inventory_stockcount")
    op.drop_index(op.f("ix_inventory_requisition_to_location_id"), table_name="inventory_requisition")
    op.drop_index(op.f("ix_inventory_requisition_from_location_id"), table_name="inventory_requisition")
    op.drop_table("inventory_requisition")
    op.drop_index(op.f("ix_inventory_purchaseorderline_order_id"), table_name="inventory_purchaseorderline")
    op.drop_index(op.f("ix_inventory_purchaseorderline_item_id"), table_name="inventory_purchaseorderline")
    op.drop_table("inventory_purchaseorderline")
    op.drop_index(op.f("ix_inventory_dispense_witness_id"), table_name="inventory_dispense")
    op.drop_index(op.f("ix_inventory_dispense_prescription_id"), table_name="inventory_dispense")
    op.drop_index(op.f("ix_inventory_dispense_patient_id"), table_name="inventory_dispense")
    op.drop_index(op.f("ix_inventory_dispense_location_id"), table_name="inventory_dispense")
    op.drop_index(op.f("ix_inventory_dispense_encounter_id"), table_name="inventory_dispense")
    op.drop_table("inventory_dispense")
    op.drop_index(op.f("ix_inventory_batch_location_id"), table_name="inventory_batch")
    op.drop_index("ix_inventory_batch_item_location_expiry", table_name="inventory_batch")
    op.drop_table("inventory_batch")
    op.drop_index(op.f("ix_inventory_location_ward_id"), table_name="inventory_location")
    op.drop_table("inventory_location")
    op.drop_index(op.f("ix_inventory_item_generic_name"), table_name="inventory_item")
    op.drop_index(op.f("ix_inventory_item_category_id"), table_name="inventory_item")
    op.drop_index(op.f("ix_inventory_item_billing_service_id"), table_name="inventory_item")
    op.drop_table("inventory_item")
    op.drop_index(op.f("ix_inventory_goodsreceipt_order_id"), table_name="inventory_goodsreceipt")
    op.drop_table("inventory_goodsreceipt")
    op.drop_index(op.f("ix_inventory_purchaseorder_supplier_id"), table_name="inventory_purchaseorder")
    op.drop_index(op.f("ix_inventory_purchaseorder_approved_by"), table_name="inventory_purchaseorder")
    op.drop_table("inventory_purchaseorder")
    op.drop_table("inventory_supplier")
    op.drop_index(op.f("ix_inventory_category_parent_id"), table_name="inventory_category")
    op.drop_table("inventory_category")
