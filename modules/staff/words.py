"""How the closed lists of the register read."""

from portal.kit import _

SEX_WORDS = {"female": _("Female"), "male": _("Male"), "other": _("Other"), "unknown": _("Unknown")}
KIND_WORDS = {
    "clinical": _("Clinical"),
    "diagnostic": _("Diagnostic"),
    "support": _("Support"),
    "admin": _("Administration"),
}
ROLE_WORDS = {
    "doctor": _("Doctor"),
    "nurse": _("Nurse"),
    "admin": _("Administration"),
    "receptionist": _("Reception"),
    "lab": _("Laboratory"),
    "radiology": _("Radiology"),
    "pharmacy": _("Pharmacy"),
    "cashier": _("Cashier"),
    "hr": _("Human resources"),
    "support": _("Support"),
}
EMPLOYMENT_WORDS = {
    "full_time": _("Full time"),
    "part_time": _("Part time"),
    "contract": _("Contract"),
    "visiting": _("Visiting"),
}
STATUS_WORDS = {
    "active": _("Active"),
    "on_leave": _("On leave"),
    "suspended": _("Suspended"),
    "left": _("Left"),
}
CREDENTIAL_WORDS = {
    "license": _("Licence"),
    "certificate": _("Certificate"),
    "training": _("Training"),
    "contract": _("Contract"),
}
ENDING_WORDS = {"soon": _("Within 60 days"), "expired": _("Expired")}
