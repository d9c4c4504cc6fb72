"""Appointments: who is expected at which clinic, and when."""

from portal.kit import Module

module = Module(
    __name__,
    label="Appointments",
    icon="calendar",
    group="Front desk",
    counts={"appointments_appointment": ("{count} appointment", "{count} appointments")},
    uses=("patients", "staff", "doctors", "rooms"),
    permissions={
        "view": "See appointments",
        "view_own": "See the own appointments",
        "add": "Book appointments",
        "change": "Change appointments",
        "void": "Void appointments",
        "check_in": "Check patients in",
        "cancel": "Cancel appointments",
        "reschedule": "Move appointments",
        "follow_up": "Book follow-up appointments",
        "start": "Start consultations",
        "complete": "Complete consultations",
        "overbook": "Book beyond capacity",
    },
    roles={
        "receptionist": "view add change check_in cancel reschedule",
        "doctor": "view_own follow_up start complete overbook",
        "nurse": "view check_in",
        "cashier": "view",
    },
)
