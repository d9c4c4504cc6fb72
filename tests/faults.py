"""What goes wrong where a hospital's database is, by meaning: on a disk, and on a server that has it instead."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from portal.tenancy.databases import copies, sqlite
from portal.tenancy.databases.postgres import PostgresDatabases
from portal.tenancy.databases.postgres_server import PostgresServer
from portal.tenancy.databases.sqlite import SqliteDatabases
from tests import on_postgres

Fault = Callable[[pytest.MonkeyPatch, Path], object]
NO_ROOM = "No space left on device"
FULL = OSError(errno.ENOSPC, NO_ROOM)
REFUSED = PermissionError(errno.EACCES, "no")
#: The kind of server that the hospitals of this test are on.
KIND = PostgresDatabases if on_postgres.WANTED else SqliteDatabases


def failing(owner: object, name: str, error: Exception) -> Fault:
    """This function does not do its work."""

    def fail(*args, **kwargs):
        raise error

    def fault(patched: pytest.MonkeyPatch, _folder: Path) -> None:
        patched.setattr(owner, name, fail)

    fault.__name__ = name
    return fault


def full_while_copied(patched: pytest.MonkeyPatch, folder: Path) -> None:
    """There is no room for a copy of a database where the databases are."""
    if on_postgres.WANTED:
        words = f'could not execute query: ERROR:  could not extend file "base/16384/2619": {NO_ROOM}'
        _replace_program(patched, folder, "pg_restore", words)
    else:
        failing(copies, "pause", FULL)(patched, folder)


def full_while_backed_up(patched: pytest.MonkeyPatch, folder: Path) -> None:
    """There is no room for a copy of a database where the backups are."""
    if on_postgres.WANTED:
        _replace_program(patched, folder, "pg_dump", f"could not write to output file: {NO_ROOM}")
    else:
        failing(copies, "pause", FULL)(patched, folder)


def full_when_published(patched: pytest.MonkeyPatch, folder: Path) -> None:
    """There is no room for another name of a database."""
    if on_postgres.WANTED:
        failing(PostgresServer, "rename", psycopg.errors.DiskFull(NO_ROOM))(patched, folder)
    else:
        failing(sqlite, "link_file", FULL)(patched, folder)


def nothing_removed(patched: pytest.MonkeyPatch) -> None:
    """A database that is in its place stays there, whoever wants to remove it."""

    def drop(server, connection, name, real=PostgresServer.drop):
        if name.startswith("hospital_"):
            raise psycopg.errors.ObjectInUse(f'database "{name}" is used by an active logical replication slot')
        real(server, connection, name)

    if on_postgres.WANTED:
        patched.setattr(PostgresServer, "drop", drop)
    else:
        failing(sqlite, "remove_file", REFUSED)(patched, Path())


def _replace_program(patched: pytest.MonkeyPatch, folder: Path, name: str, words: str) -> None:
    program = folder / "programs" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\necho '{name}: error: {words}' >&2\nexit 1\n")
    program.chmod(0o700)
    patched.setenv("PATH", str(program.parent), prepend=os.pathsep)
