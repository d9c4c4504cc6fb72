"""How the closed lists of billing read."""

from portal.kit import _

CATEGORY_WORDS = {
    "consultation": _("Consultation"),
    "procedure": _("Procedure"),
    "laboratory": _("Laboratory"),
    "radiology": _("Radiology"),
    "bed": _("Bed"),
    "theatre": _("Theatre"),
    "medicine": _("Medicine"),
    "consumable": _("Consumable"),
    "package": _("Package"),
    "other": _("Other"),
}
