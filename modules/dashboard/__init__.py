"""Dashboard: the first page after signing in."""

from portal.kit import Module

EVERYBODY = "doctor nurse receptionist lab_technician radiographer pharmacist cashier hr_officer staff"

module = Module(
    __name__,
    label="Dashboard",
    icon="layout-dashboard",
    group="",
    uses=("patients", "staff"),
    permissions={"view": "See the dashboard"},
    roles=dict.fromkeys(EVERYBODY.split(), "view"),
)
