"""Two records that are one person: everything of the one moves to the other, in one transaction (PAT-3)."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from modules.patients.models import SEX_WORDS, MergeLog, Patient
from modules.patients.models.beside import Insurance
from modules.patients.models.clinical import Allergy, key_of
from modules.patients.models.encounters import ENDED, Encounter
from portal.kit import Record, Refused, _, db, emit, held, hold
from portal.kit.claims import claim, clash_of
from portal.kit.models import Attachment, ResourceLock

SEVERITIES, CRITICALITIES = ("mild", "moderate", "severe"), ("unable_to_assess", "low", "high")
ONE_OF_A_KIND = ("national_id", "user_id")
TAKEN_OVER = (
    "sex", "birth_date", "phone", "phone_alt", "email", "address_line", "city", "district", "country", "blood_group",
    "marital_status", "occupation", "language", "photo_key", *ONE_OF_A_KIND,
)  # fmt: skip


def merge(kept: Patient, merged: Patient, reason: str, *, sexes_checked: bool = False) -> MergeLog:
    """Move all that is known of `merged` to `kept`; the number of `merged` leads there from now on.

    Other modules hear `patient.merging` with the log before anything moves, and may refuse it; afterwards they hear
    `patient.merged`. Raises `Refused` while there is something to finish first, and for differing sexes that nobody has
    checked; `WrongState` where the record is not active any more.
    """
    hold(kept, merged)
    for patient in (kept, merged):
        patient.refuse_merged()
    _refuse_unlike(kept, merged, sexes_checked)
    log = MergeLog(kept_id=kept.id, merged_id=merged.id, reason=reason)
    db.session.add(log)
    db.session.flush()
    emit("patient.merging", log)
    _settle_visits(kept, merged)
    _settle_allergies(kept, merged)
    _settle_policies(kept, merged)
    _move_booked_time(kept, merged)
    log.moved_counts = _move_rows(kept, merged)
    _fill_gaps(kept, merged)
    merged.give_way(merged_into_id=kept.id)
    db.session.expire_all()
    return log


def _refuse_unlike(kept: Patient, merged: Patient, sexes_checked: bool) -> None:
    if kept.id == merged.id:
        raise Refused(_("A record cannot be merged with itself. Choose another one"))
    if kept.died_before(merged.birth_date):
        raise Refused(_("{name} died before the person of the other record was born", name=kept))
    if sexes_differ(kept, merged) and not sexes_checked:
        words = {"one": SEX_WORDS[kept.sex].lower(), "other": SEX_WORDS[merged.sex].lower()}
        sentence = _("The sexes differ: {one} and {other}. Check that it is one person, and say so", **words)
        raise Refused(sentence, "sexes_checked")


def sexes_differ(one: Patient, other: Patient) -> bool:
    """Both say a sex, and not the same one."""
    return one.sex != other.sex and "unknown" not in (one.sex, other.sex)


def _settle_visits(kept: Patient, merged: Patient) -> None:
    """Refuse while somebody is an inpatient; let the kept patient hold the keys of the other open visits (PAT-5)."""
    ids = (kept.id, merged.id)
    still_open = sa.select(Encounter).where(Encounter.patient_id.in_(ids), Encounter.status.not_in(ENDED))
    visits = db.session.scalars(held(still_open.order_by(Encounter.id))).all()
    if any(visit.encounter_class == "IMP" for visit in visits):
        raise Refused(_("An inpatient stay is open. Finish or cancel it before you merge the records"))
    for visit in visits:
        if visit.patient_id == merged.id and visit.active_key:
            words = {"visit": str(visit).lower()}
            both = _("Both records have the same {visit} open. Finish or cancel one of them first", **words)
            claim(visit, both, active_key=visit.key_for(kept.id))


def _settle_allergies(kept: Patient, merged: Patient) -> None:
    """Of two active allergies to one substance the more dangerous one stays; the keys go to the kept patient."""
    mine = {one.active_key: one for one in db.session.scalars(sa.select(Allergy).where(Allergy.active_of(kept)))}
    for moving in db.session.scalars(sa.select(Allergy).where(Allergy.active_of(merged))).all():
        key = key_of(kept.id, moving.substance)
        same = mine.get(key)
        if same:
            weaker = min((moving, same), key=_danger)
            weaker.mark_as_error(note=_("The merged records both had this allergy"))
        if moving.active_key:
            moving.active_key = key
    db.session.flush()


def _danger(allergy: Allergy) -> tuple[int, int]:
    return SEVERITIES.index(allergy.severity), CRITICALITIES.index(allergy.criticality)


def _settle_policies(kept: Patient, merged: Patient) -> None:
    """One policy noted in both records becomes one: what points at the second points at the first."""
    for moving in _rows(Insurance.patient_id, merged.id):
        same = sa.select(Insurance).filter_by(
            patient_id=kept.id, insurer_id=moving.insurer_id, policy_no=moving.policy_no
        )
        known = db.session.scalar(same)
        if known:
            for column in _columns_naming(Insurance):
                _point(column, moving.id, known.id)
            db.session.flush()
            db.session.delete(moving)
    db.session.flush()


def _move_booked_time(kept: Patient, merged: Patient) -> None:
    """The time that bookings hold of the one is time of the other now (P2)."""
    booked = sa.update(ResourceLock).where(ResourceLock.resource_kind == "patient")
    try:
        with db.session.begin_nested():
            db.session.execute(booked.where(ResourceLock.resource_id == merged.id).values(resource_id=kept.id))
    except sa.exc.IntegrityError as error:
        if clash_of(error) is None:
            raise
        raise Refused(_("Both records have a booking at the same time. Move or cancel one of them first")) from error


def _move_rows(kept: Patient, merged: Patient) -> dict[str, int]:
    """Move every row that names the merged patient; how many of each table."""
    counts: dict[str, int] = {}
    for column in columns_naming_a_patient():
        table = column.class_.__tablename__
        counts[table] = counts.get(table, 0) + _point(column, merged.id, kept.id)
    files = sa.select(Attachment).filter_by(content_type=Patient.__tablename__, object_id=merged.id)
    for document in db.session.scalars(files):
        document.object_id = kept.id
        counts[Attachment.__tablename__] = counts.get(Attachment.__tablename__, 0) + 1
    db.session.flush()
    return {table: count for table, count in counts.items() if count}


def columns_naming_a_patient() -> Iterator[InstrumentedAttribute]:
    """Every column of every kind of record that refers to a patient, as the tables themselves say.

    The log of merges is left out: it tells which record took the place of which.
    """
    return (column for column in _columns_naming(Patient) if column.class_ is not MergeLog)


def _columns_naming(model: type[Record]) -> Iterator[InstrumentedAttribute]:
    key = model.__table__.c.id
    for mapper in sorted(Record.registry.mappers, key=lambda mapper: mapper.local_table.name):
        for attribute in mapper.column_attrs:
            if attribute.columns[0].references(key):
                yield getattr(mapper.class_, attribute.key)


def _point(column: InstrumentedAttribute, before: int, after: int) -> int:
    """Let the rows that name one record name another; each is guarded, versioned and audited as any change (D5)."""
    rows = _rows(column, before)
    for row in rows:
        setattr(row, column.key, after)
    return len(rows)


def _rows(column: InstrumentedAttribute, named: int) -> list[Record]:
    model = column.class_
    return list(db.session.scalars(held(sa.select(model).where(column == named).order_by(model.id))))


def _fill_gaps(kept: Patient, merged: Patient) -> None:
    """What only the merged record knew is known of the person; numbers of one person only leave the merged record."""
    for name in TAKEN_OVER:
        value = getattr(merged, name)
        if getattr(kept, name) not in (None, "", "unknown") or value in (None, "", "unknown"):
            continue
        if name in ONE_OF_A_KIND:
            setattr(merged, name, None)
            db.session.flush()
        setattr(kept, name, value)
        if name == "birth_date":
            kept.birth_date_estimated = merged.birth_date_estimated
    kept.allergy_status = _allergy_status(kept, merged)
    db.session.flush()


def _allergy_status(kept: Patient, merged: Patient) -> str:
    if db.session.scalar(sa.select(sa.exists().where(Allergy.active_of(kept)))):
        return "recorded"
    said = {kept.allergy_status, merged.allergy_status}
    return "none_known" if "none_known" in said else "unknown"
