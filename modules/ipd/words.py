"""The words for stays, by the value that is kept."""

from portal.kit import _

# Icon, tone and word of each state.
STATES = {
    "requested": ("clipboard-list", "info", _("Requested")),
    "waiting_bed": ("hourglass", "warn", _("Waits for a bed")),
    "admitted": ("bed", "act", _("Admitted")),
    "discharge_ordered": ("door-exit", "warn", _("Discharge ordered")),
    "discharged": ("circle-check", "ok", _("Discharged")),
    "cancelled": ("ban", "unk", _("Cancelled")),
}
SOURCES = {
    "opd": _("Outpatients"),
    "emergency": _("Emergency"),
    "direct": _("Direct admission"),
    "transfer_in": _("From another hospital"),
    "newborn": _("Born here"),
}
# Icon, tone and word of each priority, the most urgent first.
PRIORITIES = {
    "emergency": ("alert-triangle", "bad", _("Emergency")),
    "urgent": ("clock-exclamation", "warn", _("Urgent")),
    "routine": ("clock", "unk", _("Routine")),
}
DISPOSITIONS = {
    "home": _("Home"),
    "other_facility": _("Other facility"),
    "against_advice": _("Against advice"),
    "absconded": _("Left without telling"),
    "deceased": _("Deceased"),
    "other": _("Other"),
}
CODE_STATUS = {"full": _("Full resuscitation"), "limited": _("Limited treatment"), "dnr": _("Do not resuscitate")}
ISOLATIONS = {
    "contact": _("Contact"),
    "droplet": _("Droplet"),
    "airborne": _("Airborne"),
    "protective": _("Protective"),
}
DIETS = {
    "normal": _("Normal"),
    "soft": _("Soft"),
    "fluids": _("Fluids only"),
    "nil": _("Nothing by mouth"),
    "diabetic": _("Diabetic"),
    "low_salt": _("Low salt"),
    "vegetarian": _("Vegetarian"),
    "halal": _("Halal"),
}
SUMMARY_STATES = {
    "draft": ("pencil", "warn", _("Draft")),
    "signed": ("signature", "ok", _("Signed")),
    "amended": ("signature", "info", _("Amended")),
}
SECTIONS = {
    "diagnoses": _("Diagnoses"),
    "course": _("Course in hospital"),
    "procedures": _("Procedures"),
    "key_results": _("Results that matter"),
    "condition": _("Condition when leaving"),
    "advice": _("Advice"),
}
SEXES = {"female": _("Girl"), "male": _("Boy"), "unknown": _("Not known yet")}
