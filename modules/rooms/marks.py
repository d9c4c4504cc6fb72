"""What other modules say of the patient in a bed, on the bed board."""

from dataclasses import dataclass

PLACE = "rooms.beds"


@dataclass(frozen=True)
class BedMark:
    """A badge on a bed of the board; without a tone it is a word of the bed's last line, such as “out 25 Nov”.

    `is_red` gives the whole bed a red edge, for the highest scores alone.
    """

    bed_id: int
    text: str
    icon: str = ""
    tone: str = ""
    is_red: bool = False
