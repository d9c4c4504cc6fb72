"""The beds of the hospital, the rooms and wards they stand in, and who held which bed when."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, Voidable

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
    """A door with a number: where beds stand, doctors consult, surgeons operate or devices scan."""

    __tablename__ = "rooms_room"
    __table_args__ = (sa.UniqueConstraint("kind", "number"),)

    ward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms_ward.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(Choice(*ROOM_KINDS, name="kind"))
    floor: Mapped[str | None] = mapped_column(sa.String(20))
    status: Mapped[str] = mapped_column(Choice("active", "maintenance", "closed", name="status"), default="active")


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


class BedAllocation(Voidable, Record):
    """Who holds a bed, and for how long.

    reserved → active | cancelled;  active → ended.  The two active keys are set while it is reserved or active (P1).
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
