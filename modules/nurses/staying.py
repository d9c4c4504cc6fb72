"""Who stays on a ward, with the admission of the stay; admissions are another module’s, known by their table."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from modules.nurses.worklist import BedWork, beds_in
from modules.patients.api import Encounter, Patient
from portal.kit import Record, db

STAYING = ("admitted", "discharge_ordered")


@dataclass(frozen=True)
class Stay:
    """An admission as nursing knows it: whose, in which visit, and why."""

    admission_id: int
    encounter_id: int
    patient_id: int
    reason: str
    diagnosis: str
    is_staying: bool

    @property
    def patient(self) -> Patient:
        """Who stays."""
        return db.session.get_one(Patient, self.patient_id)

    @property
    def encounter(self) -> Encounter:
        """The visit of the stay."""
        return db.session.get_one(Encounter, self.encounter_id)


def stays_of(encounter_ids: Collection[int]) -> dict[int, Stay]:
    """The admissions of these visits that go on, by visit; those without one are left out."""
    found = _stays(lambda table: table.c.encounter_id.in_(list(encounter_ids)))
    return {stay.encounter_id: stay for stay in found if stay.is_staying}


def find_stay(admission_id: int) -> Stay | None:
    """The stay with this admission, also one that is over; None where there is none."""
    return next(iter(_stays(lambda table: table.c.id == admission_id)), None)


def _stays(condition) -> list[Stay]:
    table = Record.metadata.tables["ipd_admission"]
    columns = (table.c.id, table.c.encounter_id, table.c.patient_id, table.c.reason, table.c.provisional_dx)
    stays = sa.and_(table.c.status.in_(STAYING), table.c.voided_at.is_(None))
    return [Stay(*row) for row in db.session.execute(sa.select(*columns, stays).where(condition(table)))]


def staying_in(ward_id: int) -> list[tuple[BedWork, Stay]]:
    """Who stays on a ward, bed by bed, with the admission."""
    rows = beds_in([ward_id])
    stays = stays_of([row.encounter_id for row in rows])
    return [(row, stays[row.encounter_id]) for row in rows if row.encounter_id in stays]
