"""A PostgreSQL server as the platform’s own role sees it: databases made and renamed, people let in or sent away."""

import base64
import fcntl
import hashlib
import hmac
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from portal.clock import now
from portal.tenancy.databases.base import DatabaseMissing, NameTaken, Overtaken
from portal.tenancy.databases.errors import kind_of_damage, kind_of_refusal
from portal.tenancy.databases.postgres_rights import EVERY_HOSPITAL
from portal.tenancy.names import HospitalNames

CONNECT_SECONDS = 5
POLL_SECONDS, PATIENCE_SECONDS = 0.05, 5.0  # for what is being saved while a database is closed to writers
LIMITS = {"lock_timeout": 10, "idle_in_transaction_session_timeout": 120}  # seconds; nobody waits for ever
EMPTY = "template0"
BY_CODE_POINT = "LOCALE_PROVIDER libc LC_COLLATE 'C'"  # whatever the server's language: text is compared as on SQLite
SETTINGS = """
    SELECT 1 FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase JOIN pg_roles r ON r.oid = s.setrole
     WHERE d.datname = %s AND r.rolname = %s
"""
END_OLD = """
    SELECT count(CASE WHEN state = 'idle' OR %(all)s THEN pg_terminate_backend(pid, 5000) ELSE false END)
      FROM pg_stat_activity
     WHERE datname = %(name)s AND usename = %(name)s AND coalesce(backend_start <= %(moment)s, true)
"""
BEGUN = """
    SELECT shobj_description(oid, 'pg_database'), EXISTS (
               SELECT 1 FROM pg_stat_activity WHERE datid = d.oid AND backend_type = 'client backend')
      FROM pg_database d WHERE datname = %s
"""


