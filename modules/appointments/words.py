"""The words for appointments, by the value that is kept."""

from portal.kit import _

# Tone, icon and word of each state, in the order of the legend.
STATES = {
    "requested": ("info", "hourglass", _("Requested")),
    "scheduled": ("info", "calendar", _("Scheduled")),
    "checked_in": ("warn", "user-check", _("Checked in")),
    "in_consultation": ("act", "stethoscope", _("In consultation")),
    "completed": ("ok", "circle-check", _("Completed")),
    "no_show": ("bad", "user-x", _("No show")),
    "cancelled": ("unk", "circle-x", _("Cancelled")),
    "rescheduled": ("unk", "arrows-exchange", _("Moved")),
}
GONE = ("no_show", "cancelled", "rescheduled")
KINDS = {
    "scheduled": _("Visit"),
    "follow_up": _("Follow-up"),
    "virtual": _("By video"),
    "walk_in": _("Walk-in"),
}
BOOKABLE_KINDS = {key: KINDS[key] for key in ("scheduled", "follow_up", "virtual")}
PRIORITIES = {"routine": _("Routine"), "urgent": _("Urgent"), "emergency": _("Emergency")}
SOURCES = {
    "reception": _("At the desk"),
    "phone": _("By phone"),
    "portal": _("Online"),
    "doctor": _("By a doctor"),
    "referral": _("Referral"),
}
ASKED_BY = {key: SOURCES[key] for key in ("reception", "phone", "referral")}
MODES = {"in_person": _("In person"), "virtual": _("By video"), "both": _("In person or by video")}
CANCELLED_BY = {"patient": _("The patient"), "hospital": _("The hospital")}
WAITING = {
    "waiting": ("info", "hourglass", _("Waiting")),
    "offered": ("warn", "bell", _("Offered")),
    "booked": ("ok", "circle-check", _("Booked")),
    "expired": ("unk", "circle-x", _("Expired")),
}
