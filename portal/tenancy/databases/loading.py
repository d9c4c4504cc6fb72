"""An empty database while it is filled: rows come in any order, and what they refer to is looked at in the end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from portal.i18n import _
from portal.tenancy.databases.rows import RowRefused

NOT_THERE = _("it refers to a row that is not there")
FOREIGN_KEYS = """
    SELECT format('ALTER TABLE %I ', c.relname) || string_agg(format('DROP CONSTRAINT %I', k.conname), ', '),
           format('ALTER TABLE %I ', c.relname)
           || string_agg(format('ADD CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), ', ' ORDER BY k.oid),
           c.relname
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace GROUP BY c.relname ORDER BY c.relname
"""
LAST_NUMBERS = (
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)
COUNTERS = """
    SELECT s.relname, c.relname, a.attname FROM pg_class s
      JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
      JOIN pg_class c ON c.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
     WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace
"""


@contextmanager
def loading(connection: sa.Connection) -> Iterator[None]:
    """One transaction that fills a database; raises `RowRefused` where a row refers to one that is not there."""
    kind = _loading_sqlite if connection.dialect.name == "sqlite" else _loading_postgres
    with kind(connection):
        yield


@contextmanager
def _loading_sqlite(connection: sa.Connection) -> Iterator[None]:
    """SQLite ignores the switch inside a transaction, so it goes to the driver, before SQLAlchemy begins one."""
    connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    with connection.begin():
        yield
        orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if orphan:
            raise RowRefused(orphan[0], NOT_THERE)


@contextmanager
def _loading_postgres(connection: sa.Connection) -> Iterator[None]:
    """Only a superuser may let the keys rest, so they go, and are made again as they were: PostgreSQL looks at all."""
    with connection.begin():
        keys = connection.exec_driver_sql(FOREIGN_KEYS.replace("%", "%%")).all()
        for drop, _add, _table in keys:
            connection.exec_driver_sql(drop)
        yield
        for _drop, add, table in keys:
            try:
                connection.exec_driver_sql(add)
            except sa.exc.IntegrityError as error:
                raise RowRefused(table, NOT_THERE) from error


def empty(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """Remove the rows that a template begins with."""
    for table in tables:
        if connection.scalar(sa.select(sa.exists(sa.select(1).select_from(table)))):
            connection.execute(sa.delete(sa.table(table.name)))


def last_numbers(connection: sa.Connection) -> dict[str, int]:
    """The number that each counter gave out last, also to rows that are gone; SQLite remembers none."""
    if connection.dialect.name == "sqlite":
        return {}
    return dict(connection.exec_driver_sql(LAST_NUMBERS).all())


def go_on_counting(connection: sa.Connection, last: dict[str, int]) -> None:
    """Let new rows be numbered after all that are there and all that were numbered before; SQLite does by itself."""
    if connection.dialect.name == "sqlite":
        return
    for counter, table, column in connection.exec_driver_sql(COUNTERS).all():
        highest = sa.func.coalesce(sa.func.max(sa.column(column)), 0)
        following = sa.func.greatest(highest, last.get(counter, 0)) + 1
        connection.execute(sa.select(sa.func.setval(f'"{counter}"', following, False)).select_from(sa.table(table)))
