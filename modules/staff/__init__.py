"""Staff: the one register of everybody who works here, and their departments."""

from portal.kit import Module

module = Module(
    __name__,
    label="Staff",
    icon="id-badge-2",
    group="People",
    permissions={
        "view": "See the staff directory",
        "add": "Register staff",
        "change": "Change staff records",
        "department_view": "See departments",
        "department_add": "Add departments",
        "department_change": "Change departments",
    },
    roles={
        "hr_officer": "view add change department_view department_add department_change",
        "doctor": "view department_view",
        "nurse": "view department_view",
        "receptionist": "view department_view",
        "lab_technician": "view department_view",
        "radiographer": "view department_view",
        "pharmacist": "view department_view",
        "cashier": "view department_view",
        "staff": "view department_view",
    },
)
