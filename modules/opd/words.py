"""The words for the states and kinds of outpatient work: icon, tone and word."""

from portal.kit import _

VISIT_STATES = {
    "registered": ("user-check", "info", _("Registered")),
    "vitals_done": ("heartbeat", "info", _("Vital signs taken")),
    "in_consultation": ("stethoscope", "act", _("With the doctor")),
    "awaiting_results": ("hourglass", "warn", _("Waiting for results")),
    "completed": ("circle-check", "ok", _("Completed")),
    "left": ("walk", "unk", _("Left")),
}
TOKEN_STATES = {
    "issued": ("clock", "info", _("Waiting")),
    "called": ("bell-ringing", "warn", _("Called")),
    "serving": ("stethoscope", "act", _("With the doctor")),
    "done": ("circle-check", "ok", _("Seen")),
    "skipped": ("player-skip-forward", "warn", _("Did not answer")),
    "cancelled": ("x", "unk", _("Cancelled")),
}
PRIORITIES = {
    "normal": _("Normal"),
    "urgent": _("Urgent"),
    "elderly": _("Elderly"),
    "disabled": _("Disabled"),
    "pregnant": _("Pregnant"),
}
PRIORITY_ICONS = {"urgent": "urgent", "elderly": "walk", "disabled": "wheelchair", "pregnant": "baby-carriage"}
VISIT_TYPES = {"new": _("New problem"), "follow_up": _("Follow-up"), "review": _("Review of results")}
DISPOSITIONS = {
    "home": _("Goes home"),
    "review": _("Comes back for a review"),
    "refer": _("Referred to another doctor"),
    "admit": _("To be admitted"),
    "emergency": _("To the emergency department"),
}
SESSIONS = {"am": _("Morning"), "pm": _("Afternoon"), "eve": _("Evening")}
QUEUE_STATES = {
    "open": ("player-play", "ok", _("Open")),
    "paused": ("player-pause", "warn", _("Paused")),
    "closed": ("lock", "unk", _("Closed")),
}
NOTE_STATES = {
    "draft": ("pencil", "warn", _("Draft")),
    "signed": ("signature", "ok", _("Signed")),
    "amended": ("pencil-plus", "info", _("Signed, with addenda")),
}
