"""Engines of hospital databases: opened on first use, checked against the registry, the least used let go."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from portal.migrations import OLDEST, tree_version_table
from portal.tenancy import releases
from portal.tenancy.current import Hospital, HospitalReadOnly, OtherRelease, TenantGone
from portal.tenancy.databases.base import Databases, WrongDatabase
from portal.tenancy.databases.errors import is_locked, is_no_table, is_refused_writing, kind_of_damage
from portal.tenancy.databases.postgres import PostgresDatabases
from portal.tenancy.databases.sqlite import SqliteDatabases
from portal.tenancy.names import HospitalNames
from portal.tenancy.servers import Server
from portal.tenancy.session import TENANT

LARGEST = 128
STAMP = "SELECT tenant_uuid, generation FROM core_identity"
STAMP_AND_STANDING = (
    f"SELECT tenant_uuid, generation, version_num, {OLDEST}"  # noqa: S608 names of ours
    f" FROM core_identity LEFT JOIN {tree_version_table(TENANT)} ON 1 = 1"
)


@dataclass
class _Open:
    reading: sa.Engine
    writing: sa.Engine
    state: tuple


def _state(hospital: Hospital) -> tuple:
    """What an engine was opened for; a change of it, also the day the grace ends, needs another engine."""
    return hospital.generation, hospital.epoch, hospital.read_only_since is not None


class Engines:
    """The open hospital databases of this process (tenancy.md T4, T19, T20).

    `names(subdomain)` gives a hospital's names; `servers` maps a placement's name to its databases.
    """

    def __init__(self, servers: dict[str, Databases], names, largest: int = LARGEST):
        self.servers, self.names, self.largest = servers, names, largest
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._lock = threading.Lock()

    def databases(self, server: str = "default") -> Databases:
        """The server of that name; raises LookupError for one the settings do not know."""
        try:
            return self.servers[server]
        except KeyError:
            raise LookupError(f"This installation has no database server called {server!r}.") from None

    def names_of(self, hospital: Hospital) -> HospitalNames:
        """Host, file and database name of a hospital."""
        return self.names(hospital.subdomain)

    def get(self, hospital: Hospital, *, writing: bool) -> sa.Engine:
        """The engine of this hospital; raises `DatabaseMissing`, `DatabaseDamaged` or `WrongDatabase`.

        Raises `TenantGone` for one that is suspended or in maintenance. That of a read-only hospital writes nothing:
        what tries raises `HospitalReadOnly` (tenancy.md T22).
        """
        if hospital.is_closed:
            self.forget(hospital.uuid)
            raise TenantGone(f"{hospital.subdomain} is {hospital.closed_as}")
        with self._lock:
            found = self._current(hospital)
        found = found or self._opened(hospital)
        return found.writing if writing else found.reading

    def _current(self, hospital: Hospital) -> _Open | None:
        found = self._open.get(hospital.uuid)
        if found is None or found.state != _state(hospital):
            return None
        self._open.move_to_end(hospital.uuid)
        return found

    def _opened(self, hospital: Hospital) -> _Open:
        """Open a hospital; of several threads at once the first one's engine stays.

        A log that another database left is noticed before SQLite writes it into this one.
        """
        databases, names = self.databases(hospital.server), self.names_of(hospital)
        if databases.has_log(names):
            with_log = databases.looking_engine(names)
            check_every_connection(with_log, hospital)
            with_log.connect().close()
        engine = databases.engine(names)
        check_every_connection(engine, hospital)
        check_every_change(engine, hospital, serving=True)
        may_write = hospital.read_only_since is None
        if not may_write:
            refuse_writing(engine)
        fresh = _Open(
            engine.execution_options(writing=False),
            engine.execution_options(writing=may_write),
            _state(hospital),
        )
        try:
            fresh.reading.connect().close()
        except BaseException:
            engine.dispose()
            raise
        with self._lock:
            first = self._current(hospital)
            let_go = [fresh] if first else [self._open.pop(hospital.uuid, None)]
            self._open.setdefault(hospital.uuid, fresh)
            while len(self._open) > self.largest:
                let_go.append(self._open.popitem(last=False)[1])
        for old in filter(None, let_go):
            old.reading.dispose()
        return first or fresh

    def forget(self, uuid: str) -> None:
        """Close this process's connections to a hospital."""
        with self._lock:
            found = self._open.pop(uuid, None)
        if found:
            found.reading.dispose()

    def close(self) -> None:
        """Close every connection of this process."""
        for uuid in list(self._open):
            self.forget(uuid)

    def abandon(self) -> None:
        """After a fork: drop what the parent opened without touching its connections (tenancy.md fact 12)."""
        self._lock = threading.Lock()
        for found in self._open.values():
            found.reading.dispose(close=False)
        self._open.clear()

    def __len__(self) -> int:
        return len(self._open)


