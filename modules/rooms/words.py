"""The words for wards, rooms and beds, by the value that is kept."""

from portal.kit import _

WARD_KINDS = {
    "general": _("General"),
    "icu": _("Intensive care"),
    "hdu": _("High dependency"),
    "maternity": _("Maternity"),
    "paediatric": _("Children"),
    "isolation": _("Isolation"),
    "emergency": _("Emergency"),
    "day_care": _("Day care"),
}
POLICIES = {"any": _("Any sex"), "female": _("Women only"), "male": _("Men only")}
ROOM_KINDS = {
    "ward_room": _("Ward room"),
    "consulting": _("Consulting room"),
    "theatre": _("Operating theatre"),
    "procedure": _("Procedure room"),
    "imaging": _("Imaging room"),
    "er_bay": _("Emergency bay"),
    "lab": _("Laboratory"),
    "office": _("Office"),
}
# Icon, tone and word of each state.
ROOM_STATES = {
    "active": ("circle-check", "ok", _("In use")),
    "maintenance": ("tool", "warn", _("Repair")),
    "closed": ("lock", "unk", _("Closed")),
}
BED_TYPES = {
    "standard": _("Standard bed"),
    "electric": _("Electric bed"),
    "icu": _("Intensive care bed"),
    "cot": _("Cot"),
    "bassinet": _("Bassinet"),
    "trolley": _("Trolley"),
}
# Tone, pattern, icon and word of each state, in the order of the legend.
BED_STATES = {
    "available": ("ok", "", "circle-check", _("Free")),
    "reserved": ("info", "dash", "bookmark", _("Reserved")),
    "occupied": ("act", "occ", "bed", _("Occupied")),
    "cleaning": ("warn", "dots", "wash", _("Cleaning")),
    "maintenance": ("unk", "hatch", "tool", _("Repair")),
    "blocked": ("bad", "hatch", "ban", _("Blocked")),
}
FEATURES = {
    "oxygen": _("Oxygen"),
    "suction": _("Suction"),
    "monitor": _("Monitor"),
    "ventilator": _("Ventilator"),
    "negative_pressure": _("Negative pressure"),
    "bariatric": _("For heavy patients"),
    "window": _("Window"),
}
END_REASONS = {
    "transfer": _("Moved to another bed"),
    "discharge": _("Left the hospital"),
    "death": _("Died"),
    "error": _("Assigned by mistake"),
}
ALLOCATION_STATES = {
    "reserved": ("bookmark", "info", _("Reserved")),
    "active": ("bed", "act", _("In the bed")),
    "ended": ("circle-check", "ok", _("Ended")),
    "cancelled": ("circle-x", "unk", _("Not claimed")),
}
REPAIR_STATES = {
    "open": ("alert-triangle", "warn", _("Reported")),
    "in_progress": ("tool", "info", _("Being repaired")),
    "done": ("circle-check", "ok", _("Done")),
}
SEX_LETTERS = {"female": _("F"), "male": _("M")}
