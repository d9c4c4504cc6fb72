"""Staff: the one register of everybody who works here, and their departments."""

from portal.kit import Module

module = Module(
    __name__,
    label="Staff",
    icon="id-badge-2",
    group="People",
    permissions={
        "view": "See the staff directory",
        "detail_view": "See personal details, sign-in and duties of staff",
        "audit_view": "See what was changed of a member of staff",
        "add": "Register staff",
        "change": "Change staff records",
        "void": "Record who has left",
        "export": "Download the staff directory",
        "credential_view": "See licences and contracts of staff",
        "credential_add": "Add licences and contracts of staff",
        "credential_change": "Change and remove licences and contracts of staff",
        "department_view": "See departments",
        "department_add": "Add departments",
        "department_change": "Change departments",
    },
    roles={
        "hr_officer": "view detail_view audit_view add change void export credential_view credential_add"
        " credential_change department_view department_add department_change",
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
