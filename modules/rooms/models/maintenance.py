"""Repairs: what keeps a room or a bed out of use, from when to when."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from modules.rooms.models.beds import Bed
from modules.rooms.models.places import Room
from portal.kit import Choice, Record, Refused, _, db, hold, now, transition

STATUSES = ("open", "in_progress", "done")


class Maintenance(Record):
    """Work that keeps a room or a bed out of use.

    open → in_progress → done
    """

    __tablename__ = "rooms_maintenance"

    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_room.id"), index=True)
    bed_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_bed.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(300))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    reported_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    status: Mapped[str] = mapped_column(Choice(*STATUSES, name="status"), default="open")

    def __str__(self) -> str:
        return _("Repair of {place}", place=self.place)

    @property
    def place(self) -> Bed | Room | None:
        """The bed, or the whole room; None where neither is named."""
        if self.bed_id:
            return db.session.get(Bed, self.bed_id)
        return db.session.get(Room, self.room_id) if self.room_id else None

    def report(self) -> "Maintenance":
        """Keep what is broken; raises `Refused` where it is known of already."""
        where = (
            Maintenance.bed_id.is_not_distinct_from(self.bed_id),
            Maintenance.room_id.is_not_distinct_from(self.room_id),
        )
        hold(self.place)
        with db.session.no_autoflush:
            if db.session.scalar(sa.select(Maintenance.id).where(*where, Maintenance.status != "done").limit(1)):
                raise Refused(_("A repair of it is open already. Finish that one first"), "reason")
        db.session.add(self)
        db.session.flush()
        return self

    @transition("open", "in_progress", needs="change")
    def start(self) -> None:
        """The work has begun, and nobody uses the place until it is done."""
        self.from_at = now()
        if self.place:
            self.place.start_maintenance()

    @transition("in_progress", "done", needs="change")
    def finish(self) -> None:
        """The work is done, and the place can be used again."""
        self.to_at = now()
        if self.place:
            self.place.end_maintenance()
