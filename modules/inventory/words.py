"""How the closed lists of the catalogue read."""

from portal.kit import _

KIND_WORDS = {
    "medicine": _("Medicine"),
    "consumable": _("Consumable"),
    "implant": _("Implant"),
    "reagent": _("Reagent"),
    "equipment": _("Equipment"),
    "linen": _("Linen"),
    "other": _("Other"),
}
STORAGE_WORDS = {"room": _("Room temperature"), "cold": _("Refrigerated"), "frozen": _("Frozen")}
