"""Inventory: what is in stock, where it lies, and where it went."""

from portal.kit import Module

module = Module(
    __name__,
    label="Inventory",
    icon="packages",
    group="Business",
    permissions={
        "view": "See items and stock",
        "add": "Add items",
        "change": "Change items",
        "stock_view_own": "See the stock of their own ward",
        "availability_view": "See what is available while prescribing",
        "value_view": "See what the stock is worth",
        "batch_change": "Hold, release and recall batches",
        "batch_void": "Void batches entered in error",
        "supplier_view": "See suppliers",
        "supplier_add": "Add suppliers",
        "supplier_change": "Change suppliers",
        "location_view": "See storage places",
        "location_add": "Add storage places",
        "location_change": "Change storage places",
        "order_view": "See purchase orders",
        "order_add": "Make purchase orders",
        "order_change": "Change and submit purchase orders",
        "approve_po": "Approve purchase orders",
        "bill_add": "Record bills of suppliers",
        "receive": "Receive deliveries",
        "transfer": "Move stock between places",
        "dispense_view": "See what was dispensed",
        "dispense": "Dispense medicines",
        "requisition_view": "See all requisitions",
        "requisition_view_own": "See the requisitions of their own unit",
        "requisition_add": "Ask for stock",
        "requisition_change": "Approve and issue requisitions",
        "receive_ward": "Receive what their ward asked for",
        "count": "Count stock",
        "approve_count": "Approve and post counts",
    },
    roles={
        "pharmacist": "view add change batch_change supplier_view supplier_add supplier_change "
        "location_view location_add location_change order_view order_add order_change "
        "receive transfer dispense_view dispense requisition_view requisition_add "
        "requisition_change count",
        "nurse": "stock_view_own requisition_view_own requisition_add receive_ward",
        "doctor": "availability_view",
        "cashier": "value_view bill_add",
        "lab_technician": "requisition_view_own requisition_add",
        "radiographer": "requisition_view_own requisition_add",
    },
)
