"""Billing: what care costs, what was paid, and what is still owed."""

import sqlalchemy as sa
from alembic import op

import portal.types
from portal.migrations import add_late_foreign_keys

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LATE = (("fk_rooms_ward_bed_charge_service_id", "rooms_ward", "billing_service", ["bed_charge_service_id"], ["id"]),)


def upgrade():
    op.create_table(
        "billing_cashsession",
        sa.Column("cashier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("opened_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("opening_float", portal.types.Money(), nullable=False),
        sa.Column("closed_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("counted", portal.types.Money(), nullable=True),
        sa.Column("expected", portal.types.Money(), nullable=True),
        sa.Column("variance", portal.types.Money(), nullable=True),
        sa.Column("active_key", sa.String(length=60), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cashier_id"], ["auth_user.id"], name=op.f("fk_billing_cashsession_cashier_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_cashsession_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_cashsession_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_cashsession")),
        sa.UniqueConstraint("active_key", name=op.f("uq_billing_cashsession_active_key")),
    )
    op.create_index(op.f("ix_billing_cashsession_cashier_id"), "billing_cashsession", ["cashier_id"], unique=False)
    op.create_table(
        "billing_insurer",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("terms_days", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_insurer_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_insurer_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_insurer")),
        sa.UniqueConstraint("code", name=op.f("uq_billing_insurer_code")),
    )
    op.create_table(
        "billing_invoice",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind", portal.types.Choice("opd", "ipd", "emergency", "pharmacy", "other", name="kind"), nullable=False
        ),
        sa.Column(
            "status",
            portal.types.Choice("draft", "issued", "partially_paid", "paid", "cancelled", "refunded", name="status"),
            nullable=False,
        ),
        sa.Column("issued_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("subtotal", portal.types.Money(), nullable=False),
        sa.Column("discount_total", portal.types.Money(), nullable=False),
        sa.Column("tax_total", portal.types.Money(), nullable=False),
        sa.Column("total", portal.types.Money(), nullable=False),
        sa.Column("paid_total", portal.types.Money(), nullable=False),
        sa.Column("refunded_total", portal.types.Money(), nullable=False),
        sa.Column("credited_total", portal.types.Money(), nullable=False),
        sa.Column(
            "balance",
            portal.types.Money(),
            sa.Computed("total - credited_total - paid_total + refunded_total", persisted=True),
            nullable=False,
        ),
        sa.Column("patient_share", portal.types.Money(), nullable=False),
        sa.Column("insurer_share", portal.types.Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
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
        sa.CheckConstraint("paid_total - refunded_total <= total", name=op.f("ck_billing_invoice_paid_within_total")),
        sa.CheckConstraint(
            "subtotal >= 0 AND discount_total >= 0 AND tax_total >= 0 AND total >= 0 AND paid_total >= 0 AND refunded_total >= 0 AND credited_total >= 0",
            name=op.f("ck_billing_invoice_totals"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_invoice_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name="fk_billing_invoice_encounter_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name="fk_billing_invoice_patient_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_invoice_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_invoice_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_billing_invoice_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_billing_invoice_uuid")),
    )
    op.create_index(op.f("ix_billing_invoice_encounter_id"), "billing_invoice", ["encounter_id"], unique=False)
    op.create_index("ix_billing_invoice_patient_status", "billing_invoice", ["patient_id", "status"], unique=False)
    op.create_index("ix_billing_invoice_status_due_date", "billing_invoice", ["status", "due_date"], unique=False)
    op.create_table(
        "billing_claim",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("insurance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claimed", portal.types.Money(), nullable=False),
        sa.Column("approved", portal.types.Money(), nullable=True),
        sa.Column(
            "status",
            portal.types.Choice(
                "draft", "submitted", "queried", "approved", "partially_approved", "rejected", "settled", name="status"
            ),
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
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_claim_created_by")),
        sa.ForeignKeyConstraint(
            ["insurance_id"], ["patients_insurance.id"], name="fk_billing_claim_insurance_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["billing_invoice.id"], name=op.f("fk_billing_claim_invoice_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_claim_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_claim_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_claim")),
        sa.UniqueConstraint("number", name=op.f("uq_billing_claim_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_billing_claim_uuid")),
    )
    op.create_index(op.f("ix_billing_claim_insurance_id"), "billing_claim", ["insurance_id"], unique=False)
    op.create_index(op.f("ix_billing_claim_invoice_id"), "billing_claim", ["invoice_id"], unique=False)
    op.create_table(
        "billing_creditnote",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount", portal.types.Money(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_creditnote_created_by")),
        sa.ForeignKeyConstraint(["invoice_id"], ["billing_invoice.id"], name=op.f("fk_billing_creditnote_invoice_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_creditnote_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_creditnote_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_creditnote")),
        sa.UniqueConstraint("number", name=op.f("uq_billing_creditnote_number")),
    )
    op.create_index(op.f("ix_billing_creditnote_invoice_id"), "billing_creditnote", ["invoice_id"], unique=False)
    op.create_table(
        "billing_deposit",
        sa.Column("receipt_no", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", portal.types.Money(), nullable=False),
        sa.Column("applied_amount", portal.types.Money(), nullable=False),
        sa.Column("refunded_amount", portal.types.Money(), nullable=False),
        sa.Column(
            "method",
            portal.types.Choice("cash", "card", "mobile", "bank", "cheque", "insurer", name="method"),
            nullable=False,
        ),
        sa.Column("cash_session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("applied_amount + refunded_amount <= amount", name=op.f("ck_billing_deposit_within_amount")),
        sa.ForeignKeyConstraint(
            ["cash_session_id"], ["billing_cashsession.id"], name=op.f("fk_billing_deposit_cash_session_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_deposit_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name="fk_billing_deposit_encounter_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name="fk_billing_deposit_patient_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_deposit_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_deposit_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_deposit")),
        sa.UniqueConstraint("receipt_no", name=op.f("uq_billing_deposit_receipt_no")),
    )
    op.create_index(op.f("ix_billing_deposit_cash_session_id"), "billing_deposit", ["cash_session_id"], unique=False)
    op.create_index(op.f("ix_billing_deposit_encounter_id"), "billing_deposit", ["encounter_id"], unique=False)
    op.create_index(op.f("ix_billing_deposit_patient_id"), "billing_deposit", ["patient_id"], unique=False)
    op.create_table(
        "billing_pricelist",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("insurer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_pricelist_created_by")),
        sa.ForeignKeyConstraint(["insurer_id"], ["billing_insurer.id"], name=op.f("fk_billing_pricelist_insurer_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_pricelist_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_pricelist")),
        sa.UniqueConstraint("code", name=op.f("uq_billing_pricelist_code")),
    )
    op.create_index(op.f("ix_billing_pricelist_insurer_id"), "billing_pricelist", ["insurer_id"], unique=False)
    op.create_table(
        "billing_service",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "category",
            portal.types.Choice(
                "consultation",
                "procedure",
                "laboratory",
                "radiology",
                "bed",
                "theatre",
                "medicine",
                "consumable",
                "package",
                "other",
                name="category",
            ),
            nullable=False,
        ),
        sa.Column("price", portal.types.Money(), nullable=False),
        sa.Column("tax_rate", portal.types.Fixed(2), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_service_created_by")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["staff_department.id"], name=op.f("fk_billing_service_department_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_service_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_service")),
        sa.UniqueConstraint("code", name=op.f("uq_billing_service_code")),
    )
    op.create_index(op.f("ix_billing_service_department_id"), "billing_service", ["department_id"], unique=False)
    op.create_table(
        "billing_chargeitem",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("encounter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("quantity", portal.types.Qty(), nullable=False),
        sa.Column("unit_price", portal.types.Money(), nullable=False),
        sa.Column("discount_pct", portal.types.Fixed(2), nullable=False),
        sa.Column("discount_amount", portal.types.Money(), nullable=False),
        sa.Column("tax_rate", portal.types.Fixed(2), nullable=False),
        sa.Column("occurred_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("source_type_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("charge_kind", sa.String(length=40), nullable=False),
        sa.Column(
            "status",
            portal.types.Choice(
                "planned", "billable", "not_billable", "billed", "aborted", "entered_in_error", name="status"
            ),
            nullable=False,
        ),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_chargeitem_created_by")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["patients_encounter.id"], name="fk_billing_chargeitem_encounter_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["billing_invoice.id"], name=op.f("fk_billing_chargeitem_invoice_id")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["inventory_item.id"], name="fk_billing_chargeitem_item_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name="fk_billing_chargeitem_patient_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["service_id"], ["billing_service.id"], name=op.f("fk_billing_chargeitem_service_id")),
        sa.ForeignKeyConstraint(
            ["source_type_id"], ["contenttypes_contenttype.id"], name=op.f("fk_billing_chargeitem_source_type_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_chargeitem_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_chargeitem_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_chargeitem")),
        sa.UniqueConstraint(
            "source_type_id",
            "source_id",
            "charge_kind",
            name=op.f("uq_billing_chargeitem_source_type_id_source_id_charge_kind"),
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_billing_chargeitem_uuid")),
    )
    op.create_index(
        "ix_billing_chargeitem_encounter_status", "billing_chargeitem", ["encounter_id", "status"], unique=False
    )
    op.create_index(op.f("ix_billing_chargeitem_invoice_id"), "billing_chargeitem", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_billing_chargeitem_item_id"), "billing_chargeitem", ["item_id"], unique=False)
    op.create_index(
        "ix_billing_chargeitem_patient_status", "billing_chargeitem", ["patient_id", "status"], unique=False
    )
    op.create_index(op.f("ix_billing_chargeitem_service_id"), "billing_chargeitem", ["service_id"], unique=False)
    op.create_table(
        "billing_payment",
        sa.Column("receipt_no", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "method",
            portal.types.Choice("cash", "card", "mobile", "bank", "cheque", "insurer", "deposit", name="method"),
            nullable=False,
        ),
        sa.Column("amount", portal.types.Money(), nullable=False),
        sa.Column("tendered", portal.types.Money(), nullable=True),
        sa.Column("change_due", portal.types.Money(), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=True),
        sa.Column("deposit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cash_session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("received_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", portal.types.Choice("completed", "voided", name="status"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_billing_payment_positive")),
        sa.ForeignKeyConstraint(
            ["cash_session_id"], ["billing_cashsession.id"], name=op.f("fk_billing_payment_cash_session_id")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["billing_claim.id"], name=op.f("fk_billing_payment_claim_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_payment_created_by")),
        sa.ForeignKeyConstraint(["deposit_id"], ["billing_deposit.id"], name=op.f("fk_billing_payment_deposit_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["billing_invoice.id"], name=op.f("fk_billing_payment_invoice_id")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients_patient.id"], name="fk_billing_payment_patient_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["received_by"], ["auth_user.id"], name=op.f("fk_billing_payment_received_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_payment_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_payment_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_payment")),
        sa.UniqueConstraint("receipt_no", name=op.f("uq_billing_payment_receipt_no")),
    )
    op.create_index(op.f("ix_billing_payment_cash_session_id"), "billing_payment", ["cash_session_id"], unique=False)
    op.create_index(op.f("ix_billing_payment_claim_id"), "billing_payment", ["claim_id"], unique=False)
    op.create_index(op.f("ix_billing_payment_deposit_id"), "billing_payment", ["deposit_id"], unique=False)
    op.create_index(op.f("ix_billing_payment_invoice_id"), "billing_payment", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_billing_payment_patient_id"), "billing_payment", ["patient_id"], unique=False)
    op.create_index(op.f("ix_billing_payment_received_by"), "billing_payment", ["received_by"], unique=False)
    op.create_table(
        "billing_price",
        sa.Column("pricelist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("price", portal.types.Money(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_price_created_by")),
        sa.ForeignKeyConstraint(["pricelist_id"], ["billing_pricelist.id"], name=op.f("fk_billing_price_pricelist_id")),
        sa.ForeignKeyConstraint(["service_id"], ["billing_service.id"], name=op.f("fk_billing_price_service_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_price_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_price")),
        sa.UniqueConstraint(
            "pricelist_id", "service_id", "valid_from", name=op.f("uq_billing_price_pricelist_id_service_id_valid_from")
        ),
    )
    op.create_index(op.f("ix_billing_price_service_id"), "billing_price", ["service_id"], unique=False)
    op.create_table(
        "billing_invoiceline",
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("charge_item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("quantity", portal.types.Qty(), nullable=False),
        sa.Column("unit_price", portal.types.Money(), nullable=False),
        sa.Column("gross", portal.types.Money(), nullable=False),
        sa.Column("discount_amount", portal.types.Money(), nullable=False),
        sa.Column("tax_rate", portal.types.Fixed(2), nullable=False),
        sa.Column("tax_amount", portal.types.Money(), nullable=False),
        sa.Column("line_total", portal.types.Money(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
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
            ["charge_item_id"], ["billing_chargeitem.id"], name=op.f("fk_billing_invoiceline_charge_item_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_invoiceline_created_by")),
        sa.ForeignKeyConstraint(["invoice_id"], ["billing_invoice.id"], name=op.f("fk_billing_invoiceline_invoice_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_invoiceline_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_invoiceline_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_invoiceline")),
        sa.UniqueConstraint("charge_item_id", name=op.f("uq_billing_invoiceline_charge_item_id")),
    )
    op.create_index(op.f("ix_billing_invoiceline_invoice_id"), "billing_invoiceline", ["invoice_id"], unique=False)
    op.create_table(
        "billing_refund",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("deposit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", portal.types.Money(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column(
            "status", portal.types.Choice("requested", "approved", "paid", "rejected", name="status"), nullable=False
        ),
        sa.Column("requested_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("paid_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("paid_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["auth_user.id"], name=op.f("fk_billing_refund_approved_by")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_refund_created_by")),
        sa.ForeignKeyConstraint(["deposit_id"], ["billing_deposit.id"], name=op.f("fk_billing_refund_deposit_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["billing_invoice.id"], name=op.f("fk_billing_refund_invoice_id")),
        sa.ForeignKeyConstraint(["paid_by"], ["auth_user.id"], name=op.f("fk_billing_refund_paid_by")),
        sa.ForeignKeyConstraint(["payment_id"], ["billing_payment.id"], name=op.f("fk_billing_refund_payment_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["auth_user.id"], name=op.f("fk_billing_refund_requested_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_refund_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_refund_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_refund")),
        sa.UniqueConstraint("number", name=op.f("uq_billing_refund_number")),
    )
    op.create_index(op.f("ix_billing_refund_approved_by"), "billing_refund", ["approved_by"], unique=False)
    op.create_index(op.f("ix_billing_refund_deposit_id"), "billing_refund", ["deposit_id"], unique=False)
    op.create_index(op.f("ix_billing_refund_invoice_id"), "billing_refund", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_billing_refund_paid_by"), "billing_refund", ["paid_by"], unique=False)
    op.create_index(op.f("ix_billing_refund_payment_id"), "billing_refund", ["payment_id"], unique=False)
    op.create_index(op.f("ix_billing_refund_requested_by"), "billing_refund", ["requested_by"], unique=False)
    op.create_table(
        "billing_claimline",
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claimed", portal.types.Money(), nullable=False),
        sa.Column("approved", portal.types.Money(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["billing_claim.id"], name=op.f("fk_billing_claimline_claim_id")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_claimline_created_by")),
        sa.ForeignKeyConstraint(
            ["invoice_line_id"], ["billing_invoiceline.id"], name=op.f("fk_billing_claimline_invoice_line_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_claimline_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_claimline_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_claimline")),
    )
    op.create_index(op.f("ix_billing_claimline_claim_id"), "billing_claimline", ["claim_id"], unique=False)
    op.create_index(
        op.f("ix_billing_claimline_invoice_line_id"), "billing_claimline", ["invoice_line_id"], unique=False
    )
    op.create_table(
        "billing_creditnoteline",
        sa.Column("credit_note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("net_amount", portal.types.Money(), nullable=False),
        sa.Column("tax_amount", portal.types.Money(), nullable=False),
        sa.Column("line_total", portal.types.Money(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_creditnoteline_created_by")),
        sa.ForeignKeyConstraint(
            ["credit_note_id"], ["billing_creditnote.id"], name=op.f("fk_billing_creditnoteline_credit_note_id")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_line_id"], ["billing_invoiceline.id"], name=op.f("fk_billing_creditnoteline_invoice_line_id")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_creditnoteline_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_creditnoteline_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_creditnoteline")),
    )
    op.create_index(
        op.f("ix_billing_creditnoteline_credit_note_id"), "billing_creditnoteline", ["credit_note_id"], unique=False
    )
    op.create_index(
        op.f("ix_billing_creditnoteline_invoice_line_id"), "billing_creditnoteline", ["invoice_line_id"], unique=False
    )
    op.create_table(
        "billing_discountrequest",
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", portal.types.Choice("percent", "fixed", name="kind"), nullable=False),
        sa.Column("value", portal.types.Fixed(2), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("status", portal.types.Choice("pending", "approved", "rejected", name="status"), nullable=False),
        sa.Column("requested_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
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
        sa.ForeignKeyConstraint(["approved_by"], ["auth_user.id"], name=op.f("fk_billing_discountrequest_approved_by")),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_discountrequest_created_by")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["billing_invoice.id"], name=op.f("fk_billing_discountrequest_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["billing_invoiceline.id"], name=op.f("fk_billing_discountrequest_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["auth_user.id"], name=op.f("fk_billing_discountrequest_requested_by")
        ),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_discountrequest_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_discountrequest_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_discountrequest")),
        sa.UniqueConstraint("active_key", name=op.f("uq_billing_discountrequest_active_key")),
    )
    op.create_index(
        op.f("ix_billing_discountrequest_approved_by"), "billing_discountrequest", ["approved_by"], unique=False
    )
    op.create_index(
        op.f("ix_billing_discountrequest_invoice_id"), "billing_discountrequest", ["invoice_id"], unique=False
    )
    op.create_index(op.f("ix_billing_discountrequest_line_id"), "billing_discountrequest", ["line_id"], unique=False)
    op.create_index(
        op.f("ix_billing_discountrequest_requested_by"), "billing_discountrequest", ["requested_by"], unique=False
    )
    op.create_table(
        "billing_refundline",
        sa.Column("refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("amount", portal.types.Money(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voided_at", portal.types.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", portal.types.UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["auth_user.id"], name=op.f("fk_billing_refundline_created_by")),
        sa.ForeignKeyConstraint(
            ["invoice_line_id"], ["billing_invoiceline.id"], name=op.f("fk_billing_refundline_invoice_line_id")
        ),
        sa.ForeignKeyConstraint(["refund_id"], ["billing_refund.id"], name=op.f("fk_billing_refundline_refund_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["auth_user.id"], name=op.f("fk_billing_refundline_updated_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["auth_user.id"], name=op.f("fk_billing_refundline_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_refundline")),
    )
    op.create_index(
        op.f("ix_billing_refundline_invoice_line_id"), "billing_refundline", ["invoice_line_id"], unique=False
    )
    op.create_index(op.f("ix_billing_refundline_refund_id"), "billing_refundline", ["refund_id"], unique=False)

    add_late_foreign_keys(LATE)


def downgrade():
    op.drop_index(op.f("ix_billing_refundline_refund_id"), table_name="billing_refundline")
    op.drop_index(op.f("ix_billing_refundline_invoice_line_id"), table_name="billing_refundline")
    op.drop_table("billing_refundline")
    op.drop_index(op.f("ix_billing_discountrequest_requested_by"), table_name="billing_discountrequest")
    op.drop_index(op.f("ix_billing_discountrequest_line_id"), table_name="billing_discountrequest")
    op.drop_index(op.f("ix_billing_discountrequest_invoice_id"), table_name="billing_discountrequest")
    op.drop_index(op.f("ix_billing_discountrequest_approved_by"), table_name="billing_discountrequest")
    op.drop_table("billing_discountrequest")
    op.drop_index(op.f("ix_billing_creditnoteline_invoice_line_id"), table_name="billing_creditnoteline")
    op.drop_index(op.f("ix_billing_creditnoteline_credit_note_id"), table_name="billing_creditnoteline")
    op.drop_table("billing_creditnoteline")
    op.drop_index(op.f("ix_billing_claimline_invoice_line_id"), table_name="billing_claimline")
    op.drop_index(op.f("ix_billing_claimline_claim_id"), table_name="billing_claimline")
    op.drop_table("billing_claimline")
    op.drop_index(op.f("ix_billing_refund_requested_by"), table_name="billing_refund")
    op.drop_index(op.f("ix_billing_refund_payment_id"), table_name="billing_refund")
    op.drop_index(op.f("ix_billing_refund_paid_by"), table_name="billing_refund")
    op.drop_index(op.f("ix_billing_refund_invoice_id"), table_name="billing_refund")
    op.drop_index(op.f("ix_billing_refund_deposit_id"), table_name="billing_refund")
    op.drop_index(op.f("ix_billing_refund_approved_by"), table_name="billing_refund")
    op.drop_table("billing_refund")
    op.drop_index(op.f("ix_billing_invoiceline_invoice_id"), table_name="billing_invoiceline")
    op.drop_table("billing_invoiceline")
    op.drop_index(op.f("ix_billing_price_service_id"), table_name="billing_price")
    op.drop_table("billing_price")
    op.drop_index(op.f("ix_billing_payment_received_by"), table_name="billing_payment")
    op.drop_index(op.f("ix_billing_payment_patient_id"), table_name="billing_payment")
    op.drop_index(op.f("ix_billing_payment_invoice_id"), table_name="billing_payment")
    op.drop_index(op.f("ix_billing_payment_deposit_id"), table_name="billing_payment")
    op.drop_index(op.f("ix_billing_payment_claim_id"), table_name="billing_payment")
    op.drop_index(op.f("ix_billing_payment_cash_session_id"), table_name="billing_payment")
    op.drop_table("billing_payment")
    op.drop_index(op.f("ix_billing_chargeitem_service_id"), table_name="billing_chargeitem")
    op.drop_index("ix_billing_chargeitem_patient_status", table_name="billing_chargeitem")
    op.drop_index(op.f("ix_billing_chargeitem_item_id"), table_name="billing_chargeitem")
    op.drop_index(op.f("ix_billing_chargeitem_invoice_id"), table_name="billing_chargeitem")
    op.drop_index("ix_billing_chargeitem_encounter_status", table_name="billing_chargeitem")
    op.drop_table("billing_chargeitem")
    op.drop_index(op.f("ix_billing_service_department_id"), table_name="billing_service")
    op.drop_table("billing_service")
    op.drop_index(op.f("ix_billing_pricelist_insurer_id"), table_name="billing_pricelist")
    op.drop_table("billing_pricelist")
    op.drop_index(op.f("ix_billing_deposit_patient_id"), table_name="billing_deposit")
    op.drop_index(op.f("ix_billing_deposit_encounter_id"), table_name="billing_deposit")
    op.drop_index(op.f("ix_billing_deposit_cash_session_id"), table_name="billing_deposit")
    op.drop_table("billing_deposit")
    op.drop_index(op.f("ix_billing_creditnote_invoice_id"), table_name="billing_creditnote")
    op.drop_table("billing_creditnote")
    op.drop_index(op.f("ix_billing_claim_invoice_id"), table_name="billing_claim")
    op.drop_index(op.f("ix_billing_claim_insurance_id"), table_name="billing_claim")
    op.drop_table("billing_claim")
    op.drop_index("ix_billing_invoice_status_due_date", table_name="billing_invoice")
    op.drop_index("ix_billing_invoice_patient_status", table_name="billing_invoice")
    op.drop_index(op.f("ix_billing_invoice_encounter_id"), table_name="billing_invoice")
    op.drop_table("billing_invoice")
    op.drop_table("billing_insurer")
    op.drop_index(op.f("ix_billing_cashsession_cashier_id"), table_name="billing_cashsession")
    op.drop_table("billing_cashsession")
