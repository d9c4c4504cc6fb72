"""Finding rooms, wards and repairs, and the visit for which a patient gets a bed."""

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from modules.patients.api import Encounter, Patient
from modules.rooms.api import free_query
from modules.rooms.models import Bed, BedAllocation, Maintenance, Room, Ward
from modules.rooms.words import FEATURES, REPAIR_STATES, ROOM_KINDS, ROOM_STATES
from portal.kit import Refused, _, db
from portal.kit.forms import id_or_none
from portal.kit.people import User

ROOM_FILTERS = ("kind", "ward", "status")
LONGEST_SEARCH = 40
NEEDS_A_BED_FIRST = ("IMP", "EMER", "AMB", "VR")
ENDED = ("finished", "cancelled")


def beds_in_rooms() -> sa.Subquery:
    """How many beds in use each room has."""
    query = sa.select(Bed.room_id, sa.func.count(Bed.id).label("count")).where(Bed.is_active)
    return query.group_by(Bed.room_id).subquery()


def beds_in_wards() -> sa.Subquery:
    """How many beds in use each ward has, and in how many somebody lies."""
    occupied = sa.func.count(Bed.id).filter(Bed.status == "occupied").label("occupied")
    query = sa.select(Room.ward_id, sa.func.count(Bed.id).label("count"), occupied)
    return query.join(Room, Room.id == Bed.room_id).where(Bed.is_active).group_by(Room.ward_id).subquery()


def filtered_rooms(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    if wanted.get("kind") in ROOM_KINDS:
        query = query.where(Room.kind == wanted["kind"])
    if wanted.get("status") in ROOM_STATES:
        query = query.where(Room.status == wanted["status"])
    ward = id_or_none(wanted.get("ward"))
    return query.where(Room.ward_id == ward) if ward else query


def searched_rooms(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: a part of the number."""
    text = text.strip()[:LONGEST_SEARCH]
    return query.where(Room.number.icontains(text, autoescape=True)) if text else query


def all_wards() -> list[Ward]:
    """Every ward, also closed ones, by name."""
    return list(db.session.scalars(sa.select(Ward).order_by(Ward.name)))


def open_rooms(or_id: int | None = None) -> list[Room]:
    """The rooms that beds may stand in, by kind and number; the one with `or_id` even when it is closed."""
    query = sa.select(Room).where(sa.or_(Room.status != "closed", Room.id == or_id))
    return list(db.session.scalars(query.order_by(Room.kind, Room.number)))


def repairs(wanted: dict[str, str]) -> sa.Select:
    """The repairs with what they are of and who reported them."""
    query = sa.select(Maintenance, Bed, Room, User).outerjoin(Bed, Bed.id == Maintenance.bed_id)
    query = query.outerjoin(Room, Room.id == Maintenance.room_id).join(User, User.id == Maintenance.reported_by)
    status = wanted.get("status")
    return query.where(Maintenance.status == status) if status in REPAIR_STATES else query


def stays_in(bed: Bed) -> sa.Select:
    """Who had the bed, the latest first."""
    query = sa.select(BedAllocation, Patient).join(Patient, Patient.id == BedAllocation.patient_id)
    return query.where(BedAllocation.bed_id == bed.id, BedAllocation.voided_at.is_(None))


def bed_services(or_id: int | None = None) -> dict[int, str]:
    """What a night may cost: the bed services of the price list, another module's table, known here by name."""
    service = Ward.metadata.tables["billing_service"]
    offered = sa.or_(sa.and_(service.c.category == "bed", service.c.is_active), service.c.id == or_id)
    query = sa.select(service.c.id, service.c.name).where(offered).order_by(service.c.name)
    return dict(db.session.execute(query).all())


def rates() -> list[sa.Row]:
    """Each ward in use with the service and the price of a night."""
    service = Ward.metadata.tables["billing_service"]
    query = sa.select(Ward, service.c.code, service.c.name.label("service"), service.c.price)
    query = query.outerjoin(service, service.c.id == Ward.bed_charge_service_id)
    return list(db.session.execute(query.where(Ward.is_active).order_by(Ward.name)))


def visit_for_bed(patient_id: int) -> tuple[int, int | None]:
    """The open visit for which the patient gets a bed, a stay before others, and its admission.

    Raises `Refused` where the patient is not here for anything.
    """
    admission = Encounter.metadata.tables["ipd_admission"]
    rank = sa.case(*((Encounter.encounter_class == word, place) for place, word in enumerate(NEEDS_A_BED_FIRST)))
    query = sa.select(Encounter.id, admission.c.id).outerjoin(admission, admission.c.encounter_id == Encounter.id)
    query = query.where(Encounter.patient_id == patient_id, Encounter.status.not_in(ENDED))
    found = db.session.execute(query.order_by(rank, Encounter.started_at.desc()).limit(1)).first()
    if found is None:
        sentence = _("The patient has no open visit. Register the arrival, or request an admission first")
        raise Refused(sentence, "patient_id")
    return tuple(found)


def wanted_beds(wanted: MultiDict) -> sa.Select:
    """The free beds with these `ward`, `sex` and `feature`s, with their rooms and wards."""
    sex = wanted.get("sex") if wanted.get("sex") in ("female", "male") else None
    features = [word for word in wanted.getlist("feature") if word in FEATURES]
    return free_query(ward_id=id_or_none(wanted.get("ward")), sex=sex, features=features).add_columns(Room, Ward)
