"""Engines of hospital databases: opened on first use, checked against the registry, the least used let go."""

import threading
from pathlib import Path

import psycopg
import sqlalchemy as sa

from portal.migrations import OLDEST, tree_version_table
from portal.tenancy import releases
from portal.tenancy.current import Hospital, HospitalReadOnly, OtherRelease, TenantGone
from portal.tenancy.databases.base import Databases, ServerAway, WrongDatabase, closed
from portal.tenancy.databases.errors import is_locked, is_no_table, is_refused_writing, kind_of_damage
from portal.tenancy.databases.postgres import PostgresDatabases
from portal.tenancy.databases.sqlite import SqliteDatabases
from portal.tenancy.leases import Open, Opened
from portal.tenancy.names import HospitalNames
from portal.tenancy.pools import Budget
from portal.tenancy.servers import Server
from portal.tenancy.session import TENANT

LARGEST = 400
IDLE_SECONDS = 300
STAMP = "SELECT tenant_uuid, generation FROM core_identity"
STAMP_AND_STANDING = (
    f"SELECT tenant_uuid, generation, version_num, {OLDEST}"  # noqa: S608 names of ours
    f" FROM core_identity LEFT JOIN {tree_version_table(TENANT)} ON 1 = 1"
)


def _state(hospital: Hospital) -> tuple:
    """What an engine was opened for; a change of it, also the day the grace ends, needs another engine."""
    return hospital.generation, hospital.epoch, hospital.saves_nothing


class Engines:
    """The open hospital databases of this process (tenancy.md T4, T19, T20).

    `names(subdomain)` gives a hospital's names; `servers` maps a placement's name to its databases. At most `largest`
    stay open, but those somebody works with; what nobody used for `idle_seconds` is closed.
    """

    def __init__(
        self, servers: dict[str, Databases], names, largest: int = LARGEST, idle_seconds: float = IDLE_SECONDS
    ):
        self.servers, self.names, self.idle_seconds = servers, names, idle_seconds
        self.opened = Opened(largest)
        self._sweeper: threading.Thread | None = None
        self._is_over = threading.Event()

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
        found = self._found(hospital)
        return found.writing if writing else found.reading

    def lease(self, hospital: Hospital) -> Open:
        """As `get`, held until `end`: nobody closes it meanwhile to make room."""
        return self._found(hospital, leases=1)

    def end(self, opened: Open) -> None:
        """Whoever worked with a hospital is done."""
        self._dispose(self.opened.end(opened))

    def _found(self, hospital: Hospital, leases: int = 0) -> Open:
        if hospital.is_closed:
            self.forget(hospital.uuid)
            self.opened.count("refused")
            raise TenantGone(f"{hospital.subdomain} is {hospital.closed_as}")
        found = self.opened.find(hospital.uuid, _state(hospital), leases)
        if found is None:
            found, let_go = self.opened.keep(hospital.uuid, self._opened(hospital), leases)
            self._dispose(let_go)
            self._sweep_from_now_on()
        return found

    def _opened(self, hospital: Hospital) -> Open:
        """Open a hospital. A log that another database left is noticed before SQLite writes it into this one."""
        databases, names = self.databases(hospital.server), self.names_of(hospital)
        if databases.has_log(names):
            with_log = databases.looking_engine(names)
            check_every_connection(with_log, hospital)
            with_log.connect().close()
        engine = databases.engine(names)
        check_every_use(engine, hospital)
        sa.event.listen(engine.dialect, "handle_error", name_refusal)  # once: all engines of a server share it
        may_write = not hospital.saves_nothing
        if not may_write:
            refuse_writing(engine)
        fresh = Open(
            engine.execution_options(writing=False),
            engine.execution_options(writing=may_write),
            _state(hospital),
        )
        try:
            fresh.reading.connect().close()
        except BaseException:
            engine.dispose()
            raise
        return fresh

    def _dispose(self, let_go: list[Open]) -> None:
        """Close what nobody uses; whoever still works with it goes on, and each connection is closed after its use."""
        for old in let_go:
            old.reading.dispose()

    def forget(self, uuid: str) -> None:
        """Close this process's connections to a hospital."""
        self._dispose(self.opened.take_away(uuid))

    def close_unused(self) -> None:
        """Close the connections that nobody used for a while, and forget the engines that nobody did."""
        closed = sum(one.budget.close_unused(self.idle_seconds) for one in self.servers.values())
        unused = self.opened.unused_for(self.idle_seconds)
        self.opened.count("idle_closed", closed + sum(one.reading.pool.checkedin() for one in unused))
        self._dispose(unused)

    def _sweep_from_now_on(self) -> None:
        """Look now and then for what nobody uses, for as long as the process lives."""
        if self._sweeper is None:
            self._is_over.clear()
            self._sweeper = threading.Thread(target=self._sweep, name="unused databases", daemon=True)
            self._sweeper.start()

    def _sweep(self) -> None:
        while not self._is_over.wait(min(self.idle_seconds / 4, 30)):
            self.close_unused()

    def close(self) -> None:
        """Close every connection of this process."""
        for uuid in self.opened.uuids():
            self.forget(uuid)
        self._is_over.set()
        self._sweeper = None

    def abandon(self) -> None:
        """After a fork: drop what the parent opened without touching its connections (tenancy.md fact 12)."""
        self._of_the_parent = self.opened  # not collected either: that would close them
        self.opened, self._sweeper, self._is_over = Opened(self.opened.largest), None, threading.Event()
        for one in self.servers.values():
            one.budget = Budget(one.budget.most)

    def figures(self) -> dict[str, int]:
        """What this process has open now, and what it has done so far: numbers for whoever watches it."""
        connections = sum(one.budget.open for one in self.servers.values())
        return self.opened.figures() | {"connections": connections}

    def __len__(self) -> int:
        return len(self.opened.uuids())


