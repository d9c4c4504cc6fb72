"""The tabs of a visit."""

from modules.opd import module, words
from modules.opd.find import SEES
from modules.opd.models import Visit
from portal.kit import _, fragment, life_of


@module.tab(Visit, "summary", _("Visit"), needs=SEES, order=0)
def summary(visit: Visit) -> str:
    """Where the visit stands, and what happened when."""
    return fragment("opd/_visit.html", visit=visit, words=words, life=life_of(visit))
