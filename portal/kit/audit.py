"""What was done to a record: written whenever one is created or changed, and read back as a history (CORE-4)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

import sqlalchemy as sa

from portal.auth.audit import audit_hospital
from portal.auth.models import User
from portal.extensions import db
from portal.i18n import _
from portal.kit.models import AuditLog
from portal.record import Record
from portal.tenancy.session import TenantSession
from portal.times import day, moment

SECRET = frozenset({"password_hash", "totp_secret"})
COUNTED = frozenset({"id", "uuid", "version", "created_at", "created_by", "updated_at", "updated_by"})
FOLLOWS = frozenset({"name_search", "phone_search", "last_login_at", "failed_logins", "session_epoch"})
UNTOLD = SECRET | COUNTED | FOLLOWS
KEPT_DAY = re.compile(r"\d{4}-[01]\d-[0-3]\d")
KEPT_MOMENT = re.compile(KEPT_DAY.pattern + r"T[0-9:.]+\+00:00")
SHOWN = 50
ACTION_WORDS = {
    "create": _("Created"),
    "update": _("Changed"),
    "delete": _("Deleted"),
    "transition": _("Moved on"),
    "void": _("Voided"),
    "view_sensitive": _("Opened a sensitive record"),
    "break_glass": _("Opened in an emergency"),
    "login": _("Signed in"),
    "login_failed": _("Sign-in refused"),
    "logout": _("Signed out"),
    "export": _("Exported"),
    "print": _("Printed"),
    "permission": _("Changed permissions"),
}


def give_reason(record: Record, reason: str) -> None:
    """Let the reason somebody gave stand beside the change that is about to be written."""
    record.__dict__["_reason"] = reason


@sa.event.listens_for(TenantSession, "after_flush")
def write_changes(session, flush_context) -> None:
    """Write one row for each record created, changed or deleted, in the transaction that does it."""
    for action, records in {"create": session.new, "update": session.dirty}.items():
        for record in records:
            changes = _changes(record) if isinstance(record, Record) else {}
            if changes:
                is_voided = action == "update" and changes.get("voided_at", [True])[0] is None
                audit_hospital("void" if is_voided else action, record, changes)
    for record in session.deleted:
        if isinstance(record, Record):
            audit_hospital("delete", record, _last(record))


@sa.event.listens_for(Record, "mapper_configured", propagate=True)
def know_what_was(mapper, model) -> None:
    """Let a column that is set without having been read be read first, or the audit would not know what it was."""
    for attribute in mapper.column_attrs:
        getattr(model, attribute.key).impl.active_history = True


def _changes(record: Record) -> dict[str, list]:
    """Each changed column with what it was and what it is; secrets and what merely follows are left out."""
    state = sa.inspect(record)
    changes = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        before, after = (plain(values[0]) if values else None for values in (history.deleted, history.added))
        if attribute.key not in UNTOLD and before != after and history.has_changes():
            changes[attribute.key] = [before, after]
    reason = record.__dict__.pop("_reason", None)
    return changes | ({"reason": [None, reason]} if reason else {})


def _last(record: Record) -> dict[str, list]:
    """Each column of a record that is deleted with what it was; an empty one is left out."""
    known = {name: plain(value) for name, value in sa.inspect(record).dict.items() if name in record.__table__.c}
    return {name: [value, None] for name, value in known.items() if name not in UNTOLD and value not in (None, "")}


def differences(before: Mapping[str, object], record: Record) -> dict[str, list]:
    """What these columns were and what they are now, as the audit keeps it."""
    now_and_then = {name: [plain(value), plain(getattr(record, name))] for name, value in before.items()}
    return {name: pair for name, pair in now_and_then.items() if name not in UNTOLD and pair[0] != pair[1]}


def plain(value):
    """A value as the audit keeps it; a moment in UTC, whatever zone it was given in."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True)
class Change:
    """One thing that changed, as people read it; empty where nothing was or is."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One act in the history of a record."""

    at: datetime
    by: str
    action: str
    changes: list[Change]

    @property
    def word(self) -> str:
        """What was done, such as “Changed”."""
        return ACTION_WORDS[self.action]


def history_of(record: Record, form) -> list[Entry]:
    """What was done to the record, newest first; labels and words are those of the form that changes it."""
    query = (
        sa.select(AuditLog, User)
        .outerjoin(User, User.id == AuditLog.actor_id)
        .where(AuditLog.content_type == record.__tablename__, AuditLog.object_id == record.id)
        .order_by(AuditLog.id.desc())
        .limit(SHOWN)
    )
    return [
        Entry(row.at, user.full_name if user else "", row.action, list(_in_words(row.changes, form)))
        for row, user in db.session.execute(query)
    ]


def _in_words(changes: dict, form) -> Iterator[Change]:
    for name, (before, after) in changes.items():
        if name == "reason":
            yield Change(_("Reason"), "", str(after))
        elif name == "status" and name not in form:
            yield Change(_("Status"), *(str(state or "").replace("_", " ") for state in (before, after)))
        elif name in form and (before or after):
            yield Change(form[name].label.text, said(form[name], before), said(form[name], after))


def said(field, value) -> str:
    """A value of this field as people read it: the words of its choices, or as `word_of` has it."""
    if isinstance(value, list):
        return ", ".join(said(field, one) for one in value)
    offered = field.iter_choices() if getattr(field, "choices", None) else ()
    return next((label for choice, label, *_more in offered if choice == value), None) or word_of(value)


def word_of(value) -> str:
    """A kept value as people read it: yes and no, days and moments of the hospital; empty where nothing was."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    if KEPT_MOMENT.fullmatch(text):
        return moment(datetime.fromisoformat(text))
    return day(date.fromisoformat(text)) if KEPT_DAY.fullmatch(text) else text
