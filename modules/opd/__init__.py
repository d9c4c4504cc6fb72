"""Outpatients: who waits for which doctor, and what was found."""

from portal.kit import Module

module = Module(
    __name__,
    label="OPD Management",
    menu_label="Outpatients",
    icon="clipboard-list",
    group="Front desk",
    uses=("patients", "staff", "doctors", "rooms", "nurses"),
    permissions={
        "view": "See outpatient visits",
        "view_own": "See the own outpatient visits",
        "add": "Register outpatient visits",
        "token_view": "See the queues",
        "token_add": "Give out queue numbers",
        "call": "Call the next patient",
        "cancel": "Cancel visits and queue numbers",
        "vitals": "Record vital signs before the consultation",
        "consult": "Write the consultation",
        "sign": "Sign the consultation",
        "admit": "Ask for an admission",
        "refer": "Refer to another doctor",
        "order_view_own": "See visits with orders for the own department",
        "charge_view": "See what a visit costs",
        "prescription_view": "See what was prescribed at a visit",
    },
    roles={
        "receptionist": "add token_view token_add call cancel",
        "nurse": "view token_view vitals call",
        "doctor": "view_own token_view consult sign admit refer",
        "lab_technician": "order_view_own",
        "radiographer": "order_view_own",
        "cashier": "charge_view",
        "pharmacist": "prescription_view",
    },
)
