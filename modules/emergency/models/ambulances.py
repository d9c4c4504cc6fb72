"""The ambulances of the hospital, and where each one is."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Record, _, transition
from portal.kit.claims import claim

AMBULANCE_STATUSES = ("available", "dispatched", "on_scene", "to_hospital", "at_hospital", "out_of_service")
SAME_CODE = _("Another ambulance has this code")


class Ambulance(Record):
    """An ambulance, its crew and where it is.

    available → dispatched → on_scene → to_hospital → at_hospital → available;  available ↔ out_of_service
    """

    __tablename__ = "emergency_ambulance"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    crew: Mapped[str] = mapped_column(sa.String(200), default="")
    status: Mapped[str] = mapped_column(Choice(*AMBULANCE_STATUSES, name="status"), default="available")

    def __str__(self) -> str:
        return self.code

    @property
    def in_words(self) -> str:
        """Its code, and what is said of the crew and of whom it brings."""
        return f"{self.code}, {self.crew}" if self.crew else self.code

    @classmethod
    def add(cls, **facts) -> "Ambulance":
        """Add an ambulance; raises `Refused` for a code that another one has."""
        return claim(cls(**facts), SAME_CODE, "code")

    def change(self, **facts) -> "Ambulance":
        """Change how it is called, or its crew; raises `Refused` for a code that another one has."""
        return claim(self, SAME_CODE, "code", **facts)

    @transition("available", "dispatched", needs="change")
    def dispatch(self) -> None:
        """The ambulance was sent out."""

    @transition("dispatched", "on_scene", needs="change")
    def reach_scene(self) -> None:
        """The crew is with the patient."""

    @transition("on_scene", "to_hospital", needs="change")
    def leave_scene(self) -> None:
        """The patient is on the way to the hospital."""

    @transition("to_hospital", "at_hospital", needs="change")
    def reach_hospital(self) -> None:
        """The patient is at the hospital."""

    @transition("at_hospital", "available", needs="change")
    def make_ready(self) -> None:
        """The ambulance can be sent out again."""

    @transition("available", "out_of_service", needs="change")
    def take_out_of_service(self) -> None:
        """The ambulance cannot be sent out."""

    @transition("out_of_service", "available", needs="change")
    def return_to_service(self) -> None:
        """The ambulance works again."""
