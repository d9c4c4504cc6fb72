"""Rooms: the wards, rooms and beds of the hospital, and who lies where."""

from portal.kit import Module

module = Module(
    __name__,
    label="Room Management",
    menu_label="Beds and wards",
    icon="bed",
    group="Clinical",
    uses=("patients", "staff"),
    permissions={
        "view": "See wards, rooms and beds",
        "add": "Add wards, rooms and beds",
        "change": "Change wards, rooms and beds",
        "reserve": "Reserve beds",
        "assign": "Assign beds",
        "transfer": "Move patients to other beds",
        "clean": "Mark beds clean",
        "board_view": "See the big screen without names",
        "rate_view": "See what beds cost",
    },
    roles={
        "nurse": "view reserve assign transfer clean board_view",
        "receptionist": "view reserve assign board_view",
        "doctor": "view board_view",
        "staff": "clean board_view",
        "hr_officer": "view",
        "pharmacist": "view",
        "lab_technician": "view",
        "radiographer": "view",
        "cashier": "rate_view",
    },
)
