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
PHASE_WORDS = {
    "admission": _("Admission"),
    "routine": _("Routine care"),
    "pre_op": _("Before an operation"),
    "discharge": _("Discharge"),
}
PRIORITY_WORDS = {"routine": _("Routine"), "urgent": _("Urgent"), "stat": _("At once")}
PRIORITIES = {
    "routine": ("clock", "unk", _("Routine")),
    "urgent": ("alert-triangle", "warn", _("Urgent")),
    "stat": ("bolt", "bad", _("At once")),
}
TASK_STATES = {
    "requested": ("clock", "warn", _("To do")),
    "in_progress": ("player-play", "info", _("In progress")),
    "completed": ("circle-check", "ok", _("Done")),
    "cancelled": ("circle-x", "unk", _("Cancelled")),
}
NOTE_KINDS = {
    "progress": _("How the patient is"),
    "assessment": _("Assessment"),
    "wound": _("Wound care"),
    "fall": _("Fall or other event"),
    "family": _("Talk with the family"),
}
ROLE_WORDS = {"charge": _("In charge"), "bedside": _("At the bedside"), "float": _("Where needed")}
