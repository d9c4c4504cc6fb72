"""Analytics: how the hospital is doing, in numbers that lead to the records behind them."""

from portal.kit import Module

READERS = "doctor nurse receptionist lab_technician radiographer pharmacist cashier hr_officer"

module = Module(
    __name__,
    label="Analytics & Reports",
    menu_label="Analytics",
    icon="chart-bar",
    group="Business",
    permissions={
        "view": "See the KPIs and reports meant for their role",
        "run": "Run reports",
        "export": "Export reports",
        "change": "Change targets and alarms of KPIs",
        "recompute": "Compute a day again",
        "schedule_view": "See scheduled reports",
        "schedule_add": "Schedule reports",
        "schedule_change": "Change scheduled reports",
    },
    roles=dict.fromkeys(READERS.split(), "view run export"),
)
