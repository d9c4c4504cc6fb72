"""What nursing shows beside a consultation: what was measured in the visit."""

from modules.nurses import module
from modules.nurses.badges import news2_badge
from modules.nurses.vitals import vitals_of
from modules.nurses.words import CONSCIOUSNESS_WORDS
from portal.kit import Record, fragment

MOST = 4


@module.fills("opd.beside", needs="view | view_own")
def measured(visit: Record) -> list[str]:
    """The vital signs of the visit, the newest first."""
    rows = vitals_of(visit.encounter_id)[:MOST]
    words = {"badge_of": news2_badge, "consciousness": CONSCIOUSNESS_WORDS}
    return [fragment("nurses/_beside.html", visit=visit, rows=rows, **words)]
