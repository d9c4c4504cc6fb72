"""The core tables the kit itself writes: identity, profile, sequences, locks, logs, events and files."""

from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.clock import now
from portal.extensions import db
from portal.i18n import _
from portal.record import HospitalModel, Record, Refused
from portal.types import Choice, Fixed


class ContentType(HospitalModel):
    """A kind of record, for links that may point at any kind."""

    __tablename__ = "contenttypes_contenttype"
    __table_args__ = (sa.UniqueConstraint("app_label", "model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    app_label: Mapped[str] = mapped_column(sa.String(40))
    model: Mapped[str] = mapped_column(sa.String(60))

    @classmethod
    def id_of(cls, record: HospitalModel) -> int:
        """The id of the record's kind; it is added with the first record that needs it, by one of several at once."""
        app_label, model = record.__tablename__.split("_", 1)
        known = sa.select(cls.id).where(cls.app_label == app_label, cls.model == model)
        found = db.session.scalar(known)
        if found is None:
            with suppress(sa.exc.IntegrityError), db.session.begin_nested():
                db.session.execute(sa.insert(cls).values(app_label=app_label, model=model))
            found = db.session.scalars(known).one()
        return found


class Identity(HospitalModel):
    """Whose database this is: one row, compared with the registry whenever the database is opened."""

    __tablename__ = "core_identity"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tenant_uuid: Mapped[str] = mapped_column(sa.String(36))
    generation: Mapped[str] = mapped_column(sa.String(32))
    created_at: Mapped[datetime] = mapped_column(default=now)


TRIAGE_TARGETS = {"1": 0, "2": 10, "3": 30, "4": 60, "5": 120}


class HospitalProfile(Record):
    """How the hospital presents itself and counts; one row, seeded when the hospital is created."""

    __tablename__ = "core_hospitalprofile"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    name: Mapped[str] = mapped_column(sa.String(120))
    legal_name: Mapped[str] = mapped_column(sa.String(160), default="")
    logo_key: Mapped[str | None] = mapped_column(sa.String(200))
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    timezone: Mapped[str] = mapped_column(sa.String(64))
    currency: Mapped[str] = mapped_column(sa.String(3))
    locale: Mapped[str] = mapped_column(sa.String(10))
    mrn_prefix: Mapped[str] = mapped_column(sa.String(6))
    default_tax_rate: Mapped[Decimal] = mapped_column(Fixed(2), default=Decimal(0))
    followup_days: Mapped[int] = mapped_column(default=14)
    followup_visits: Mapped[int] = mapped_column(default=1)
    noshow_grace_min: Mapped[int] = mapped_column(default=30)
    pay_first: Mapped[bool] = mapped_column(default=False)
    discharge_needs_zero_balance: Mapped[bool] = mapped_column(default=True)
    triage_targets: Mapped[dict] = mapped_column(sa.JSON, default=TRIAGE_TARGETS.copy)
    house_numbers: Mapped[dict] = mapped_column(sa.JSON, default=dict)

    def change(self, *, mrn_prefix: str, **facts) -> "HospitalProfile":
        """Change how the hospital presents itself and counts.

        Raises `Refused` for a prefix other than record numbers carry already, and for triage targets that fall.
        """
        self._refuse_falling(facts.get("triage_targets", TRIAGE_TARGETS))
        given = sa.select(Sequence.value).where(Sequence.name == "mrn")
        if mrn_prefix != self.mrn_prefix and db.session.scalar(given):
            kept = self.mrn_prefix
            raise Refused(_("Patients have numbers that begin with {kept}. Keep it", kept=kept), "mrn_prefix")
        for name, value in {**facts, "mrn_prefix": mrn_prefix}.items():
            setattr(self, name, value)
        return self

    def set_numbers(self, **numbers: int) -> "HospitalProfile":
        """Set numbers of the modules' rules; those that are not named stay."""
        self.house_numbers = self.house_numbers | numbers
        return self

    @staticmethod
    def _refuse_falling(targets: dict[str, int]) -> None:
        """Raise `Refused` where a less urgent patient would be seen sooner than a more urgent one."""
        minutes = [targets[level] for level in TRIAGE_TARGETS]
        for level, (before, here) in enumerate(pairwise(minutes), start=2):
            if here < before:
                words = {"level": level, "least": before, "above": level - 1}
                sentence = _("Level {level} must be {least} minutes or more: level {above} is more urgent", **words)
                raise Refused(sentence, f"triage_{level}")


class Sequence(HospitalModel):
    """A counter for human numbers; incremented and read in one transaction (P4)."""

    __tablename__ = "core_sequence"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(12), default="")
    width: Mapped[int] = mapped_column(default=6)
    value: Mapped[int] = mapped_column(default=0)
    period: Mapped[str] = mapped_column(Choice("none", "day", "year", name="period"), default="none")
    period_key: Mapped[str] = mapped_column(sa.String(10), default="")


class AuditLog(HospitalModel):
    """Who did what to which record; rows are only ever added (CORE-4)."""

    __tablename__ = "core_auditlog"
    __table_args__ = (
        sa.Index("ix_core_auditlog_record", "content_type", "object_id", "at"),
        sa.Index("ix_core_auditlog_actor_at", "actor_id", "at"),
    )

    ACTIONS = (
        "create",
        "update",
        "delete",
        "transition",
        "void",
        "view_sensitive",
        "break_glass",
        "login",
        "login_failed",
        "logout",
        "export",
        "print",
        "permission",
    )

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"))
    ip: Mapped[str] = mapped_column(sa.String(45), default="")
    action: Mapped[str] = mapped_column(Choice(*ACTIONS, name="action"))
    content_type: Mapped[str | None] = mapped_column(sa.String(60))
    object_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    changes: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    request_id: Mapped[str] = mapped_column(sa.String(36), default="")


class IdempotencyKey(HospitalModel):
    """A form was already answered: the same token leads to the same record (P6)."""

    __tablename__ = "core_idempotencykey"

    token: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    route: Mapped[str] = mapped_column(sa.String(120))
    result_type: Mapped[str] = mapped_column(sa.String(60))
    result_id: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class ResourceLock(HospitalModel):
    """Five minutes of somebody or something, taken by one booking (P2)."""

    __tablename__ = "core_resourcelock"
    __table_args__ = (
        sa.UniqueConstraint("resource_kind", "resource_id", "seat", "bucket_start", name="uq_core_resourcelock_bucket"),
        sa.Index("ix_core_resourcelock_holder", "holder_type_id", "holder_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    resource_kind: Mapped[str] = mapped_column(Choice("doctor", "patient", "room", "modality", "staff", name="kind"))
    resource_id: Mapped[int] = mapped_column(sa.BigInteger)
    seat: Mapped[int] = mapped_column(default=1)
    bucket_start: Mapped[datetime]
    holder_type_id: Mapped[int] = mapped_column(sa.ForeignKey("contenttypes_contenttype.id"))
    holder_id: Mapped[int] = mapped_column(sa.BigInteger)


class StatusLog(HospitalModel):
    """A record went from one state to the next: when, by whom, and why."""

    __tablename__ = "core_statuslog"
    __table_args__ = (sa.Index("ix_core_statuslog_record", "content_type", "object_id", "at"),)

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    content_type: Mapped[str] = mapped_column(sa.String(60))
    object_id: Mapped[int] = mapped_column(sa.BigInteger)
    from_status: Mapped[str | None] = mapped_column(sa.String(24))
    to_status: Mapped[str] = mapped_column(sa.String(24))
    at: Mapped[datetime] = mapped_column(default=now)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    note: Mapped[str] = mapped_column(sa.String(500), default="")


class Event(HospitalModel):
    """Something that happened, kept until every later handler has done its part (the outbox, CORE-3).

    `last_error` is null before the first try and empty once everything is done; `next_try_at` is null when there is
    nothing more to try, because it is done or was tried too often.
    """

    __tablename__ = "core_event"

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), index=True)
    payload: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    occurred_at: Mapped[datetime] = mapped_column(default=now, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(500))
    next_try_at: Mapped[datetime | None] = mapped_column(default=now, index=True)


class EventDelivery(HospitalModel):
    """One handler has done its part for one event; the pair is unique, so each effect happens once."""

    __tablename__ = "core_eventdelivery"
    __table_args__ = (sa.UniqueConstraint("event_id", "handler"),)

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("core_event.id"))
    handler: Mapped[str] = mapped_column(sa.String(120))
    done_at: Mapped[datetime] = mapped_column(default=now)


class Attachment(Record):
    """A file that belongs to a record of this hospital."""

    __tablename__ = "core_attachment"
    __table_args__ = (sa.Index("ix_core_attachment_record", "content_type", "object_id"),)

    content_type: Mapped[str] = mapped_column(sa.String(60))
    object_id: Mapped[int] = mapped_column(sa.BigInteger)
    file_key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    filename: Mapped[str] = mapped_column(sa.String(200))
    mime: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(40))
