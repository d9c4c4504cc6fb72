"""A bed: its state, where it stands on the board, and that nobody loses the one they have."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from modules.rooms.models.allocations import BedAllocation
from portal.kit import Choice, Exposed, Record, Refused, WrongState, _, db, emit, held, transition
from portal.kit.claims import claim

BED_TYPES = ("standard", "electric", "icu", "cot", "bassinet", "trolley")
BED_STATUSES = ("available", "reserved", "occupied", "cleaning", "maintenance", "blocked")


class Bed(Exposed, Record):
    """A place for one patient; `grid_key` is `<room>:<row>:<column>` while the bed has a place on the board.

    available → reserved → occupied → cleaning → available;  available → occupied;  reserved → available
    available | cleaning → maintenance → available;  available | cleaning | maintenance → blocked → cleaning
    """

    __tablename__ = "rooms_bed"
    __table_args__ = (
        sa.CheckConstraint(
            "(grid_row IS NULL) = (grid_key IS NULL) AND (grid_col IS NULL) = (grid_key IS NULL)", name="grid"
        ),
    )

    room_id: Mapped[int] = mapped_column(sa.ForeignKey("rooms_room.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    bed_type: Mapped[str] = mapped_column(Choice(*BED_TYPES, name="bed_type"), default="standard")
    status: Mapped[str] = mapped_column(Choice(*BED_STATUSES, name="status"), default="available", index=True)
    features: Mapped[list] = mapped_column(sa.JSON, default=list)
    grid_row: Mapped[int | None]
    grid_col: Mapped[int | None]
    grid_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return _("Bed {code}", code=self.code)

    @transition("available", "reserved", needs="reserve")
    def reserve(self) -> None:
        """The bed is kept for a patient."""

    @transition("reserved", "available", needs="reserve")
    def release(self) -> None:
        """The bed is not kept any longer."""

    @transition("available | reserved", "occupied", needs="assign")
    def occupy(self) -> None:
        """A patient lies in the bed."""

    @transition("occupied", "cleaning", needs="transfer")
    def vacate(self) -> None:
        """The patient has left the bed, which waits to be cleaned."""

    @transition("cleaning", "available", needs="clean")
    def mark_clean(self) -> None:
        """The bed is ready for the next patient."""
        emit("bed.cleaned", self)

    @transition("available | cleaning", "maintenance", needs="change")
    def start_maintenance(self) -> None:
        """The bed is being repaired."""

    @transition("maintenance", "available", needs="change")
    def end_maintenance(self) -> None:
        """The bed can be used again."""

    @transition("available | cleaning | maintenance", "blocked", needs="reserve")
    def block(self) -> None:
        """The bed stays empty, because somebody near it is isolated."""

    @transition("blocked", "cleaning", needs="reserve")
    def unblock(self) -> None:
        """The isolation is over, and the bed waits to be cleaned."""

    def holder(self) -> BedAllocation:
        """Who has the bed, or for whom it is kept; raises `WrongState` where that is nobody."""
        held = db.session.scalar(sa.select(BedAllocation).where(BedAllocation.active_bed_id == self.id))
        if held is None:
            raise WrongState(_("Nobody has {bed} any more.", bed=self), self)
        return held

    @classmethod
    def add(cls, **facts) -> "Bed":
        """Put a bed into a room; raises `Refused` where another stands at its place."""
        return cls()._keep(facts)

    def change(self, *, is_active: bool, **facts) -> "Bed":
        """Correct what is known, move the bed or take it away; raises `Refused` while a patient has it (ROOM-7)."""
        if (self.is_active and not is_active) or facts["room_id"] != self.room_id:
            sentence = _("A patient has this bed. Move the patient before you close or move the bed")
            refuse_held(sa.select(Bed.id).where(Bed.id == self.id), sentence, "is_active")
        return self._keep(facts | {"is_active": is_active})

    def _keep(self, facts: dict) -> "Bed":
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
        self._refuse_code_in_use()
        whole = self.grid_row is not None and self.grid_col is not None
        if not whole and (self.grid_row is not None or self.grid_col is not None):
            raise Refused(_("Enter both the row and the place, or neither"), "grid_col")
        key = f"{self.room_id}:{self.grid_row}:{self.grid_col}" if whole else None
        return claim(self, _("Another bed stands there. Choose another place"), "grid_col", grid_key=key)

    def _refuse_code_in_use(self) -> None:
        same = sa.select(Bed.id).where(sa.func.lower(Bed.code) == self.code.lower(), Bed.id.is_distinct_from(self.id))
        with db.session.no_autoflush:
            if db.session.scalar(same):
                raise Refused(_("Another bed is called {code}. Choose a different code", code=self.code), "code")


def refuse_held(beds: sa.Select, sentence: str, field: str | None = None) -> None:
    """Raise `Refused` where a patient has one of these beds, or one is kept for somebody (ROOM-7).

    The lock on the beds makes whoever chooses one of them at this moment wait, and us for them.
    """
    ids = db.session.scalars(held(beds.order_by(Bed.id))).all()
    if db.session.scalar(sa.select(BedAllocation.id).where(BedAllocation.active_bed_id.in_(ids)).limit(1)):
        raise Refused(sentence, field)
