"""The card of a hospital's record that says what the last look at its database saw."""

from portal.control.models import Tenant
from portal.provisioning import seen

TONES = {"missing": ("warn", "alert-triangle"), "different": ("bad", "circle-x"), "extra": ("unk", "info-circle")}


def findings_of(tenant: Tenant) -> dict:
    """The facts, the last thorough look, and every difference by module."""
    return {
        "facts": seen.facts_of(tenant),
        "whole": seen.whole_of(tenant),
        "lines": [(line, seen.HOWS[line.how], *TONES[line.how]) for line in seen.lines_of(tenant)],
    }
