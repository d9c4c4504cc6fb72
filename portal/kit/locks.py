"""Time that only one booking may have: five-minute buckets of a doctor, a room, a device or a person (P2)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from portal.clock import now
from portal.extensions import db
from portal.kit.claims import clash_of
from portal.kit.models import ContentType, ResourceLock
from portal.record import Record, Refused

BUCKET = timedelta(minutes=5)


@dataclass(frozen=True)
class Wanted:
    """Time of one resource that a booking needs, and what to say, at which field, where somebody else has it.

    Raises ValueError for times that are no multiples of five minutes, or that end before they start.
    """

    kind: str
    resource_id: int
    starts_at: datetime
    ends_at: datetime
    sentence: str
    field: str | None = None
    seat: int = 1

    def __post_init__(self):
        for at in (self.starts_at, self.ends_at):
            if at.tzinfo is None or at.timestamp() % BUCKET.total_seconds():
                raise ValueError(f"a booking begins and ends at multiples of five minutes, with a zone: {at!r}")
        if self.ends_at.timestamp() <= self.starts_at.timestamp():
            raise ValueError(f"a booking ends after it starts: {self.starts_at!r} to {self.ends_at!r}")

    @property
    def place(self) -> tuple:
        """Where it stands in the one order in which everybody takes what they need."""
        return self.kind, self.resource_id, self.seat, self.starts_at.astimezone(UTC)

    @property
    def buckets(self) -> Iterator[datetime]:
        """The beginning of each five minutes, counted in UTC: the hospital's clock skips an hour, or has one twice."""
        at, end = self.starts_at.astimezone(UTC), self.ends_at.astimezone(UTC)
        while at < end:
            yield at
            at += BUCKET


def take(
    kind: str,
    resource_id: int,
    starts_at: datetime,
    ends_at: datetime,
    holder: Record,
    seat: int = 1,
    *,
    sentence: str,
    field: str | None = None,
) -> None:
    """Take a resource's time for a booking; raises `Refused` with the sentence where any of it is taken.

    Whoever needs several resources uses `take_all`.
    """
    take_all([Wanted(kind, resource_id, starts_at, ends_at, sentence, field, seat)], holder)


def take_all(wanted: Iterable[Wanted], holder: Record) -> None:
    """Take all of it for a booking, or nothing; raises `Refused` with the sentence of the first that is taken.

    Everybody takes in the same order, so of two bookings at once one waits for the other and never both.
    """
    db.session.flush()
    held_by = {"holder_type_id": ContentType.id_of(holder), "holder_id": holder.id}
    with db.session.begin_nested():
        for one in sorted(wanted, key=lambda one: one.place):
            _take(one, held_by)


def _take(wanted: Wanted, held_by: dict[str, int]) -> None:
    same = {"resource_kind": wanted.kind, "resource_id": wanted.resource_id, "seat": wanted.seat} | held_by
    try:
        rows = [same | {"bucket_start": bucket} for bucket in wanted.buckets]
        db.session.execute(sa.insert(ResourceLock).values(rows))  # one statement, which takes them in this order
    except sa.exc.IntegrityError as error:
        if clash_of(error) is None:
            raise
        raise Refused(wanted.sentence, wanted.field) from error


def free(holder: Record) -> None:
    """Give back all the time of a booking; others may have it once this transaction is kept."""
    mine = {"holder_type_id": ContentType.id_of(holder), "holder_id": holder.id}
    db.session.execute(sa.delete(ResourceLock).filter_by(**mine))


def purge_past() -> None:
    """Forget the time that has passed."""
    db.session.execute(sa.delete(ResourceLock).where(ResourceLock.bucket_start <= now() - BUCKET))
