"""The points at which `tests.killed` ends work on a PostgreSQL server: something is asked of it, and nobody hears more.

What was asked for is done all the same: the server goes on with a statement whose asker is gone, and so does a program.
"""

import subprocess
from collections.abc import Callable

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from portal.tenancy.databases import dumps
from portal.tenancy.databases.postgres import PostgresDatabases
from tests import on_postgres

Reach = Callable[[Callable[[], object]], None]
THERE = "SELECT 1 FROM pg_database WHERE datname = %s"
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


class Within:
    """Each statement with which one of these methods of `PostgresDatabases` changes the server for good."""

    def __init__(self, *names: str):
        self.names, self.depth = names, 0

    def follow(self, reach: Reach) -> None:
        """Tell of the points from now on."""
        for name in self.names:
            setattr(PostgresDatabases, name, self._entered(getattr(PostgresDatabases, name)))
        _follow_statements(lambda sending: self.depth and reach(sending))

    def _entered(self, real: Callable) -> Callable:
        def method(databases, *args, **kwargs):
            self.depth += 1
            try:
                return real(databases, *(self._left(arg) if callable(arg) else arg for arg in args), **kwargs)
            finally:
                self.depth -= 1

        return method

    def _left(self, locked: Callable) -> Callable:
        """What is done meanwhile by whoever called has points of its own."""

        def called():
            depth, self.depth = self.depth, 0
            try:
                return locked()
            finally:
                self.depth = depth

        return called


class Commits:
    """Each statement that changes a hospital's database, a build or the server for good."""

    @staticmethod
    def follow(reach: Reach) -> None:
        """Tell of the points from now on."""
        _follow_statements(reach)


class Programs:
    """Each of PostgreSQL's own programs, which goes on when its asker is gone."""

    @staticmethod
    def follow(reach: Reach) -> None:
        """Tell of the points from now on."""
        run = dumps._run

        def running(command, url, **more):
            streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            reach(lambda: subprocess.Popen(command, env=dumps._environment(url), **streams, **more))
            return run(command, url, **more)

        dumps._run = running


def _follow_statements(reach: Reach) -> None:
    execute, commit, ended = psycopg.Connection.execute, psycopg.Connection.commit, psycopg.Transaction.__exit__

    def sent(connection: psycopg.Connection, statement: str) -> None:
        if connection.info.dbname != on_postgres.CONTROL:
            reach(lambda: connection.pgconn.send_query(statement.encode()))

    def executed(connection, query, *args, **kwargs):
        text = query.as_string(connection) if isinstance(query, sql.Composable) else query
        at_rest = connection.info.transaction_status == TransactionStatus.IDLE
        if connection.autocommit and at_rest and _changes(connection, text, execute):
            sent(connection, text)
        return execute(connection, query, *args, **kwargs)

    def committed(connection):
        if connection.info.transaction_status == TransactionStatus.INTRANS:
            sent(connection, "COMMIT")
        return commit(connection)

    def left(transaction, kind, *about):
        if kind is None:
            sent(transaction.connection, "COMMIT")
        return ended(transaction, kind, *about)

    psycopg.Connection.execute, psycopg.Connection.commit = executed, committed
    psycopg.Transaction.__exit__ = left


def _changes(connection: psycopg.Connection, statement: str, execute: Callable) -> bool:
    """It changes something; to drop what is not there does not."""
    if statement.startswith("DROP DATABASE"):
        return execute(connection, THERE, (statement.split('"')[1],)).fetchone() is not None
    return not statement.lstrip().startswith("SELECT")


def backends() -> set[int]:
    """The connections that the server serves now."""
    return {pid for (pid,) in on_postgres.cluster().execute(BACKENDS)} if on_postgres.WANTED else set()
