"""Hospital databases on a PostgreSQL server: one database and one role each.

The platform's own role, that of the server's URL, owns every database and is the only one that changes tables. A
hospital's role has its database's name, may connect to that database alone, and reads and writes rows there
(tenancy.md T24). A build is published by a rename, which fails where the name exists.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.pool import NullPool, QueuePool

from portal.clock import now
from portal.tenancy.databases import dumps
from portal.tenancy.databases.base import (
    DatabaseDamaged,
    DatabaseUnreadable,
    ServerAway,
    ServerFull,
    closed,
)
from portal.tenancy.databases.errors import is_out_of_reach, tells_of_damage
from portal.tenancy.databases.postgres_rights import grant_rows, may_use
from portal.tenancy.databases.postgres_server import EMPTY, PostgresServer, count_rows
from portal.tenancy.databases.sqlite import sync_file
from portal.tenancy.names import HospitalNames
from portal.tenancy.pools import Budget, SharedPool

COMPILED_STATEMENTS = 1500
THROUGH_POOLER = 400  # those cost next to nothing
CONNECTIONS = 32  # two processes of them, and the workers, fit a server that is as it was installed


class PostgresDatabases:
    """The hospitals of one server; one dialect and one compiled cache serve all of them.

    `secret` makes the password of each hospital's role, so that none is kept anywhere. This process has as many
    `connections` of hospitals as that, `through` a pooler where there is one; whatever else is done goes directly.
    """

    def __init__(
        self,
        url: sa.URL,
        secret: str,
        connections: int | None = None,
        through: tuple[str, int] | None = None,
        logins: Path | None = None,
    ):
        self.url = url.set(drivername="postgresql+psycopg")
        self.server = PostgresServer(self.url, secret, through, logins)
        self.budget = Budget(connections or (THROUGH_POOLER if through else CONNECTIONS))
        self.compiled = sa.util.LRUCache(COMPILED_STATEMENTS)
        self._dialect: sa.Dialect | None = None
        self._lock = threading.Lock()

    @property
    def dialect(self) -> sa.Dialect:
        """What SQLAlchemy knows of the server, asked for once, when the server is first needed."""
        with self._lock:
            if self._dialect is None:
                known = sa.create_engine(self.url, creator=self.server.connect, poolclass=NullPool)
                known.connect().close()
                self._dialect = known.dialect
        return self._dialect

    def exists(self, names: HospitalNames) -> bool:
        return self.server.has(names.database)

    def engine(self, names: HospitalNames) -> sa.Engine:
        def create() -> psycopg.Connection:
            return self.server.connect_as_people(names.database)

        return self._engine(SharedPool(create, self.budget, ServerFull, dialect=self.dialect), names.database)

    def changing_engine(self, names: HospitalNames) -> sa.Engine:
        return self._own_engine(names.database)

    def looking_engine(self, names: HospitalNames) -> sa.Engine:
        engine = self._own_engine(names.database)
        return engine.execution_options(writing=False, postgresql_readonly=True)

    def has_log(self, names: HospitalNames) -> bool:
        return False

    def build_engine(self, build: str, *, lasting: bool = False) -> sa.Engine:
        return self._own_engine(build, lasting=lasting)

    def start(self, build: str) -> None:
        with self.server.connected() as server:
            self.server.drop(server, build)
            self.server.create(server, build, EMPTY)
        with self.server.connect(build) as inside:
            grant_rows(inside)

    def clone(self, template: str, build: str) -> None:
        with self.server.connected() as server:
            self.server.drop(server, build)
            self.server.create(server, build, template)

    def fetch(self, source: Path, build: str) -> None:
        self.start(build)
        dumps.restore(self.url, build, source)
        self._hand_over(build)

    def copy(self, names: HospitalNames, build: str) -> dict[str, int]:
        self.start(build)
        with self._moment(names) as (snapshot, counts):
            dumps.pass_on(self.url, names.database, snapshot, build)
        self._hand_over(build)
        return counts

    def _hand_over(self, build: str) -> None:
        """A build that took long to fill is as young as one that was begun just now."""
        with self.server.connect(build) as inside:
            grant_rows(inside)
        with self.server.connected() as server:
            self.server.note_begun(server, build)

    def backup(self, names: HospitalNames, target: Path) -> dict[str, int]:
        with self._moment(names) as (snapshot, counts):
            dumps.dump(self.url, names.database, target, snapshot)
        return counts

    @contextmanager
    def opened_backup(self, path: Path) -> Iterator[sa.Engine]:
        """What a dump holds is read where it was restored, in a build that goes afterwards."""
        build = f"build_{uuid4().hex}"
        try:
            self.fetch(path, build)
            engine = self.build_engine(build).execution_options(writing=False, postgresql_readonly=True)
            with closing(self.server.connect(build)):  # somebody is in it, however long it is read
                yield engine
        finally:
            self.discard(build)

    @contextmanager
    def _moment(self, names: HospitalNames) -> Iterator[tuple[str, dict[str, int]]]:
        """One moment of a database for as long as it is needed: its snapshot, and the rows of each table."""
        with self.server.connect(names.database) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()[0]
            try:
                counts = count_rows(connection)
            except psycopg.Error as error:
                if tells_of_damage(error):
                    raise DatabaseDamaged(str(error)) from error
                raise
            yield snapshot, counts
            connection.rollback()

    def grant_rows(self, connection: sa.Connection) -> None:
        grant_rows(connection.connection.driver_connection)

    def admits(self, names: HospitalNames, tables: Iterable[str]) -> bool:
        role = names.database
        try:
            with self.server.connect(role, role, self.server.password(role)) as people:
                return may_use(people, list(tables))
        except ServerAway:
            return True
        except DatabaseUnreadable:
            return False

    def admit(self, names: HospitalNames) -> None:
        with self.server.connected() as server, server.transaction():
            self.server.admit(server, names.database, names)
        with self.server.connect(names.database) as inside:
            grant_rows(inside)

    def settle(self, build: str) -> None:
        """Every commit of the server is on its disk already."""

    def publish(self, build: str, names: HospitalNames) -> None:
        with self.server.connected() as server:
            self.server.send_away(server, build)
            with server.transaction():
                self.server.admit(server, build, names)
                self.server.rename(server, build, names.database)

    def overwrite(self, build: str, names: HospitalNames, locked: Callable[[], object]) -> None:
        """Readers see the old database until the moment of the swap; writers are refused from the beginning on."""
        aside = _aside(build)
        self.discard(aside)
        with self.server.read_only(names):
            locked()
            self.server.empty_of_people(build)
            with self.server.connected() as server:
                self.server.refuse_people(server, names.database)
                with server.transaction():
                    self.server.put_aside(server, names, aside)
                    self.server.admit(server, build, names)
                    self.server.rename(server, build, names.database)
        self.discard(aside)

    def empty(self, names: HospitalNames, stamp: tuple[str, str], locked: Callable[[], object]) -> None:
        build = _emptied(names)
        self.start(build)
        with self.server.connect(build) as inside:
            inside.execute("CREATE TABLE core_identity (tenant_uuid text, generation text)")
            inside.execute("INSERT INTO core_identity VALUES (%s, %s)", stamp)
            grant_rows(inside)
        try:
            self.overwrite(build, names, locked)
        finally:
            self.discard(build)

    def close_to_writers(self, names: HospitalNames, generation: str) -> None:
        with self.server.connected() as server:
            self.server.close_to_writers(server, names)
        self._stamp(names, closed(generation))

    def open_to_writers(self, names: HospitalNames, generation: str) -> None:
        self._stamp(names, generation)
        with self.server.connected() as server:
            self.server.open_to_writers(server, names)

    def _stamp(self, names: HospitalNames, generation: str) -> None:
        with self.server.connect(names.database) as inside:
            inside.execute("UPDATE core_identity SET generation = %s WHERE generation <> %s", (generation, generation))

    def set_aside(self, names: HospitalNames, build: str) -> None:
        self.discard(build)
        with self.server.connected() as server:
            self.server.refuse_people(server, names.database)
            try:
                with server.transaction():
                    self.server.put_aside(server, names, build)
                    self.server.let_in(server, build)
            except BaseException:
                self.reopen(names)
                raise

    def salvage(self, names: HospitalNames, target: Path) -> None:
        """What cannot be dumped either stays on the server under another name, which the file beside backups tells."""
        with self.server.connected() as server:
            self.server.let_in(server, names.database)
        try:
            dumps.dump(self.url, names.database, target)
        except DatabaseDamaged as error:
            target.unlink(missing_ok=True)
            if is_out_of_reach(error):
                raise
            self.server.copy_files(names.database, _name_of(target))
            target.touch(0o600)
            target.write_text(f"The database is on its server, as {_name_of(target)}.\n")
            sync_file(target)

    def forget_salvaged(self, target: Path) -> None:
        self.discard(_name_of(target))

    def reopen(self, names: HospitalNames) -> None:
        with self.server.connected() as server:
            self.server.reopen(server, names)

    def remove(self, names: HospitalNames) -> None:
        """The database goes last: whoever looks for what a process that died left looks for that."""
        self.discard(_emptied(names))
        with self.server.connected() as server:
            self.server.drop_role(server, names)
            self.server.drop(server, names.database)

    def discard(self, build: str) -> None:
        """With a build goes what it took the place of."""
        with self.server.connected() as server:
            self.server.drop(server, build)
            self.server.drop(server, _aside(build))

    @contextmanager
    def only_one(self) -> Iterator[None]:
        with self.server.connect() as connection:  # the lock of a transaction, for a pooler keeps no other
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('portal template'))")
            yield
            connection.rollback()

    def has_template(self, template: str) -> bool:
        """A finished template of this name is there."""
        return self.server.has(template)

    def keep_template(self, build: str, template: str) -> None:
        """Make a finished build the template of this name, which nobody connects to any more (tenancy.md T10)."""
        self.server.empty_of_people(build)
        with self.server.connected() as server, server.transaction():
            server.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false IS_TEMPLATE true").format(sql.Identifier(build))
            )
            self.server.rename(server, build, template)

    def builds(self) -> list[str]:
        """The names of all private builds, finished or abandoned."""
        with self.server.connected() as server:
            rows = server.execute("SELECT datname FROM pg_database WHERE datname LIKE 'build\\_%' ORDER BY 1")
            return [name for (name,) in rows]

    def age(self, build: str) -> float:
        """Seconds since a build was begun or filled; since this was asked first, where nobody lived to write that down.

        What somebody is at just now is as good as new, however long that takes.
        """
        begun, is_used = self.server.begun(build)
        return 0.0 if is_used or not begun else (now() - begun).total_seconds()

    def size(self, names: HospitalNames) -> int:
        query = "SELECT pg_database_size(oid) FROM pg_database WHERE datname = %s"
        with self.server.connected() as server:
            row = server.execute(query, (names.database,)).fetchone()
        return row[0] if row else 0

    def changed_at(self, names: HospitalNames) -> datetime | None:
        """The server does not say when a database was written to: it may have been just now."""
        return now() if self.exists(names) else None

    def _own_engine(self, name: str, *, lasting: bool = False) -> sa.Engine:
        kind = QueuePool if lasting else NullPool
        size = {"pool_size": 1, "max_overflow": 0} if lasting else {}
        return self._engine(kind(lambda: self.server.connect(name), dialect=self.dialect, **size), name)

    def _engine(self, pool: sa.Pool, database: str) -> sa.Engine:
        return sa.Engine(
            pool,
            self.dialect,
            self.url.set(database=database),
            query_cache_size=0,
            hide_parameters=True,  # an error, and so the log, names no patient
            execution_options={"compiled_cache": self.compiled},
        )


def _emptied(names: HospitalNames) -> str:
    """The build that takes a database's place when that is emptied."""
    return f"build_{hashlib.sha256(names.database.encode()).hexdigest()[:32]}"


def _aside(build: str) -> str:
    """What the database is called from then on whose place a build takes."""
    return f"{build}_old"


def _name_of(salvaged: Path) -> str:
    """What a database is called that is kept on its server because nobody could read all of it."""
    return f"unreadable_{salvaged.stem}"
