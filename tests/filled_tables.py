"""Rows in every table of a hospital, written past all rules."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time

import psycopg
import sqlalchemy as sa
from flask import Flask
from psycopg import sql

from portal.extensions import db
from portal.tenancy.current import Hospital
from portal.tenancy.session import TENANT
from portal.types import Fixed, UTCDateTime
from tests import on_postgres

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
    if isinstance(kind, sa.Boolean):
        return True
    if isinstance(kind, sa.DateTime | UTCDateTime):
        return str(datetime(2026, 1, number, 9, 0, 0, 1))  # noqa: DTZ001 as SQLite keeps it
    if isinstance(kind, sa.Date | sa.Time):
        return str(date(2026, 1, number) if isinstance(kind, sa.Date) else time(9, number))
    if isinstance(kind, sa.JSON):
        return "{}" if column.default is not None and column.default.arg.__name__ == "dict" else "[]"
    if isinstance(kind, sa.Numeric | Fixed | sa.Integer):
        return number
    raise AssertionError(f"say in tests/filled_tables.py what a {kind!r} looks like ({column})")


def rows_of(word: str) -> Iterator[tuple[str, list[str], list[list]]]:
    """Each table with its columns and its rows, which have the ids 1, 2 and 3 and texts that hold the word."""
    for table in db.metadatas[TENANT].tables.values():
        if table.name not in KEPT | AUDITS:
            columns = [column for column in table.columns if column.computed is None]
            rows = [[n if column.name == "id" else made_up(column, n, word) for column in columns] for n in IDS]
            yield table.name, [column.name for column in columns], rows


def fill_hospital(app: Flask, hospital: Hospital, word: str) -> None:
    """Give every table of a hospital these rows, wherever its database is; nothing of it is open afterwards."""
    engines = app.extensions["engines"]
    engines.close()
    names = engines.names_of(hospital)
    with app.app_context():
        if on_postgres.WANTED:
            _fill_database(names.database, word)
        else:
            fill(app.extensions["settings"].hospitals_dir / names.filename, word)


def fill(path, word: str) -> None:
    """Give every table of a hospital's file these rows."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        for table, columns, rows in rows_of(word):
            names, places = ", ".join(f'"{name}"' for name in columns), ", ".join("?" for _name in columns)
            raw.executemany(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", rows)
        raw.commit()


def remove_orphans(path) -> None:
    """Leave only rows whose parents are there, as in a hospital."""
    if on_postgres.WANTED:
        on_postgres.remove_orphans(path.stem)
        return
    with closing(sqlite3.connect(path)) as raw:
        found = raw.execute('SELECT DISTINCT "table", rowid FROM pragma_foreign_key_check').fetchall()
        for table, row in found:
            raw.execute(f"DELETE FROM {table} WHERE rowid = {row}")
        raw.commit()


def _fill_database(name: str, word: str) -> None:
    """The same on the server, which looks at keys and checks only where nobody says that it shall not."""
    on_postgres.drop_checks(name)
    with psycopg.connect(on_postgres.cluster().url_of(name)) as raw:
        raw.execute("SET session_replication_role = replica")
        for table, columns, rows in rows_of(word):
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            add = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING")
            add = add.format(sql.Identifier(table), names, sql.SQL(", ").join(sql.Placeholder() * len(columns)))
            with raw.cursor() as cursor:
                cursor.executemany(add, rows)
            if "id" in columns:
                raw.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, max(IDS)))
