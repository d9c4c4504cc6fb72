"""Emergency: who came, how urgent it is, and what became of them."""

from portal.kit import Module

module = Module(
    __name__,
    label="Emergency Care",
    menu_label="Emergency",
    icon="ambulance",
    group="Clinical",
    uses=("patients", "doctors", "rooms", "nurses", "ipd"),
    permissions={
        "view": "See emergency visits",
        "add": "Register arrivals",
        "change": "Change emergency visits",
        "board_view": "See the triage board",
        "triage": "Triage patients",
        "bay_change": "Move patients between bays",
        "see": "See and treat emergency patients",
        "disposition": "Decide where patients go",
        "order_view_own": "See visits with orders for the own department",
        "charge_view": "See what a visit costs",
    },
    roles={
        "receptionist": "add board_view",
        "nurse": "view add change board_view triage bay_change",
        "doctor": "view add change board_view see disposition",
        "lab_technician": "order_view_own",
        "radiographer": "order_view_own",
        "cashier": "charge_view",
    },
)
