"""Who cares for whom in a shift: each patient of a ward has one nurse of those who work there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from modules.nurses.assigning import refuse_other_ward, who_works
from modules.nurses.find import find_own_nurse
from modules.nurses.models import AssignedPatient, Assignment, Handover
from modules.nurses.shifts import Shift, shift_now
from modules.nurses.staying import Stay, staying_in
from modules.nurses.worklist import BedWork
from modules.rooms.api import Ward
from portal.kit import Refused, WrongState, _, db, emit, hold


@dataclass(frozen=True)
class Care:
    """A patient of the ward, and the nurse who cares for them in the shift; None where nobody does yet."""

    row: BedWork
    stay: Stay
    kept: AssignedPatient | None
    by: Assignment | None


@dataclass(frozen=True)
class WardShift:
    """A ward in one shift: who works there, and who cares for whom."""

    ward: Ward
    day: date
    shift: Shift
    at_work: list[Assignment]
    cares: list[Care]

    @property
    def alone(self) -> list[Care]:
        """The patients nobody cares for yet."""
        return [one for one in self.cares if one.by is None]

    def patients_of(self, assignment: Assignment) -> list[Care]:
        """The patients of one nurse."""
        return [one for one in self.cares if one.by and one.by.id == assignment.id]

    @property
    def sharing(self) -> list[Assignment]:
        """Whom patients are shared among: who is not in charge; everybody where nobody else is there."""
        return [one for one in self.at_work if one.role != "charge"] or self.at_work

    @property
    def missing(self) -> int:
        """How many nurses fewer are at work than the ward needs by day or at night."""
        needed = self.ward.min_staff.get("night" if self.shift.is_night else "day", 0)
        return max(0, needed - len(self.at_work))

    @property
    def as_read(self) -> str:
        """Who cares for whom, in short: what a form has read, so that it is not saved over what changed meanwhile."""
        return " ".join(f"{one.stay.admission_id}-{one.by.id if one.by else 0}" for one in self.cares)


def read_shift(ward: Ward, day: date, shift: Shift) -> WardShift:
    """The ward in a shift; who stays there is who stays there here."""
    at_work = who_works(ward.id, day, shift.id)
    query = sa.select(AssignedPatient).where(AssignedPatient.assignment_id.in_([one.id for one in at_work]))
    kept = {one.admission_id: one for one in db.session.scalars(query.order_by(AssignedPatient.id))}
    by = {one.id: one for one in at_work}
    cares = []
    for row, stay in staying_in(ward.id):
        mine = kept.get(stay.admission_id)
        cares.append(Care(row, stay, mine, by[mine.assignment_id] if mine else None))
    return WardShift(ward, day, shift, at_work, cares)


def share(read: WardShift, wanted: Mapping[int, int | None], as_read: str) -> Ward:
    """Say who cares for whom: the assignment of the nurse by admission; None where nobody shall.

    Raises `Refused` where it changed since it was read, for a nurse who does not work there in the shift, and for a
    ward that is not one's own.
    """
    here = _held(read)
    if here.as_read != as_read:
        raise Refused(_("Somebody else changed who cares for whom just now. This is how it reads; nothing was saved"))
    for one in here.cares:
        if one.stay.admission_id in wanted:
            _give(here, one, wanted[one.stay.admission_id])
    return here.ward


def share_evenly(read: WardShift) -> Ward:
    """Give each patient nobody cares for to the nurse who has the fewest.

    Raises `Refused` where nobody works there in the shift.
    """
    here = _held(read)
    if not here.at_work:
        raise Refused(_("Nobody works here in this shift. Assign nurses first"))
    load = {one.id: len(here.patients_of(one)) for one in here.sharing}
    for one in here.alone:
        fewest = min(load, key=load.__getitem__)
        _give(here, one, fewest)
        load[fewest] += 1
    return here.ward


def pass_on(read: WardShift, admission_id: int, assignment_id: int) -> AssignedPatient:
    """Give a patient of one’s own to a colleague of the shift; who assigns there may give anybody’s.

    Raises `WrongState` where the patient is somebody else’s by now, and `Refused` for who does not work there.
    """
    here, own = _locked(read), find_own_nurse()
    one = next((care for care in here.cares if care.stay.admission_id == admission_id), None)
    if one is None or one.by is None:
        raise WrongState(_("This is not possible any more: nobody cares for this patient in this shift."))
    if own is None or one.by.nurse_id != own.id:
        refuse_other_ward(here.ward.id)
    return _give(here, one, assignment_id)


def take_over(handover: Handover) -> None:
    """Who accepted a handover cares for the patient from then on, where they work on that ward here."""
    found = shift_now()
    mine = [one for one in who_works(handover.ward_id, found[0], found[1].id) if one.nurse_id == handover.to_nurse_id]
    if not mine:
        return
    here = _locked(read_shift(db.session.get_one(Ward, handover.ward_id), *found))
    for one in here.cares:
        if one.stay.admission_id == handover.admission_id:
            _give(here, one, mine[0].id)


def _held(read: WardShift) -> WardShift:
    """The shift as it is now, for who may assign there."""
    refuse_other_ward(read.ward.id)
    return _locked(read)


def _locked(read: WardShift) -> WardShift:
    """The shift as it is now, under a lock on the ward: nobody else gives its patients until this is saved."""
    hold(read.ward)
    db.session.expire_all()  # what was read before says nothing any more
    return read_shift(read.ward, read.day, read.shift)


def _give(here: WardShift, one: Care, assignment_id: int | None) -> AssignedPatient | None:
    if assignment_id is not None and assignment_id not in {each.id for each in here.at_work}:
        raise Refused(_("This nurse does not work here in this shift. Choose another one"))
    if assignment_id is None:
        if one.kept:
            db.session.delete(one.kept)
        return None
    kept = one.kept or AssignedPatient(admission_id=one.stay.admission_id)
    if kept.assignment_id != assignment_id:
        kept.assignment_id = assignment_id
        db.session.add(kept)
        emit("care.given", kept)
    return kept
