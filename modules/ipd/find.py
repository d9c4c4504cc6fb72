"""Finding stays: the list with its filters, the queue of requests with the beds that fit, and what a stay holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from modules.ipd.models import Admission, CareTeamMember, DietOrder, Round
from modules.ipd.models.admission import IN_BED, PRIORITIES, STATUSES, WAITING
from modules.ipd.reach import own_only
from modules.ipd.stays import Stay, read_stays, stays
from modules.patients.api import Patient
from modules.rooms.api import FEATURES, Bed, Room, Ward, free_beds, misfit_of
from modules.staff.api import Staff
from portal.kit import db
from portal.kit.forms import id_or_none
from portal.kit.search import has_words

FILTERS = ("status", "ward")
LONGEST_SEARCH = 100
MOST_QUEUED = 200
URGENT_FIRST = sa.case({word: place for place, word in enumerate(PRIORITIES)}, value=Admission.priority)


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; without a state, those who stay here now."""
    status, ward = wanted.get("status"), id_or_none(wanted.get("ward"))
    query = query.where(Admission.status == status if status in STATUSES else Admission.status.in_(IN_BED))
    return query.where(Ward.id == ward) if ward else query


def searched(query: sa.Select, text: str) -> sa.Select:
    """The query with what was typed: words of the name, or a number of the patient or the admission."""
    text = text.strip()[:LONGEST_SEARCH]
    same = sa.or_(Patient.mrn == text.upper(), Admission.number == text.upper())
    return query.where(sa.or_(same, has_words(Patient.name_search, text))) if text else query


def count_stays(**filters: str) -> int:
    """How many stays the list shows with these filters."""
    query = filtered(stays(own_only()), filters).with_only_columns(Admission.id)
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))


def count_waiting() -> int:
    """How many requests wait in the queue."""
    waiting = (Admission.status.in_(WAITING), Admission.voided_at.is_(None), own_only())
    return db.session.scalar(sa.select(sa.func.count(Admission.id)).where(*waiting))


def queue() -> list[Stay]:
    """Who waits for a bed, the most urgent first and then the longest."""
    query = stays(Admission.status.in_(WAITING), own_only()).options(joinedload(Admission.requester))
    return read_stays(query.order_by(URGENT_FIRST, Admission.requested_at, Admission.id).limit(MOST_QUEUED))


def ordered() -> list[Stay]:
    """Who may go home as soon as everybody agrees, the longest first."""
    query = stays(Admission.status == "discharge_ordered", own_only())
    return read_stays(query.order_by(Admission.discharge_ordered_at, Admission.id))


@dataclass(frozen=True)
class FreeBed:
    """A free bed with where it stands, and why the patient does not belong there, in words."""

    bed: Bed
    place: str
    misfit: str


def found_beds(wanted: MultiDict, patient: Patient | None) -> list[FreeBed]:
    """The free beds of wards with the `ward` and `feature`s of the address, those that take the patient first.

    The bed that is kept for the patient is among them.
    """
    features = [word for word in wanted.getlist("feature") if word in FEATURES]
    kept_for = patient.id if patient else None
    where = {"ward_id": id_or_none(wanted.get("ward")), "features": features, "kept_for": kept_for}
    beds = free_beds(room_kind="ward_room", **where)
    around = sa.select(Room.id, Ward).join(Ward, Ward.id == Room.ward_id)
    wards = dict(db.session.execute(around.where(Room.id.in_({bed.room_id for bed in beds}))).all())
    found = []
    for bed in beds:
        ward = wards.get(bed.room_id)
        misfit = misfit_of(patient, bed, ward) if patient else ""
        found.append(FreeBed(bed, ward.name if ward else "", misfit))
    return sorted(found, key=lambda one: bool(one.misfit))


def rounds_of(admission: Admission) -> Sequence[Round]:
    """The ward rounds of a stay, the newest first."""
    query = sa.select(Round).where(Round.admission_id == admission.id, Round.voided_at.is_(None))
    return db.session.scalars(query.options(joinedload(Round.doctor)).order_by(Round.at.desc(), Round.id.desc())).all()


def team_of(admission: Admission) -> Sequence[CareTeamMember]:
    """Who looks after the patient, and who did."""
    query = sa.select(CareTeamMember).where(CareTeamMember.admission_id == admission.id)
    query = query.options(joinedload(CareTeamMember.staff))
    return db.session.scalars(query.order_by(CareTeamMember.to_at.is_not(None), CareTeamMember.from_at)).all()


def diets_of(admission: Admission) -> Sequence[DietOrder]:
    """What the patient may eat and might before, the newest first."""
    query = sa.select(DietOrder).where(DietOrder.admission_id == admission.id)
    return db.session.scalars(query.order_by(DietOrder.from_at.desc(), DietOrder.id.desc())).all()


def colleagues() -> dict[int, str]:
    """Who may be put into a team: those who work here now, by name."""
    people = db.session.scalars(sa.select(Staff).where(Staff.status == "active").order_by(Staff.name_search, Staff.id))
    return {one.id: f"{one.full_name}, {one.designation}" for one in people}
