"""How what nurses record reads, and how its states look."""

from portal.kit import _

CONSCIOUSNESS_WORDS = {
    "A": _("Alert"),
    "C": _("New confusion"),
    "V": _("Responds to voice"),
    "P": _("Responds to pain"),
    "U": _("Unresponsive"),
}
GRADE_WORDS = {
    "head_nurse": _("Head nurse"),
    "registered": _("Registered nurse"),
    "enrolled": _("Enrolled nurse"),
    "midwife": _("Midwife"),
    "assistant": _("Nursing assistant"),
}
# Icon, tone and word of each state.
NURSE_STATES = {
    "active": ("circle-check", "ok", _("Active")),
    "on_leave": ("calendar", "info", _("On leave")),
    "inactive": ("player-pause", "unk", _("Inactive")),
}
