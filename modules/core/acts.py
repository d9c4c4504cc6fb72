"""The audit as people read it: who did what to which record, and what it was before and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from portal.kit import day_bounds, db
from portal.kit.audit import ACTION_WORDS, Change, word_of
from portal.kit.forms import id_or_none
from portal.kit.models import AuditLog
from portal.kit.people import User

FILTERS = ("action", "person", "day")
SHOWN = 30


@dataclass(frozen=True)
class Act:
    """One row of the audit in words."""

    row: AuditLog
    by: str
    changes: list[Change]

    @property
    def word(self) -> str:
        """What was done."""
        return ACTION_WORDS[self.row.action]

    @property
    def record(self) -> str:
        """The record it was done to, such as “patient 12”; empty where there is none."""
        if self.row.content_type is None:
            return ""
        return f"{self.row.content_type.partition('_')[2].replace('_', ' ')} {self.row.object_id}"

    @property
    def told(self) -> str:
        """What was and what is, a line for each answer."""
        return "\n".join(f"{one.label}: {one.before}{' → ' * bool(one.before)}{one.after}" for one in self.changes)


def logged() -> sa.Select:
    """Every act with the person who did it."""
    return sa.select(AuditLog, User).outerjoin(User, User.id == AuditLog.actor_id)


def filtered(query: sa.Select, wanted: dict[str, str]) -> sa.Select:
    """The query with the filters that are known; others change nothing."""
    if wanted.get("action") in ACTION_WORDS:
        query = query.where(AuditLog.action == wanted["action"])
    person = id_or_none(wanted.get("person"))
    if person:
        query = query.where(AuditLog.actor_id == person)
    on = day_of(wanted.get("day"))
    if on:
        begin, end = day_bounds(on)
        query = query.where(AuditLog.at >= begin, AuditLog.at < end)
    return query


def day_of(text: str | None) -> date | None:
    """The day that is looked at; what cannot be one is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def read(query: sa.Select) -> Iterator[Act]:
    """The acts of a query in words."""
    for row, user in db.session.execute(query):
        yield Act(row, user.full_name if user else "", list(_in_words(row.changes)))


def acts_on(user: User) -> list[Act]:
    """The latest acts that concern a user, newest first."""
    mine = logged().where(AuditLog.content_type == User.__tablename__, AuditLog.object_id == user.id)
    return list(read(mine.order_by(AuditLog.id.desc()).limit(SHOWN)))


def people() -> list[User]:
    """Everybody who can have done something, by name."""
    return sorted(db.session.scalars(sa.select(User)), key=lambda user: user.full_name.casefold())


def _in_words(changes: dict) -> Iterator[Change]:
    for name, (before, after) in changes.items():
        label = name.removesuffix("_id").replace("_", " ")
        yield Change(label[:1].upper() + label[1:], _word(before), _word(after))


def _word(value) -> str:
    """A kept value as people read it; of several answers kept together, each."""
    return ", ".join(map(word_of, value.values())) if isinstance(value, dict) else word_of(value)
