"""The beds of the hospital, the rooms and wards they stand in, and who held which bed when."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, Voidable, now, transition

WARD_KINDS = ("general", "icu", "hdu", "maternity", "paediatric", "isolation", "emergency", "day_care")
ROOM_KINDS = ("ward_room", "consulting", "theatre", "procedure", "imaging", "er_bay", "lab", "office")
BED_TYPES = ("standard", "electric", "icu", "cot", "bassinet", "trolley")
BED_STATUSES = ("available", "reserved", "occupied", "cleaning", "maintenance", "blocked")


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

    @transition("active", "maintenance", needs="change")
    def start_maintenance(self) -> None:
        """The room is being repaired."""

    @transition("maintenance", "active", needs="change")
    def end_maintenance(self) -> None:
        """The room can be used again."""

    @transition("active | maintenance", "closed", needs="change")
    def close(self) -> None:
        """The room is not used any more."""

    @transition("closed", "active", needs="change")
    def reopen(self) -> None:
        """The room is used again."""


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


class BedAllocation(Voidable, Record):
    """Who holds a bed, and for how long; the two active keys are set while it is reserved or active (P1).

    reserved → active | cancelled;  active → ended
    """

    __tablename__ = "rooms_bedallocation"
    __table_args__ = (
        sa.CheckConstraint("patient_id IS NOT NULL AND encounter_id IS NOT NULL", name="whose"),
        sa.Index("ix_rooms_bedallocation_bed_starts", "bed_id", "starts_at"),
    )

    bed_id: Mapped[int] = mapped_column(sa.ForeignKey("rooms_bed.id"))
    patient_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("patients_patient.id", use_alter=True, name="fk_rooms_bedallocation_patient_id"), index=True
    )
    encounter_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("patients_encounter.id", use_alter=True, name="fk_rooms_bedallocation_encounter_id"), index=True
    )
    admission_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("ipd_admission.id", use_alter=True, name="fk_rooms_bedallocation_admission_id"), index=True
    )
    status: Mapped[str] = mapped_column(Choice("reserved", "active", "ended", "cancelled", name="status"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    reserved_until: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(Choice("transfer", "discharge", "death", "error", name="end_reason"))
    active_bed_id: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    active_patient_id: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)

    @transition("reserved", "active", needs="assign")
    def begin(self) -> None:
        """The patient lies in the bed."""
        self.starts_at, self.reserved_until = now(), None

    @transition("reserved", "cancelled", needs="reserve")
    def cancel(self) -> None:
        """The bed is not kept for the patient any longer."""
        self.ends_at, self.active_bed_id, self.active_patient_id = now(), None, None

    @transition("active", "ended", needs="transfer")
    def end(self, end_reason: str) -> None:
        """The patient has left the bed."""
        self.ends_at, self.end_reason = now(), end_reason
        self.active_bed_id = self.active_patient_id = None


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
    status: Mapped[str] = mapped_column(Choice("open", "in_progress", "done", name="status"), default="open")

    @transition("open", "in_progress", needs="change")
    def start(self) -> None:
        """The work has begun."""

    @transition("in_progress", "done", needs="change")
    def finish(self) -> None:
        """The work is done."""
        self.to_at = now()