def databases_on(server: Server, secret: str) -> Databases:
    """What the hospitals of a server are asked through; `secret` makes the passwords of their roles."""
    if server.kind == "postgresql":
        how = server.connections, server.through, server.logins
        return PostgresDatabases(server.url, f"{secret} {server.name}", *how)
    folder = Path(server.url.database)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteDatabases(folder, server.connections)


def check_every_use(engine: sa.Engine, hospital: Hospital) -> None:
    """Compare the identity row with the registry's, so that nobody reads or writes another database (tenancy.md T4).

    A file is compared whenever it is opened, and whenever somebody has its write lock. On a server, where a pooler may
    lead each transaction to another connection, it is the first thing that a transaction reads.
    """
    if engine.dialect.name == "sqlite":
        check_every_connection(engine, hospital)
        check_every_change(engine, hospital, serving=True)
    else:
        check_every_transaction(engine, hospital)


def check_every_connection(engine: sa.Engine, hospital: Hospital) -> None:
    """Compare the identity row with the registry's whenever this engine connects, for a file may be replaced later.

    From then on connecting raises `WrongDatabase` on any difference. A hospital that is being moved is read where it is
    closed to writers too.
    """

    @sa.event.listens_for(engine, "connect")
    def check(raw, record) -> None:
        try:
            compare(raw, engine, hospital)
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

    @sa.event.listens_for(engine, "begin")
    def check(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("writing", True):
            compare(connection.connection.driver_connection, engine, hospital, serving=serving)


def check_every_transaction(engine: sa.Engine, hospital: Hospital) -> None:
    """Begin every transaction with a comparison, which also finds out whether the connection still works.

    One that the server has ended is replaced by a new one, once, without anybody noticing.
    """

    @sa.event.listens_for(engine, "checkout")
    def check(raw, record, proxy) -> None:
        was_lost = record.record_info.pop("was_lost", False)
        try:
            compare(raw, engine, hospital, serving=True)
        except ServerAway as error:
            if was_lost or not raw.closed:
                raise
            record.record_info["was_lost"] = True
            raise sa.exc.DisconnectionError(str(error)) from error

    @sa.event.listens_for(engine, "begin")
    def check_again(connection: sa.Connection) -> None:
        raw = connection.connection.driver_connection
        if raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            compare(raw, engine, hospital, serving=True)


def compare(raw, engine: sa.Engine, hospital: Hospital, *, serving: bool = False) -> None:
    """Raise `WrongDatabase` where the identity row is not that of this hospital as the registry knows it.

    That of a hospital which is being moved may be closed to writers already: it is still read. While `serving` people,
    `OtherRelease` is raised where the database is at a revision that this release does not work on.
    """
    found = stamp_of(raw, engine.dialect.loaded_dbapi, STAMP_AND_STANDING if serving else STAMP) or ()
    stamp, registered = found[:2], (hospital.uuid, hospital.generation)
    if stamp != registered and not (hospital.moved_by and stamp == (hospital.uuid, closed(hospital.generation))):
        raw.rollback()
        raise WrongDatabase(f"stamped {stamp or None}, the registry says {registered}")
    if serving and not releases.works_on(*found[2:]):
        raw.rollback()
        raise OtherRelease(f"{hospital.subdomain} is at revision {found[2]}", found[2:])


def refuse_writing(engine: sa.Engine) -> None:
    """Let the database itself refuse every change on this engine's connections, also in raw SQL."""

    @sa.event.listens_for(engine, "connect")
    def only_read(raw, record) -> None:
        if engine.dialect.name == "sqlite":
            raw.execute("PRAGMA query_only=ON")
        else:
            raw.read_only = True  # every transaction begins as READ ONLY, through PgBouncer too


def name_refusal(context: sa.engine.ExceptionContext) -> None:
    """What a database that may only be read refuses is `HospitalReadOnly`, whoever made it so."""
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
