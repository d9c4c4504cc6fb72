"""Inpatients: from the request for a bed to the signed discharge."""

from portal.kit import Module

module = Module(
    __name__,
    label="IPD Management",
    menu_label="Inpatients",
    icon="building-hospital",
    group="Clinical",
    uses=("patients", "staff", "doctors", "rooms", "nurses"),
    permissions={
        "view": "See all inpatients",
        "view_own": "See inpatients of the own department or ward",
        "add": "Request admissions",
        "register": "Complete the registration of an admission",
        "admit": "Admit patients",
        "bed_assign": "Assign beds to admissions",
        "bed_change": "Move and release beds of inpatients",
        "round_add": "Write ward rounds",
        "order_discharge": "Order discharges",
        "sign": "Sign discharge summaries",
        "clear_medical": "Give medical clearance",
        "clear_nursing": "Give nursing clearance",
        "clear_pharmacy": "Give pharmacy clearance",
        "clear_laboratory": "Give laboratory clearance",
        "clear_billing": "Give billing clearance",
        "void": "Void admissions entered in error",
        "waive_clearance": "Waive a clearance",
        "confirm_departure": "Confirm that a patient has left",
    },
    roles={
        "doctor": "view_own add admit round_add order_discharge sign clear_medical",
        "nurse": "view_own bed_assign bed_change clear_nursing confirm_departure",
        "receptionist": "register bed_assign",
        "pharmacist": "clear_pharmacy",
        "lab_technician": "clear_laboratory",
        "cashier": "clear_billing",
    },
)
