"""Notifications: who is told what, here, by e-mail or by text message."""

from portal.kit import Module

EVERYBODY = "doctor nurse receptionist lab_technician radiographer pharmacist cashier hr_officer staff"
OWN = "view_own read preference_change"

module = Module(
    __name__,
    label="Notifications",
    icon="bell",
    group="",
    permissions={
        "view_own": "See their own notifications",
        "read": "Mark their own notifications as read",
        "preference_change": "Choose which notices they want",
        "add": "Send a message to a patient",
        "template_view": "See templates",
        "template_add": "Add templates",
        "template_change": "Change templates",
        "rule_view": "See who is told of what",
        "rule_add": "Add rules",
        "rule_change": "Change rules",
        "delivery_view": "See the delivery log",
        "delivery_change": "Send failed messages again",
    },
    roles=dict.fromkeys(EVERYBODY.split(), OWN)
    | {
        "receptionist": f"{OWN} add",
    },
)
