"""What keeps a patient from going home, as modules tell it; the discharge checklist shows each, done or not."""

from collections.abc import Iterator
from dataclasses import dataclass

from modules.ipd.models import Admission
from portal.kit import current_hospital
from portal.kit.parts import declared_at

PLACE = "ipd.blockers"


@dataclass(frozen=True)
class Blocker:
    """One line of the checklist: what it is, whether it is done, and the page that does something about it.

    `kind` is the clearance it belongs to (medical, nursing, pharmacy, laboratory, billing); `needs` is the permission
    to open the page, such as “billing.view”; `is_waived` where somebody let the patient go without it.
    """

    kind: str
    icon: str
    title: str
    detail: str = ""
    is_done: bool = False
    url: str = ""
    label: str = ""
    needs: str = ""
    is_waived: bool = False
    clearance_id: int | None = None


def told_by_modules(admission: Admission) -> Iterator[Blocker]:
    """What every module of the hospital says, whoever is at work: a discharge does not depend on who looks.

    Unlike the parts of a page, one that fails fails the whole: nobody goes home because a question was not answered.
    """
    for part in declared_at(PLACE):
        if part.needs.split(".")[0] in current_hospital().modules:
            yield from part.read(admission)
