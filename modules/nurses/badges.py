"""How a score looks: a tone, an icon and a word, the same on every page."""

from dataclasses import dataclass

from modules.nurses.models.vitals import VitalSign
from portal.kit import _


@dataclass(frozen=True)
class ScoreBadge:
    """A badge for a score; `solid` for one that nobody may overlook."""

    tone: str
    icon: str
    text: str
    solid: bool


def news2_badge(vital: VitalSign | None) -> ScoreBadge | None:
    """The badge of a measurement's score (NUR-6); None where there is no score."""
    if vital is None or vital.news2 is None:
        return None
    text = _("NEWS2 {score}", score=vital.news2)
    if vital.is_red:
        return ScoreBadge("bad", "alert-triangle", text, solid=True)
    if vital.is_alert:
        return ScoreBadge("warn", "alert-triangle", text, solid=False)
    return ScoreBadge("ok", "heartbeat", text, solid=False)
