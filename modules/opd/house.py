"""What each hospital sets for its queues."""

from portal.kit import _
from portal.kit.house import house_number

calls = house_number(
    "opd",
    "calls",
    _("Calls until a number goes to the end"),
    3,
    least=1,
    most=10,
    hint=_("Of a patient who does not answer."),
)
