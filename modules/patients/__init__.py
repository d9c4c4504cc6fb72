"""Patients: who is known here, and how to find them again."""

from portal.kit import Module

module = Module(
    __name__,
    label="Patient Management",
    menu_label="Patients",
    icon="users",
    group="Front desk",
    permissions={"view": "See patients", "add": "Register patients", "change": "Change patient records"},
    roles={
        "receptionist": "view add change",
        "doctor": "view add change",
        "nurse": "view change",
        "lab_technician": "view",
        "radiographer": "view",
        "pharmacist": "view",
        "cashier": "view",
    },
)
