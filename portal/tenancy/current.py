"""The current hospital: bound once for each application context, never switched (tenancy.md T1, T2, T26)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, g, has_app_context

from portal.tenancy.modes import is_closed, read_only_since
from portal.tenancy.session import NoTenantError, WrongTenantError

__all__ = ["Hospital", "NoTenantError", "TenantGone", "WrongTenantError", "current_hospital", "in_hospital"]


class TenantGone(LookupError):
    """The hospital this work belongs to no longer exists or cannot be served."""


class OtherRelease(TenantGone):
    """This release does not work on the hospital's database: it is too old for it, or too new.

    Where the database itself said so, `standing` is what it said: its revision, and from which release it is served.
    """

    def __init__(self, detail: str, standing: tuple[str | None, str | None] = (None, None)):
        super().__init__(detail)
        self.standing = standing


class HospitalReadOnly(RuntimeError):
    """Something tried to change a hospital that is read-only; its database refused."""


@dataclass(frozen=True)
class Hospital:
    """What the registry says of a hospital, as it was read; safe to keep and to share between threads."""

    id: int
    uuid: str
    subdomain: str
    name: str
    generation: str | None
    epoch: int
    mode: str
    mode_since: datetime | None
    mode_reason: str
    closed_by: int | None
    moved_by: int | None
    is_neutralised: bool
    copy_of: str
    sessions_ended: int
    server: str
    modules: frozenset[str]
    timezone: str
    currency: str
    locale: str
    starts_on: date
    ends_on: date | None
    staff_limit: int | None
    grace_days: int
    revision: str | None = None
    serves_from: str | None = None

    @property
    def is_closed(self) -> bool:
        """Suspended, in maintenance, deleted or closed by work on it: its database is opened for nobody."""
        return self.closed_by is not None or is_closed(self.mode)

    @property
    def closed_as(self) -> str:
        """For the log: the mode that closes it, or that work on it does."""
        return self.mode if is_closed(self.mode) else "being worked on"

    @property
    def read_only_since(self) -> date | None:
        """The day since which nothing is saved here; None where people may save, or nobody gets in."""
        if self.closed_by is not None:
            return None
        return read_only_since(self.mode, self.mode_since, self.ends_on, self.grace_days, self.zone)

    @property
    def saves_nothing(self) -> bool:
        """Nothing is saved here now: it is read-only, or its database is being moved to another server."""
        return self.moved_by is not None or self.read_only_since is not None

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's own time zone; “today” is a day here."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class _Bound:
    hospital: Hospital
    writing: bool


def current_hospital() -> Hospital:
    """The hospital this work belongs to; raises `NoTenantError` outside one."""
    bound = _bound()
    if bound is None:
        raise NoTenantError("No hospital is bound here. Use in_hospital(…) around this work.")
    return bound.hospital


def find_current_hospital() -> Hospital | None:
    """The hospital this work belongs to, or None on the platform's own pages."""
    bound = _bound()
    return bound and bound.hospital


def is_writing() -> bool:
    """This work may change the hospital's data, so its transaction takes the write lock first (D11)."""
    bound = _bound()
    return bool(bound and bound.writing)


def bind(hospital: Hospital, *, writing: bool) -> None:
    """Bind this application context to a hospital, once; another one raises `WrongTenantError`."""
    bound = _bound()
    if bound is not None and bound.hospital.uuid != hospital.uuid:
        raise WrongTenantError("A context belongs to one hospital. Use in_hospital(…) for another.")
    if bound is None:
        g._hospital = _Bound(hospital, writing)


@contextmanager
def in_hospital(hospital: Hospital, *, writing: bool = True) -> Iterator[Hospital]:
    """Do work for a hospital in an application context, and so a session, of its own.

    Raises `WrongTenantError` inside another hospital; inside the same one it changes nothing.
    """
    bound = _bound()
    if bound is not None:
        if bound.hospital.uuid != hospital.uuid:
            raise WrongTenantError("Leave this hospital before you enter another.")
        yield bound.hospital
        return
    with current_app.app_context():
        bind(hospital, writing=writing)
        yield hospital


@contextmanager
def outside_hospital() -> Iterator[None]:
    """Read the control plane from inside a hospital's work, in a context of its own."""
    with current_app.app_context():
        read_only()
        yield


def read_only() -> None:
    """This work on the control plane does not write, so it never waits for the write lock (D11)."""
    g._control_writing = False


def writes_control() -> bool:
    """This work may write to the control plane; so it is unless somebody said otherwise."""
    return g.get("_control_writing", True)


def _bound() -> _Bound | None:
    return g.get("_hospital") if has_app_context() else None
