"""The wards and rooms of the hospital: opened, closed and repaired, but never under a patient."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from modules.rooms.models.beds import Bed, refuse_held
from modules.staff.api import Department
from portal.kit import Choice, Exposed, Record, Refused, _, db, transition

WARD_KINDS = ("general", "icu", "hdu", "maternity", "paediatric", "isolation", "emergency", "day_care")
ROOM_KINDS = ("ward_room", "consulting", "theatre", "procedure", "imaging", "er_bay", "lab", "office")


class Ward(Exposed, Record):
    """A group of rooms where one team cares for patients who stay."""

    __tablename__ = "rooms_ward"

    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    department_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    kind: Mapped[str] = mapped_column(Choice(*WARD_KINDS, name="kind"))
    gender_policy: Mapped[str] = mapped_column(Choice("any", "male", "female", name="gender_policy"), default="any")
    floor: Mapped[str | None] = mapped_column(sa.String(20))
    bed_charge_service_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("billing_service.id", use_alter=True, name="fk_rooms_ward_bed_charge_service_id"), index=True
    )
    min_staff: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def add(cls, **facts) -> "Ward":
        """Open a ward."""
        return cls()._keep(facts)

    def change(self, *, is_active: bool, **facts) -> "Ward":
        """Correct what is known, or close the ward; raises `Refused` while a patient has a bed in it (ROOM-7)."""
        if self.is_active and not is_active:
            sentence = _("Patients have beds here. Move them before you close the ward")
            inside = sa.select(Bed.id).join(Room, Room.id == Bed.room_id).where(Room.ward_id == self.id)
            refuse_held(inside, sentence, "is_active")
        return self._keep(facts | {"is_active": is_active})

    def _keep(self, facts: dict) -> "Ward":
        if facts["department_id"] != self.department_id:
            db.session.get_one(Department, facts["department_id"]).hold_open("department_id")
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
            same = sa.select(Ward.id).where(
                sa.func.lower(Ward.code) == self.code.lower(), Ward.id.is_distinct_from(self.id)
            )
            if db.session.scalar(same):
                raise Refused(_("Another ward has the code {code}. Choose a different one", code=self.code), "code")
        db.session.add(self)
        return self


class Room(Exposed, Record):
    """A door with a number: where beds stand, doctors consult, surgeons operate or devices scan.

    active ↔ maintenance;  active | maintenance → closed → active
    """

    __tablename__ = "rooms_room"
    __table_args__ = (sa.UniqueConstraint("kind", "number"),)

    ward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_ward.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(Choice(*ROOM_KINDS, name="kind"))
    floor: Mapped[str | None] = mapped_column(sa.String(20))
    status: Mapped[str] = mapped_column(Choice("active", "maintenance", "closed", name="status"), default="active")

    def __str__(self) -> str:
        return _("Room {number}", number=self.number)

    @classmethod
    def add(cls, **facts) -> "Room":
        """Open a room."""
        return cls()._keep(facts)

    def change(self, **facts) -> "Room":
        """Correct what is known; raises `Refused` for another ward while a patient has a bed in it."""
        if facts["ward_id"] != self.ward_id:
            self._refuse_held(_("Patients have beds here. Move them before the room goes to another ward"), "ward_id")
        return self._keep(facts)

    def _keep(self, facts: dict) -> "Room":
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
            same = sa.select(Room.id).where(
                Room.kind == self.kind, Room.number == self.number, Room.id.is_distinct_from(self.id)
            )
            if db.session.scalar(same):
                raise Refused(_("There is a room {number} of this kind already", number=self.number), "number")
        db.session.add(self)
        return self

    def _refuse_held(self, sentence: str, field: str | None = None) -> None:
        refuse_held(sa.select(Bed.id).where(Bed.room_id == self.id), sentence, field)

    @transition("active", "maintenance", needs="change")
    def start_maintenance(self) -> None:
        """The room is being repaired."""
        self._refuse_held(_("Patients have beds here. Move them before the room is repaired"))

    @transition("maintenance", "active", needs="change")
    def end_maintenance(self) -> None:
        """The room can be used again."""

    @transition("active | maintenance", "closed", needs="change")
    def close(self) -> None:
        """The room is not used any more."""
        self._refuse_held(_("Patients have beds here. Move them before you close the room"))

    @transition("closed", "active", needs="change")
    def reopen(self) -> None:
        """The room is used again."""
