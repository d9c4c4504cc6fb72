"""Laboratory: what was ordered, sampled and found, and who has verified it."""

from portal.kit import Module

module = Module(
    __name__,
    label="Laboratory",
    icon="flask",
    group="Diagnostics",
    permissions={
        "view": "See orders, samples and results",
        "view_own": "See the orders of their own ward",
        "status_view": "See how far an order is",
        "charge_view": "See the lines of orders and their charges",
        "add": "Order tests",
        "cancel": "Cancel their own orders",
        "void": "Void orders made in error",
        "collect": "Collect samples",
        "receive": "Receive and reject samples",
        "enter": "Enter results",
        "verify": "Verify results",
        "amend": "Amend verified results",
        "acknowledge": "Acknowledge critical results",
        "print_report": "Print final reports",
        "test_view": "See the catalogue of tests and ranges",
        "test_add": "Add tests and ranges",
        "test_change": "Change tests and ranges",
    },
    roles={
        "doctor": "view add cancel acknowledge",
        "nurse": "view_own collect acknowledge",
        "lab_technician": "view collect receive enter test_view",
        "receptionist": "status_view print_report",
        "cashier": "charge_view",
    },
)