class PostgresServer:
    """The server at this URL; `secret` makes the password of each hospital's role, so that none is kept anywhere."""

    def __init__(self, url: sa.URL, secret: str, through: tuple[str, int] | None = None, logins: Path | None = None):
        self.url, self.secret, self.through, self.logins = url, secret, through, logins

    def has(self, name: str) -> bool:
        """A database of this name is there."""
        with self.connected() as server:
            return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def create(self, server: psycopg.Connection, build: str, template: str) -> None:
        """Make a database that nobody but the platform connects to, and write down when."""
        names = {"build": sql.Identifier(build), "template": sql.Identifier(template)}
        make = sql.SQL("CREATE DATABASE {build} TEMPLATE {template} STRATEGY WAL_LOG").format(**names)
        if template == EMPTY:  # every other one has it from there
            make += sql.SQL(f" {BY_CODE_POINT}")
        server.execute(make)
        self.note_begun(server, build)
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {build} FROM PUBLIC").format(**names))

    def copy_files(self, name: str, copy: str) -> None:
        """Copy a database byte for byte while nobody is in it; only the platform may connect to the copy."""
        names = {"name": sql.Identifier(name), "copy": sql.Identifier(copy)}
        with self.connected() as server:
            self.refuse_people(server, name)
            try:
                server.execute(sql.SQL("CREATE DATABASE {copy} TEMPLATE {name} STRATEGY FILE_COPY").format(**names))
                server.execute(sql.SQL("REVOKE ALL ON DATABASE {copy} FROM PUBLIC").format(**names))
            finally:
                self.let_in(server, name)

    def begun(self, build: str) -> tuple[datetime | None, bool]:
        """When a build was begun or filled, and whether somebody is in it; where nobody noted it, that is noted now."""
        with self.connected() as server:
            row = server.execute(BEGUN, (build,)).fetchone()
            if row is None:
                raise DatabaseMissing(build)
            if not row[0]:
                self.note_begun(server, build)
        return (datetime.fromisoformat(row[0]) if row[0] else None), row[1]

    def note_begun(self, server: psycopg.Connection, build: str) -> None:
        """Write down that a build is begun now."""
        note = sql.SQL("COMMENT ON DATABASE {} IS {}")
        server.execute(note.format(sql.Identifier(build), sql.Literal(now().isoformat())))

    def drop_role(self, server: psycopg.Connection, names: HospitalNames) -> None:
        """Remove a hospital's role if it is there; one that another database still knows stays."""
        role = sql.Identifier(names.database)
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (names.database,)).fetchone():
            return
        with suppress(psycopg.errors.DependentObjectsStillExist), server.transaction():
            self._revoke(server, names)
            server.execute(sql.SQL("DROP ROLE {}").format(role))

    def _revoke(self, server: psycopg.Connection, names: HospitalNames) -> None:
        """The hospital's role may not connect to the database of its name any more, if both are there."""
        both = "SELECT 1 FROM pg_database JOIN pg_roles ON rolname = datname WHERE datname = %s"
        if server.execute(both, (names.database,)).fetchone():
            name = sql.Identifier(names.database)
            server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(name, name))

    def put_aside(self, server: psycopg.Connection, names: HospitalNames, aside: str) -> None:
        """Give a published database another name, which its hospital has nothing to do with."""
        self._revoke(server, names)
        self.rename(server, names.database, aside)

    def drop(self, server: psycopg.Connection, name: str) -> None:
        """Remove a database if it is there, whoever is in it."""
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def admit(self, server: psycopg.Connection, build: str, names: HospitalNames) -> None:
        """The hospital's role, made where it is missing, may connect to this database and no other."""
        role = sql.Identifier(names.database)
        known = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (names.database,)).fetchone()
        do = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}")
        server.execute(do.format(role, sql.Literal(self.verifier(names.database))))
        for limit, seconds in LIMITS.items():
            server.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(role, sql.SQL(limit), f"{seconds}s"))
        self.tell_pooler(names.database)
        server.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(EVERY_HOSPITAL), role))
        server.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(build), role))

    def rename(self, server: psycopg.Connection, before: str, after: str) -> None:
        """Give a database another name; raises `NameTaken` and `DatabaseMissing`."""
        try:
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(before), sql.Identifier(after))
            )
        except psycopg.errors.DuplicateDatabase:
            raise NameTaken(f"{after} exists already") from None
        except psycopg.errors.InvalidCatalogName:
            raise DatabaseMissing(before) from None

    @contextmanager
    def read_only(self, names: HospitalNames) -> Iterator[None]:
        """Whoever comes may only read, and whoever is there has to come again."""
        with self.connected() as server:
            server.execute(_reading_only("SET default_transaction_read_only = on", names))
            self.send_away(server, names.database)
        try:
            yield
        except Overtaken:
            raise
        except BaseException:
            with self.connected() as server:
                self.reopen(server, names)
            raise

    def reopen(self, server: psycopg.Connection, names: HospitalNames) -> None:
        """End what keeps people out of a database, or from writing; nobody is sent away where nothing does."""
        shut = "SELECT 1 FROM pg_database WHERE datname = %s AND NOT datallowconn"
        if server.execute(f"{shut} UNION ALL {SETTINGS}", (names.database,) * 3).fetchone():
            server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(names.database)))
            server.execute(_reading_only("RESET default_transaction_read_only", names))
            self.send_away(server, names.database)

    def close_to_writers(self, server: psycopg.Connection, names: HospitalNames) -> None:
        """Whoever comes from now on may only read; who is there may end what they are at."""
        server.execute(_reading_only("SET default_transaction_read_only = on", names))
        self._let_end(server, names, PATIENCE_SECONDS)

    def open_to_writers(self, server: psycopg.Connection, names: HospitalNames) -> None:
        """As before `close_to_writers`; nobody is sent away where it was so."""
        if server.execute(SETTINGS, (names.database, names.database)).fetchone():
            server.execute(_reading_only("RESET default_transaction_read_only", names))
            self._let_end(server, names, 0)

    def _let_end(self, server: psycopg.Connection, names: HospitalNames, patience: float) -> None:
        """End the hospital's own connections of before this moment: those at rest at once, the others after a while."""
        [(moment,)] = server.execute("SELECT clock_timestamp()").fetchall()
        until, is_over = time.monotonic() + patience, False
        while not is_over:
            is_over = time.monotonic() >= until
            asked = {"name": names.database, "moment": moment, "all": is_over}
            if not server.execute(END_OLD, asked).fetchone()[0]:
                return
            time.sleep(POLL_SECONDS)

    def empty_of_people(self, build: str) -> None:
        """End every connection to a database; others may come."""
        with self.connected() as server:
            self.send_away(server, build)

    def refuse_people(self, server: psycopg.Connection, name: str) -> None:
        """End every connection to a database, and let no other begin."""
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
        self.send_away(server, name)

    def let_in(self, server: psycopg.Connection, name: str) -> None:
        """End what `refuse_people` began."""
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name)))

    def send_away(self, server: psycopg.Connection, name: str) -> None:
        """End every connection to a database, and wait until they are gone."""
        ended = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = %s"
        server.execute(ended, (name,))

    def password(self, role: str) -> str:
        """The password of a hospital's role."""
        return hmac.new(self.secret.encode(), f"hospital role {role}".encode(), hashlib.sha256).hexdigest()

    def verifier(self, role: str) -> str:
        """What the server, and a pooler, keep of a role's password; always the same, so that they need not be asked.

        One iteration: more of them slow down whoever guesses a weak password, and every new connection. This password
        has 256 bits that nobody guesses.
        """
        salt = hmac.new(self.secret.encode(), f"salt of {role}".encode(), hashlib.sha256).digest()[:16]
        salted = hashlib.pbkdf2_hmac("sha256", self.password(role).encode(), salt, 1)
        keys = [hmac.new(salted, words, hashlib.sha256).digest() for words in (b"Client Key", b"Server Key")]
        parts = [base64.b64encode(part).decode() for part in (salt, hashlib.sha256(keys[0]).digest(), keys[1])]
        return "SCRAM-SHA-256$1:{}${}:{}".format(*parts)

    def login(self, role: str) -> str:
        """A role's line in PgBouncer's file of logins."""
        return f'"{role}" "{self.verifier(role)}"'

    def tell_pooler(self, role: str) -> None:
        """Write the role into the file of logins that a pooler reads, where the settings name one."""
        if self.logins is None:
            return
        line = self.login(role) + "\n"
        with open(os.open(self.logins, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if line in file.readlines():
                return
            file.write(line)
        if self.through:
            self._reload_pooler()

    def _reload_pooler(self) -> None:
        host, port = self.through
        connection = self._connect(dbname="pgbouncer", host=host, port=port)
        connection.autocommit = True
        with closing(connection), psycopg.ClientCursor(connection) as console:
            console.execute("RELOAD")

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection]:
        """A connection of the platform's own, outside every hospital's database; each statement stands for itself."""
        connection = self.connect()
        connection.autocommit = True
        try:
            yield connection
        except psycopg.Error as error:
            raise kind_of_damage(error)(str(error)) from error
        finally:
            connection.close()

    def connect(
        self, database: str | None = None, user: str | None = None, password: str | None = None
    ) -> psycopg.Connection:
        """Connect to the server itself, as the platform or as another role.

        Raises `DatabaseMissing`, `DatabaseUnreadable` where the role is refused, and `ServerAway`.
        """
        asked = {"dbname": database, "user": user, "password": password}
        return self._connect(**{key: value for key, value in asked.items() if value})

    def connect_as_people(self, database: str) -> psycopg.Connection:
        """As `connect`, with the role of the hospital whose database this is, through the pooler where there is one."""
        where = dict(zip(("host", "port"), self.through or (), strict=False))
        return self._connect(dbname=database, user=database, password=self.password(database), **where)

    def _connect(self, **changes) -> psycopg.Connection:
        options = self.url.translate_connect_args(username="user", database="dbname") | changes
        options |= {key: value for key, value in self.url.query.items() if key not in changes}
        options |= {"connect_timeout": CONNECT_SECONDS, "application_name": "portal"}
        try:
            return psycopg.connect(**options, prepare_threshold=None)
        except psycopg.OperationalError as error:
            raise kind_of_refusal(error)(str(error)) from error


def _reading_only(change: str, names: HospitalNames) -> sql.Composed:
    role = sql.Identifier(names.database)
    return sql.SQL("ALTER ROLE {} IN DATABASE {} {}").format(role, role, sql.SQL(change))


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """How many rows each table has."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    names = [name for (name,) in connection.execute(query)]
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: connection.execute(count.format(sql.Identifier(name))).fetchone()[0] for name in names}
