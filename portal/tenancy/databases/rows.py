"""The rows of a hospital, read alike from every kind of database and written in bulk into an empty one.

A value is read in its plain kind: a whole number, a word, a truth, a time, the text of a JSON value. So a row of one
kind of database can be written to another, and a checksum over rows is the same wherever they are.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.types import TypeDecorator

from portal.i18n import _

AT_ONCE = 500
PLAIN = (
    (sa.Boolean, sa.Boolean()),
    (sa.Integer, sa.BigInteger()),
    (sa.DateTime, sa.DateTime()),
    (sa.Date, sa.Date()),
    (sa.Time, sa.Time()),
    (sa.JSON, sa.Text()),
    (sa.String, sa.Text()),
)
CHECKSUM_BYTES = 16
Written = dict[sa.Column, object]  # what some columns hold, whatever is in the database


class RowRefused(Exception):
    """A row cannot be kept by the database it is written to: its table, and why, without what stands in it."""

    def __init__(self, table: str, why: str):
        self.table, self.why = table, why
        super().__init__(f"{table}: {why}")


class Proof(NamedTuple):
    """How many rows a table has, and a checksum of all of them that does not depend on their order."""

    rows: int
    checksum: str


class Tally:
    """Makes the proof of a table, row by row: the sum of what each row's hash says."""

    def __init__(self) -> None:
        self.rows, self._sum = 0, 0

    def add(self, rows: Iterable[Sequence]) -> None:
        """Count these rows too."""
        for row in rows:
            digest = hashlib.blake2b(repr(tuple(row)).encode(errors="surrogatepass"), digest_size=CHECKSUM_BYTES)
            self._sum += int.from_bytes(digest.digest())
            self.rows += 1

    @property
    def proof(self) -> Proof:
        """What was counted so far."""
        return Proof(self.rows, f"{self._sum % 2 ** (8 * CHECKSUM_BYTES):0{2 * CHECKSUM_BYTES}x}")


def plain(column: sa.Column) -> sa.types.TypeEngine:
    """The kind of value a column keeps; raises TypeError for one that nobody has thought of yet."""
    kind = column.type
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    for known, found in PLAIN:
        if isinstance(kind, known):
            return found
    raise TypeError(f"{column} keeps {kind!r}, and nobody has said how that is moved")


def read(connection: sa.Connection, table: sa.Table, written: Written) -> Iterator[list[sa.Row]]:
    """All rows of a table, some at a time, with every column of the model in its order."""
    columns = [_read_as(connection, column, written) for column in table.columns]
    query = sa.select(*columns).select_from(sa.table(table.name))
    with connection.execute(query, execution_options={"yield_per": AT_ONCE}) as found:
        yield from found.partitions()


def _read_as(connection: sa.Connection, column: sa.Column, written: Written) -> sa.ColumnElement:
    if column in written:
        return sa.literal(written[column], plain(column)).label(column.name)
    found = sa.column(column.name, plain(column))
    is_text = isinstance(column.type, sa.JSON) and connection.dialect.name != "sqlite"
    return (sa.cast(found, sa.Text) if is_text else found).label(column.name)


def proof_of(connection: sa.Connection, table: sa.Table, written: Written) -> Proof:
    """The proof of what is in a table now."""
    tally = Tally()
    for rows in read(connection, table, written):
        tally.add(rows)
    return tally.proof


def write(connection: sa.Connection, table: sa.Table, batches: Iterable[list[sa.Row]]) -> Proof:
    """Add rows as `read` gave them; answers with the proof of what was read. Raises `RowRefused`."""
    tally = Tally()
    kept = [place for place, column in enumerate(table.columns) if column.computed is None]
    names = [table.columns[place].name for place in kept]
    add = _add_to_sqlite if connection.dialect.name == "sqlite" else _add_to_postgres
    try:
        add(connection, table, names, _counted(batches, kept, tally))
    except (sa.exc.DBAPIError, psycopg.Error, OverflowError) as error:
        kind = getattr(error, "orig", error)
        if isinstance(kind, (sqlite3.OperationalError, psycopg.OperationalError)):  # the disk's trouble, not the row's
            raise
        raise RowRefused(table.name, _reason(kind)) from error
    return tally.proof


def _reason(error: BaseException) -> str:
    """What is wrong with a row, in a few words that tell nothing of a patient."""
    if "NUL" in str(error):
        return _("a text holds the character NUL")
    known = {
        "22001": _("a text is too long"),
        "22003": _("a number is too large"),
        "22P02": _("a value is of another kind"),
    }
    return known.get(getattr(error, "sqlstate", None), type(error).__name__)


def _counted(batches: Iterable[list[sa.Row]], kept: list[int], tally: Tally) -> Iterator[list[tuple]]:
    for rows in batches:
        tally.add(rows)
        yield [tuple(row[place] for place in kept) for row in rows]


def _add_to_sqlite(connection: sa.Connection, table: sa.Table, names: list[str], batches: Iterable[list[tuple]]):
    target = sa.table(table.name, *(sa.column(name, plain(table.columns[name])) for name in names))
    for rows in batches:
        connection.execute(sa.insert(target), [dict(zip(names, row, strict=True)) for row in rows])


def _add_to_postgres(connection: sa.Connection, table: sa.Table, names: list[str], batches: Iterable[list[tuple]]):
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with connection.connection.driver_connection.cursor() as cursor, cursor.copy(statement) as copy:
        for rows in batches:
            for row in rows:
                copy.write_row(row)
