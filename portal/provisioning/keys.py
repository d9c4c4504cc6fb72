"""Foreign keys that a database on a server lost, as it loses them with a table that others refer to."""

import re

import sqlalchemy as sa

from portal.provisioning import schema
from portal.tenancy.databases.catalog import FOREIGN

ADDS = re.compile(r"(ALTER TABLE (\S+)) ADD CONSTRAINT (\S+) FOREIGN KEY (\([^)]*\)) REFERENCES (\w+)")


def add(connection: sa.Connection, lost: list[str]) -> None:
    """Add those that are lost; rows whose parents are gone stay as they are, and every other row keeps to the key.

    Such rows are what a thorough look counts.
    """
    for entry in schema.expected_entries(connection.dialect.name) if lost else ():
        for statement in entry.statements:
            found = ADDS.match(statement)
            if found and _in_words(found) in lost:
                _add(connection, found, statement)


def _in_words(found: re.Match) -> str:
    _begin, table, _name, columns, target = found.groups()
    return f"{table}: {FOREIGN} {columns} to {target}"


def _add(connection: sa.Connection, found: re.Match, statement: str) -> None:
    change, name = found[1], found[3]
    connection.exec_driver_sql(f"{change} DROP CONSTRAINT IF EXISTS {name}")  # one that is switched off, or another one
    connection.exec_driver_sql(f"{statement} NOT VALID")
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"{change} VALIDATE CONSTRAINT {name}")
    except sa.exc.IntegrityError:
        return
