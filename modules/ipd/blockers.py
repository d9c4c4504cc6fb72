"""What keeps a patient from going home, as modules tell it; the discharge checklist shows each, done or not."""

from dataclasses import dataclass

PLACE = "ipd.blockers"


@dataclass(frozen=True)
class Blocker:
    """One line of the checklist: what it is, whether it still blocks, and the page that does something about it.

    `kind` is the clearance it belongs to (medical, nursing, pharmacy, laboratory, billing).
    """

    kind: str
    icon: str
    title: str
    detail: str = ""
    is_done: bool = False
    url: str = ""
    label: str = ""
