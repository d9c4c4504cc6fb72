"""A PostgreSQL server as the platform’s own role sees it: databases made and renamed, people let in or sent away."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
from psycopg import sql

from portal.clock import now
from portal.tenancy.databases.base import DatabaseMissing, DatabaseUnreadable, NameTaken, ServerAway
from portal.tenancy.databases.errors import kind_of_damage
from portal.tenancy.names import HospitalNames

CONNECT_SECONDS = 5
EVERY_HOSPITAL = "portal_hospital"  # what all hospitals' roles may do inside their databases


class PostgresServer:
    """The server at this URL; `secret` makes the password of each hospital's role, so that none is kept anywhere."""

    def __init__(self, url: sa.URL, secret: str):
        self.url, self.secret = url, secret

    def has(self, name: str) -> bool:
        """A database of this name is there."""
        with self.connected() as server:
            return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def create(self, server: psycopg.Connection, build: str, template: str) -> None:
        """Make a database that nobody but the platform connects to, and write down when."""
        names = {"build": sql.Identifier(build), "template": sql.Identifier(template)}
        make = sql.SQL("CREATE DATABASE {build} TEMPLATE {template} STRATEGY WAL_LOG").format(**names)
        begun = sql.Literal(now().isoformat())
        server.execute(make)
        server.execute(sql.SQL("COMMENT ON DATABASE {build} IS {begun}").format(begun=begun, **names))
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {build} FROM PUBLIC").format(**names))

    def drop(self, server: psycopg.Connection, name: str) -> None:
        """Remove a database if it is there, whoever is in it."""
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def admit(self, server: psycopg.Connection, build: str, names: HospitalNames) -> None:
        """The hospital's role, made where it is missing, may connect to this database and no other."""
        role = sql.Identifier(names.database)
        known = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (names.database,)).fetchone()
        secret = server.pgconn.encrypt_password(
            self.password(names.database).encode(), names.database.encode(), b"scram-sha-256"
        )
        do = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}")
        server.execute(do.format(role, sql.Literal(secret.decode())))
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
        role, database = sql.Identifier(names.database), sql.Identifier(names.database)
        setting = sql.SQL("ALTER ROLE {} IN DATABASE {} SET default_transaction_read_only = on").format(role, database)
        reset = sql.SQL("ALTER ROLE {} IN DATABASE {} RESET default_transaction_read_only").format(role, database)
        with self.connected() as server:
            server.execute(setting)
            self.send_away(server, names.database)
        try:
            yield
        except BaseException:
            with self.connected() as server:
                server.execute(
                    sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(names.database))
                )
                server.execute(reset)
                self.send_away(server, names.database)
            raise

    def empty_of_people(self, build: str) -> None:
        """End every connection to a database; others may come."""
        with self.connected() as server:
            self.send_away(server, build)

    def refuse_people(self, server: psycopg.Connection, name: str) -> None:
        """End every connection to a database, and let no other begin."""
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
        self.send_away(server, name)

    def send_away(self, server: psycopg.Connection, name: str) -> None:
        """End every connection to a database, and wait until they are gone."""
        ended = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = %s"
        server.execute(ended, (name,))

    def password(self, role: str) -> str:
        """The password of a hospital's role."""
        return hmac.new(self.secret.encode(), f"hospital role {role}".encode(), hashlib.sha256).hexdigest()

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
        """Connect as the platform, or as a hospital's role.

        Raises `DatabaseMissing`, `DatabaseUnreadable` where the role is refused, and `ServerAway`.
        """
        options = self.url.translate_connect_args(username="user", database="dbname")
        asked = {"dbname": database, "user": user, "password": password}
        options |= {key: value for key, value in asked.items() if value}
        options |= dict(self.url.query) | {"connect_timeout": CONNECT_SECONDS, "application_name": "portal"}
        try:
            return psycopg.connect(**options, prepare_threshold=None)
        except psycopg.OperationalError as error:
            raise _named(error, options["dbname"]) from error


def _named(error: psycopg.OperationalError, database: str) -> Exception:
    """What a failed connection means; the driver gives no code before the server has answered."""
    said = str(error)
    if f'database "{database}" does not exist' in said:
        return DatabaseMissing(database)
    if "authentication failed" in said or "permission denied" in said or "is not currently accepting" in said:
        return DatabaseUnreadable(said)
    return ServerAway(said)


def grant_rows(connection: psycopg.Connection) -> None:
    """Every hospital's role may read and write the rows of a database it may connect to, and change no table."""
    role = sql.Identifier(EVERY_HOSPITAL)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('portal roles'))")
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (EVERY_HOSPITAL,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
        for statement in (
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
        ):
            connection.execute(sql.SQL(statement).format(role))


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """How many rows each table has."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    names = [name for (name,) in connection.execute(query)]
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: connection.execute(count.format(sql.Identifier(name))).fetchone()[0] for name in names}
