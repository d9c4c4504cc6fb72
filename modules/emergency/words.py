"""The words for emergency visits, by the value that is kept."""

from portal.kit import _

# What people call each level, and how soon a doctor comes (Australasian triage scale).
LEVELS = {
    1: _("Immediate"),
    2: _("Emergency"),
    3: _("Urgent"),
    4: _("Semi-urgent"),
    5: _("Non-urgent"),
}
# What a patient of each level looks like, for those who judge it.
SIGNS = {
    1: _("Immediately life-threatening: no pulse, not breathing, severe shock"),
    2: _("Imminently life-threatening, or very severe pain: chest pain, stroke signs"),
    3: _("Potentially life-threatening: short of breath, moderate blood loss, severe pain"),
    4: _("Potentially serious: moderate pain, limb injury, vomiting"),
    5: _("Less urgent: minor symptoms, dressing, certificate"),
}
# Icon, tone and word of each state.
STATES = {
    "arrived": ("help-circle", "warn", _("Not triaged")),
    "triaged": ("hourglass", "warn", _("Waiting")),
    "in_treatment": ("stethoscope", "act", _("In treatment")),
    "observation": ("eye", "act", _("Observation")),
    "awaiting_bed": ("bed", "info", _("Awaiting bed")),
    "departed": ("circle-check", "ok", _("Departed")),
    "left_without_being_seen": ("door-exit", "unk", _("Left without being seen")),
    "deceased": ("heartbeat", "unk", _("Died")),
}
ARRIVALS = {
    "walk_in": ("walk", _("Walk-in")),
    "ambulance": ("ambulance", _("Ambulance")),
    "police": ("shield", _("Police")),
    "referral": ("arrows-exchange", _("Referral")),
    "other": ("door", _("Other")),
}
DISPOSITIONS = {
    "discharged": _("Discharged home"),
    "admitted": _("Admitted"),
    "transferred": _("Transferred to another hospital"),
    "left_without_being_seen": _("Left without being seen"),
    "left_against_advice": _("Left against advice"),
    "deceased": _("Died"),
}
AMBULANCES = {
    "available": ("circle-check", "ok", _("Available")),
    "dispatched": ("player-play", "info", _("Dispatched")),
    "on_scene": ("map-pin", "act", _("On scene")),
    "to_hospital": ("ambulance", "act", _("On the way here")),
    "at_hospital": ("building-hospital", "info", _("At the hospital")),
    "out_of_service": ("tool", "unk", _("Out of service")),
}
SEX_LETTERS = {"female": _("F"), "male": _("M")}
EVENTS = {"arrived": _("Arrived"), **{key: word for key, (_icon, _tone, word) in STATES.items() if key != "arrived"}}
EVENTS |= {"triaged": _("Triaged"), "in_treatment": _("Seen by a doctor")}