def databases_on(server: Server, secret: str) -> Databases:
    """What the hospitals of a server are asked through; `secret` makes the passwords of their roles."""
    if server.kind == "postgresql":
        return PostgresDatabases(server.url, f"{secret} {server.name}")
    folder = Path(server.url.database)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteDatabases(folder)


def check_every_connection(engine: sa.Engine, hospital: Hospital) -> None:
    """Compare the identity row with the registry's whenever this engine connects, for a file may be replaced later.

    From then on connecting raises `WrongDatabase` on any difference.
    """
    registered = (hospital.uuid, hospital.generation)

    @sa.event.listens_for(engine, "connect")
    def check(raw, record) -> None:
        try:
            found = stamp_of(raw, engine.dialect.loaded_dbapi)
            if found != registered:
                raise WrongDatabase(f"stamped {found}, the registry says {registered}")
            raw.rollback()  # what was read here is no part of anybody's transaction
        except BaseException:
            raw.close()
            raise


def check_every_change(engine: sa.Engine, hospital: Hospital, *, serving: bool = False) -> None:
    """Compare the identity row again whenever somebody has the write lock, for content may be replaced in its file.

    Whoever waited for the lock while that was done raises `WrongDatabase`, and writes nothing into the new content.
    While `serving` people, `OtherRelease` is raised where the database was brought meanwhile to a revision that this
    release does not work on.
    """
    registered = (hospital.uuid, hospital.generation)

    @sa.event.listens_for(engine, "begin")
    def check(connection: sa.Connection) -> None:
        if not connection.get_execution_options().get("writing", True):
            return
        raw = connection.connection.driver_connection
        found = stamp_of(raw, engine.dialect.loaded_dbapi, STAMP_AND_STANDING)
        if found is None or found[:2] != registered:
            raw.rollback()
            raise WrongDatabase(f"stamped {found and found[:2]}, expected {registered}")
        if serving and not releases.works_on(*found[2:]):
            raw.rollback()
            raise OtherRelease(f"{hospital.subdomain} is at revision {found[2]}")


def refuse_writing(engine: sa.Engine) -> None:
    """Let the database itself refuse every change on this engine's connections, also in raw SQL."""

    @sa.event.listens_for(engine, "connect")
    def only_read(raw, record) -> None:
        if engine.dialect.name == "sqlite":
            raw.execute("PRAGMA query_only=ON")
        else:
            raw.read_only = True  # every transaction begins as READ ONLY, through PgBouncer too

    @sa.event.listens_for(engine, "handle_error")
    def say_so(context) -> None:
        if is_refused_writing(context.original_exception):
            raise HospitalReadOnly(str(context.original_exception)) from context.original_exception


def read_stamp(engine: sa.Engine) -> tuple[str, str] | None:
    """The identity row `(tenant uuid, generation)`, or None where there is none; raises `DatabaseDamaged`."""
    with engine.connect() as connection:
        return stamp_of(connection.connection.driver_connection, engine.dialect.loaded_dbapi)


def stamp_of(raw, driver, query: str = STAMP) -> tuple[str, ...] | None:
    """As `read_stamp`, on the driver's own connection, with what the query reads besides."""
    cursor = raw.cursor()
    try:
        cursor.execute(query)
        row = cursor.fetchone()
    except (driver.DatabaseError, UnicodeDecodeError) as error:
        if is_no_table(error):
            return None
        if is_locked(error):
            raise
        raise kind_of_damage(error)(str(error)) from error
    finally:
        cursor.close()
    return tuple(row) if row else None
