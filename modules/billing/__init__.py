"""Billing: what care costs, what was paid, and what is still owed."""

from portal.kit import Module

module = Module(
    __name__,
    label="Billing & Invoicing",
    menu_label="Billing",
    icon="receipt",
    group="Business",
    permissions={
        "view": "See invoices",
        "add": "Make invoices",
        "change": "Change and issue invoices",
        "cancel_invoice": "Cancel issued invoices",
        "void": "Void invoices made in error",
        "account_view": "See the accounts of patients",
        "charge_view": "See all charges",
        "charge_view_own": "See the charges of their own patients",
        "payment_view": "See payments",
        "payment_add": "Take payments",
        "payment_change": "Correct the reference of a payment",
        "payment_void": "Void a payment of their own open cash session",
        "deposit_view": "See deposits",
        "deposit_add": "Take deposits",
        "deposit_change": "Apply deposits to invoices",
        "pharmacy_invoice_add": "Make pharmacy invoices",
        "refund_view": "See refunds",
        "refund_add": "Ask for refunds",
        "refund_pay": "Pay approved refunds",
        "approve_refund": "Approve refunds",
        "creditnote_view": "See credit notes",
        "creditnote_add": "Write credit notes",
        "discount_add": "Give small discounts and ask for larger ones",
        "approve_discount": "Approve discounts",
        "session_view": "See cash sessions",
        "session_add": "Open a cash session",
        "close_session": "Count and close their cash session",
        "claim_view": "See claims",
        "claim_add": "Make claims",
        "claim_change": "Submit claims and record the answers",
        "insurer_view": "See insurers",
        "insurer_add": "Add insurers",
        "insurer_change": "Change insurers",
        "service_view": "See services and price lists",
        "service_add": "Add services and prices",
        "service_change": "Change services and prices",
    },
    roles={
        "cashier": "view add change account_view charge_view payment_view payment_add payment_change "
        "payment_void deposit_view deposit_add deposit_change refund_view refund_add "
        "refund_pay creditnote_view creditnote_add discount_add session_view session_add "
        "close_session claim_view claim_add claim_change insurer_view service_view",
        "receptionist": "account_view payment_add deposit_add",
        "doctor": "charge_view_own",
        "nurse": "charge_view_own",
        "pharmacist": "pharmacy_invoice_add payment_add",
    },
)
