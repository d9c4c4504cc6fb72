"""The base of every row a hospital owns."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from portal.clock import now
from portal.extensions import db
from portal.i18n import _
from portal.tenancy.session import TENANT, guard_objects, refuse_pickle
from portal.types import new_uuid


class Refused(Exception):
    """The hospital's rules do not allow this; `sentence` says why, `field` names the answer it is about."""

    def __init__(self, sentence: str, field: str | None = None):
        self.sentence, self.field = sentence, field
        super().__init__(sentence)


class WrongState(Refused):
    """The record is not in a state from which this move is possible; nothing was changed (409).

    `record` is what it is about, so that people are led to it as it is now.
    """

    def __init__(self, sentence: str, record: "Record | None" = None):
        self.record = record
        super().__init__(sentence)


class Overtaken(WrongState):
    """Somebody else moved the record after it was read, so what was read decides nothing; a request is done again."""


class Actor:
    """Who is at work; sign-in says how to find out, so that models need not know of requests."""

    find_id: Callable[[], int | None] = staticmethod(lambda: None)


class HospitalModel(db.Model):
    """A table in every hospital's own database."""

    __abstract__ = True
    __bind_key__ = TENANT

    def __reduce_ex__(self, protocol):
        refuse_pickle(self, protocol)


guard_objects(HospitalModel)


class Record(HospitalModel):
    """A row with its history of hands: who made and changed it, when, and a version that refuses stale edits."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now, sort_order=92)
    version: Mapped[int] = mapped_column(sort_order=94)

    @declared_attr
    def created_by(cls) -> Mapped[int | None]:
        return mapped_column(sa.ForeignKey("auth_user.id"), default=lambda: Actor.find_id(), sort_order=91)

    @declared_attr
    def updated_by(cls) -> Mapped[int | None]:
        return mapped_column(
            sa.ForeignKey("auth_user.id"),
            default=lambda: Actor.find_id(),
            onupdate=lambda: Actor.find_id(),
            sort_order=93,
        )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict:
        return {"version_id_col": cls.version}


class Voidable:
    """A clinical or money row is never deleted: voided, it leaves lists and sums but can still be read."""

    voided_at: Mapped[datetime | None] = mapped_column(sort_order=80)
    void_reason: Mapped[str | None] = mapped_column(sa.String(200), sort_order=82)

    @declared_attr
    def voided_by(cls) -> Mapped[int | None]:
        return mapped_column(sa.ForeignKey("auth_user.id"), sort_order=81)

    def void(self, reason: str):
        """Take the row out of every list and sum, for a reason; raises `WrongState` where that was done."""
        self.refuse_voided()
        self.voided_at, self.voided_by, self.void_reason = now(), Actor.find_id(), reason
        return self

    def refuse_voided(self) -> None:
        """Raise `WrongState` where the row is voided."""
        if self.voided_at:
            raise WrongState(_("This is not possible any more: the entry was voided."), self)


class Exposed:
    """A row that other systems know, by a uuid that never changes."""

    uuid: Mapped[str] = mapped_column(sa.String(36), unique=True, default=new_uuid, sort_order=-1)
