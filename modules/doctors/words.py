"""How the closed lists of doctors and prescriptions read, and how their states look."""

from portal.kit import _

KIND_WORDS = {
    "outpatient": _("To take home after a visit"),
    "inpatient": _("For the ward"),
    "discharge": _("To take home after the stay"),
}
URGENCY_WORDS = {"routine": _("Routine"), "urgent": _("Urgent"), "emergency": _("Emergency")}
STATUS_WORDS = {"active": _("Active"), "on_leave": _("On leave"), "inactive": _("Inactive")}
LICENSE_WORDS = {"soon": _("Licence ends within 60 days")}
SKILLS = {
    "is_surgeon": _("Surgeon"),
    "is_anaesthetist": _("Anaesthetist"),
    "is_radiologist": _("Radiologist"),
    "is_pathologist": _("Pathologist"),
    "telemedicine": _("Video visits"),
}
# Icon, tone and word of each state.
DOCTOR_STATES = {
    "active": ("circle-check", "ok", _("Active")),
    "on_leave": ("calendar", "info", _("On leave")),
    "inactive": ("player-pause", "unk", _("Inactive")),
}
PRESCRIPTION_STATES = {
    "draft": ("pencil", "warn", _("Draft")),
    "active": ("circle-check", "ok", _("Active")),
    "partially_dispensed": ("pill", "info", _("Partly dispensed")),
    "completed": ("check", "unk", _("Completed")),
    "stopped": ("hand-stop", "bad", _("Stopped")),
    "cancelled": ("circle-x", "unk", _("Cancelled")),
}
ITEM_STATES = {name: PRESCRIPTION_STATES[name] for name in ("active", "completed", "stopped", "cancelled")}
REFERRAL_STATES = {
    "requested": ("hourglass", "warn", _("Waits for an answer")),
    "accepted": ("circle-check", "ok", _("Accepted")),
    "declined": ("circle-x", "bad", _("Declined")),
    "completed": ("check", "unk", _("Completed")),
}
