"""What only one may have: the database's unique key decides, and who comes second hears it in a sentence (P1)."""

import re
from dataclasses import dataclass

import sqlalchemy as sa

from portal.extensions import db
from portal.record import Record, Refused
from portal.tenancy.session import TENANT

SQLITE_NAMES_COLUMNS = re.compile(r"UNIQUE constraint failed: (\w+\.\w+(?:, \w+\.\w+)*)$")
POSTGRESQL_UNIQUE = "23505"


@dataclass(frozen=True)
class Clash:
    """Another row holds the same key: the table, and the columns of the key in their order."""

    table: str
    columns: tuple[str, ...]


def claim(record: Record, sentence: str, field: str | None = None, **keys) -> Record:
    """Add the record, or let one that is there take these `keys`; raises `Refused` where another row holds one.

    What was done before in the same transaction stays, so the caller may offer something else instead.
    """
    try:
        with db.session.begin_nested():
            for name, key in keys.items():
                setattr(record, name, key)
            db.session.add(record)
            db.session.flush()
    except sa.exc.IntegrityError as error:
        clash = clash_of(error)
        if clash is None or clash.table != record.__tablename__:
            raise
        raise Refused(sentence, field) from error
    return record


def clash_of(error: sa.exc.IntegrityError) -> Clash | None:
    """Whose unique key the database refused to give twice; None when it refused for another reason."""
    if getattr(error.orig, "sqlstate", None) == POSTGRESQL_UNIQUE:
        return _clash_at(error.orig.diag.table_name, error.orig.diag.constraint_name)
    named = SQLITE_NAMES_COLUMNS.search(str(error.orig))
    if named is None:
        return None
    pairs = [pair.split(".") for pair in named[1].split(", ")]
    return Clash(pairs[0][0], tuple(column for _table, column in pairs))


def _clash_at(table: str, name: str) -> Clash:
    """PostgreSQL names the table and the constraint or the index; the model's table knows its columns."""
    known = db.metadatas[TENANT].tables[table]
    columns = next((key.columns for key in (*known.constraints, *known.indexes) if key.name == name), ())
    return Clash(table, tuple(column.name for column in columns))
