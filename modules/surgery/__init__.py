"""Surgery: which operation is when in which theatre, made safely, and what was done."""

from portal.kit import Module

module = Module(
    __name__,
    label="Surgery Management",
    menu_label="Surgery",
    icon="slice",
    group="Clinical",
    permissions={
        "view": "See operations",
        "list_view": "See the operating list",
        "charge_view": "See the charges of operations",
        "consumable_view": "See the items operations use",
        "add": "Ask for operations",
        "cancel": "Cancel and postpone operations",
        "void": "Void operations entered in error",
        "schedule": "Schedule operations and their teams",
        "assess": "Assess patients before operations",
        "checklist": "Fill in the safety checklist",
        "start": "Start operations",
        "consumables": "Record the items used",
        "complete": "Complete operations",
        "recover": "Record the recovery",
        "sign": "Sign operative notes",
        "procedure_view": "See the catalogue of procedures",
        "procedure_add": "Add procedures",
        "procedure_change": "Change procedures",
    },
    roles={
        "doctor": "view add cancel schedule assess start complete sign procedure_view",
        "nurse": "view schedule checklist consumables recover procedure_view",
        "receptionist": "list_view",
        "pharmacist": "consumable_view",
        "cashier": "charge_view",
    },
)
