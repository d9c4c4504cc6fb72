"""Contact: how to reach the hospital, and what people asked it."""

from portal.kit import Module

EVERYBODY = "doctor nurse receptionist lab_technician radiographer pharmacist cashier hr_officer staff"
OWN = "directory_view"

module = Module(
    __name__,
    label="Contact Management",
    menu_label="Enquiries",
    icon="mail",
    group="Front desk",
    permissions={
        "view": "See enquiries",
        "add": "Record enquiries",
        "change": "Change enquiries",
        "void": "Void enquiries",
        "assign": "Assign enquiries",
        "reply": "Answer enquiries",
        "close": "Close enquiries and mark spam",
        "directory_view": "See the phone directory",
        "channel_view": "See the ways to reach the hospital",
        "channel_add": "Add ways to reach the hospital",
        "channel_change": "Change the ways to reach the hospital",
    },
    roles=dict.fromkeys(EVERYBODY.split(), OWN)
    | {
        "receptionist": f"{OWN} view add change assign reply close",
    },
)
