"""The words for what is known of a patient, by the value that is kept."""

from portal.kit import _

ALLERGY_CATEGORIES = {
    "medication": _("Medicine"),
    "food": _("Food"),
    "environment": _("Environment"),
    "other": _("Other"),
}
SEVERITIES = {"mild": _("Mild"), "moderate": _("Moderate"), "severe": _("Severe")}
CRITICALITIES = {"low": _("Low"), "high": _("High"), "unable_to_assess": _("Cannot be assessed")}
HISTORY_CATEGORIES = {
    "condition": _("Conditions"),
    "surgery": _("Operations"),
    "family": _("Family history"),
    "social": _("Social history"),
    "medication": _("Long-term medicines"),
    "immunization": _("Immunisations"),
    "obstetric": _("Pregnancies and births"),
}
# What goes on until it is over; an operation or an immunisation is only ever past.
LASTING = ("condition", "medication", "social", "obstetric")
CONSENT_KINDS = {
    "treatment": _("Treatment"),
    "surgery": _("Operation"),
    "anaesthesia": _("Anaesthesia"),
    "telemedicine": _("Telemedicine"),
    "data_sharing": _("Sharing of data"),
}
IDENTIFIER_KINDS = {
    "national_id": _("Earlier national id"),
    "passport": _("Passport"),
    "insurance": _("Insurance card"),
    "old_mrn": _("Earlier record number"),
    "other": _("Other number"),
}
DOCUMENT_KINDS = {
    "referral": _("Referral letter"),
    "report": _("Report from elsewhere"),
    "consent": _("Signed consent"),
    "identity": _("Identity document"),
    "other": _("Other document"),
}
# Icon, tone and word of each state.
ALLERGY_STATES = {
    "active": ("alert-triangle", "bad", _("Active")),
    "resolved": ("circle-check", "ok", _("Resolved")),
    "entered_in_error": ("circle-x", "unk", _("Entered in error")),
}
HISTORY_STATES = {
    "active": ("heartbeat", "info", _("Active")),
    "resolved": ("circle-check", "ok", _("Resolved")),
    "inactive": ("player-pause", "unk", _("Inactive")),
}
INSURANCE_STATES = {
    "draft": ("pencil", "warn", _("Draft")),
    "active": ("circle-check", "ok", _("Active")),
    "cancelled": ("circle-x", "unk", _("Cancelled")),
}
