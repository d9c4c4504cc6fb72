"""Dashboard: the first page after signing in."""

from portal.kit import Module

EVERYBODY = "doctor nurse receptionist lab_technician radiographer pharmacist cashier hr_officer staff"

module = Module(
    __name__,
    label="Dashboard",
    icon="layout-dashboard",
    group="",
    permissions={"view": "See the dashboard", "arrange": "Arrange the dashboard of each role"},
    roles=dict.fromkeys(EVERYBODY.split(), "view"),
)
