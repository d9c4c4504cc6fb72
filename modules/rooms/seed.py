"""The wards, rooms and beds of a demonstration hospital; who lies in them comes with the admissions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from modules.rooms.find import bed_services
from modules.rooms.models import Bed, Maintenance, Room, Ward
from modules.staff.api import staff_by_department
from portal.kit import Record, _, db, now
from portal.kit.demo import HospitalSize, users_by_role
from portal.kit.models import StatusLog
from portal.kit.people import User

LARGE_FROM = 800
BEDS_IN_A_ROOM, BEDS_IN_A_ROW = 4, 2
OPEN_SINCE = timedelta(days=120)


@dataclass(frozen=True)
class Plan:
    """A ward: its department, kind, floor and beds; cots stand beside the beds of mothers."""

    code: str
    name: str
    department: str
    kind: str
    floor: str
    beds: int
    small_beds: int = 0
    policy: str = "any"
    bed_type: str = "electric"


LARGE = (
    Plan("A", _("Ward A, Medical"), "GEN", "general", "2", 12),
    Plan("B", _("Ward B, Surgical"), "SUR", "general", "3", 10),
    Plan("C", _("Ward C, Maternity"), "MAT", "maternity", "1", 8, 3, policy="female"),
    Plan("ICU", _("Intensive care"), "GEN", "icu", "2", 4, bed_type="icu"),
    Plan("D", _("Ward D, Children"), "PAE", "paediatric", "1", 3, bed_type="standard"),
)
SMALL = (
    Plan("A", _("Ward A, Medical"), "GEN", "general", "1", 7),
    Plan("C", _("Ward C, Maternity"), "MAT", "maternity", "1", 3, 1, policy="female"),
    Plan("ICU", _("Intensive care"), "GEN", "icu", "1", 2, bed_type="icu"),
)
# Kind, floor, then the numbers of a large hospital; a small one has the first third, one at least.
OTHER_ROOMS = (
    ("theatre", "2", ("OT-1", "OT-2")),
    ("consulting", "0", tuple(_("Consulting {number}", number=number) for number in range(1, 7))),
    ("imaging", "0", (_("X-ray"), _("Ultrasound"), _("CT"), _("MRI"), _("Mammography"))),
    ("procedure", "0", (_("Procedures"),)),
    ("lab", "0", (_("Laboratory"),)),
)
BAYS = 6


def seed(hospital_size: HospitalSize, random: Random) -> None:
    """Open the wards and rooms, put the beds into them, and take a few out of use."""
    is_large = hospital_size.patients >= LARGE_FROM
    opened = {"created_at": now() - OPEN_SINCE, "updated_at": now() - OPEN_SINCE}
    wards = _wards(LARGE if is_large else SMALL, opened)
    beds = [bed for plan, ward in wards.items() for bed in _beds(random, plan, ward, opened)]
    _other_rooms(is_large, opened)
    _take_out_of_use(random, [bed for bed in beds if bed.bed_type == "electric"], is_large)


def _kept(rows: list[Record]) -> list:
    db.session.add_all(rows)
    db.session.flush()
    return rows


def _wards(plans: tuple[Plan, ...], opened: dict) -> dict[Plan, Ward]:
    departments = {one.code: one.id for one, _count in staff_by_department()}
    service = next(iter(bed_services()), None)
    rows = _kept([
        Ward(
            code=plan.code,
            name=plan.name,
            department_id=departments.get(plan.department, departments["GEN"]),
            kind=plan.kind,
            gender_policy=plan.policy,
            floor=plan.floor,
            bed_charge_service_id=service,
            min_staff={"day": max(1, plan.beds // 4), "night": max(1, plan.beds // 6)},
            **opened,
        )
        for plan in plans
    ])  # fmt: skip
    return dict(zip(plans, rows, strict=True))


def _beds(random: Random, plan: Plan, ward: Ward, opened: dict) -> Iterator[Bed]:
    """The beds of a ward, four to a room."""
    codes = [f"{plan.code}-{number:02}" for number in range(1, plan.beds + 1)]
    if plan.kind == "icu":
        codes = [f"{plan.code}-{number}" for number in range(1, plan.beds + 1)]
    kinds = dict.fromkeys(codes, plan.bed_type) | {f"{plan.code}-N{n}": "cot" for n in range(1, plan.small_beds + 1)}
    count = -(-len(kinds) // BEDS_IN_A_ROOM)
    numbers = [f"{plan.code}{number:02}" for number in range(1, count + 1)]
    rooms = _kept([Room(number=n, kind="ward_room", ward_id=ward.id, floor=ward.floor, **opened) for n in numbers])
    rows = []
    for place, (code, kind) in enumerate(kinds.items()):
        room, inside = rooms[place // BEDS_IN_A_ROOM], place % BEDS_IN_A_ROOM
        row, column = inside // BEDS_IN_A_ROW + 1, inside % BEDS_IN_A_ROW + 1
        rows.append(
            Bed(
                room_id=room.id,
                code=code,
                bed_type=kind,
                features=_features(random, plan, inside),
                grid_row=row,
                grid_col=column,
                grid_key=f"{room.id}:{row}:{column}",
                **opened,
            )
        )
    yield from _kept(rows)


def _features(random: Random, plan: Plan, inside: int) -> list[str]:
    """What stands beside a bed; each bed asks chance once, or a change of one would change the others."""
    extra = random.random()
    if plan.kind == "icu":
        return ["oxygen", "suction", "monitor", "ventilator"] + (["negative_pressure"] if extra < 0.3 else [])
    found = ["oxygen"] if plan.kind != "maternity" else []
    return found + (["monitor"] if extra < 0.2 else []) + (["window"] if inside % 2 else [])


def _other_rooms(is_large: bool, opened: dict) -> None:
    """Theatres, consulting rooms, rooms of devices, and the bays of emergency with a trolley each."""
    for kind, floor, numbers in OTHER_ROOMS:
        some = numbers if is_large else numbers[: -(-len(numbers) // 3)]
        _kept([Room(number=number, kind=kind, floor=floor, **opened) for number in some])
    bays = range(1, (BAYS if is_large else BAYS // 3) + 1)
    rooms = _kept([Room(number=_("Bay {number}", number=n), kind="er_bay", floor="0", **opened) for n in bays])
    facts = {"bed_type": "trolley", "features": ["oxygen", "suction", "monitor"]} | opened
    _kept([Bed(room_id=room.id, code=f"ER-{number}", **facts) for number, room in zip(bays, rooms, strict=True)])


def _take_out_of_use(random: Random, beds: list[Bed], is_large: bool) -> None:
    """Two beds wait to be cleaned, one is repaired, and in a large hospital one stays empty."""
    users = users_by_role()
    by = users.get("nurse") or db.session.scalar(sa.select(User).order_by(User.id).limit(1))
    first, second, broken, empty = random.sample(beds, 4)
    for bed, minutes in ((first, 12), (second, 4)):
        bed.block(note=_("Cleaned before the next patient"))
        bed.unblock()
        _date_back(bed, now() - timedelta(minutes=minutes))
    if by is not None:
        reason, began = _("The motor of the bed does not lift"), now() - timedelta(days=1, hours=3)
        repair = Maintenance(bed_id=broken.id, reason=reason, from_at=began, reported_by=by.id).report()
        repair.start()
        repair.from_at = began
        _date_back(broken, began)
    if is_large:
        empty.block(note=_("Kept free beside an isolated patient"))
        _date_back(empty, now() - timedelta(hours=5))


def _date_back(bed: Bed, at: datetime) -> None:
    """Let the moves of a bed have happened before now."""
    mine = (StatusLog.content_type == Bed.__tablename__, StatusLog.object_id == bed.id)
    db.session.execute(sa.update(StatusLog).where(*mine).values(at=at))
