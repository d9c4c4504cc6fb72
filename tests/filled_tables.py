"""Rows in every table of a hospital, written past all rules."""

import sqlite3
from contextlib import closing
from datetime import date, datetime, time

import sqlalchemy as sa

from portal.extensions import db
from portal.tenancy.session import TENANT
from portal.types import Fixed, UTCDateTime

IDS = (1, 2, 3)
KEPT = {"core_identity", "core_hospitalprofile", "core_sequence", "contenttypes_contenttype"}
AUDITS = {"control_audit_entry", "core_auditlog"}


def made_up(column: sa.Column, number: int, word: str):
    """A value of the column's type; every text holds the word."""
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enums[0]
    if isinstance(kind, sa.String):
        return f"{number} {word}"[: kind.length or 60]
    if column.nullable:
        return None
    if isinstance(kind, sa.DateTime | UTCDateTime):
        return str(datetime(2026, 1, number, 9, 0, 0, 1))  # noqa: DTZ001 as SQLite keeps it
    if isinstance(kind, sa.Date | sa.Time):
        return str(date(2026, 1, number) if isinstance(kind, sa.Date) else time(9, number))
    if isinstance(kind, sa.JSON):
        return "{}" if column.default is not None and column.default.arg.__name__ == "dict" else "[]"
    if isinstance(kind, sa.Numeric | Fixed | sa.Integer | sa.Boolean):
        return number
    raise AssertionError(f"say in tests/filled_tables.py what a {kind!r} looks like ({column})")


def fill(path, word: str) -> None:
    """Give every table of a hospital's file rows with the ids 1, 2 and 3 whose texts hold the word."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        for table in db.metadatas[TENANT].tables.values():
            if table.name not in KEPT | AUDITS:
                columns = [column for column in table.columns if column.computed is None]
                names = ", ".join(f'"{column.name}"' for column in columns)
                places = ", ".join("?" for _column in columns)
                for number in IDS:
                    row = [number if column.name == "id" else made_up(column, number, word) for column in columns]
                    raw.execute(f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({places})", row)
        raw.commit()
