"""PostgreSQL's own programs: a database into one file, and back (`pg_dump`, `pg_restore`)."""

import os
import re
import subprocess
from errno import ENOSPC
from pathlib import Path
from signal import SIGPIPE
from tempfile import TemporaryFile
from typing import IO

import sqlalchemy as sa

from portal.tenancy.databases.base import DatabaseDamaged, DatabaseUnreadable, DiskFailed, ProgramMissing, ServerAway
from portal.tenancy.databases.sqlite import sync_file

OWNERLESS = ("--no-owner", "--no-privileges")
SAYINGS = (
    ("Disk quota exceeded|Input/output error", DiskFailed),
    ("too many clients|connection slots are reserved|the database system is|server closed the connection", ServerAway),
    (
        r"invalid page in block|(missing|unexpected) chunk number|data is corrupt|could not open file \S*base/",
        DatabaseDamaged,
    ),
    ("connection to server .* failed|terminating connection|connection to client lost|SSL SYSCALL", ServerAway),
)


class DumpFailed(DatabaseUnreadable):
    """A program of PostgreSQL's could not do its work; the message is what it said."""


def kind_of_failure(said: str) -> type[DatabaseDamaged]:
    """Whether what a program said tells of what it was to read, or only of a disk or a server that does not do now
    what it is asked to.
    """
    return next((kind for words, kind in SAYINGS if re.search(words, said)), DumpFailed)


def dump(url: sa.URL, database: str, target: Path, snapshot: str | None = None) -> None:
    """Write a database, as one moment of it knows it, into a new file that only this user may read."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    _run([*_dump(url, database, snapshot), f"--file={target}"], url)
    sync_file(target)


def restore(url: sa.URL, database: str, source: Path) -> None:
    """Fill an empty database with what a file holds, all of it or nothing."""
    _run([*_restore(url, database), str(source)], url)


def pass_on(url: sa.URL, database: str, snapshot: str, target: str) -> None:
    """Fill an empty database with what another one of this server holds, without a file in between."""
    what = [*_dump(url, database, snapshot), "--compress=0"]
    with TemporaryFile() as said, _begun(what, url, stdout=subprocess.PIPE, stderr=said) as reading:
        try:
            _run(_restore(url, target), url, stdin=reading.stdout)
        except (DatabaseUnreadable, OSError):
            reading.stdout.close()
            if reading.wait() in (0, -SIGPIPE):  # where it failed first, the other one had nothing to read
                raise
        reading.stdout.close()
        if reading.wait() != 0:
            raise _failure(said)


def _dump(url: sa.URL, database: str, snapshot: str | None) -> list[str]:
    moment = [f"--snapshot={snapshot}"] if snapshot else []
    return ["pg_dump", *_whom(url, database), "--format=custom", *OWNERLESS, *moment]


def _restore(url: sa.URL, database: str) -> list[str]:
    return ["pg_restore", *_whom(url, database), *OWNERLESS, "--exit-on-error", "--single-transaction"]


def _whom(url: sa.URL, database: str) -> list[str]:
    named = {"host": url.host or url.query.get("host"), "port": url.port, "username": url.username}
    return [*(f"--{key}={value}" for key, value in named.items() if value), "--no-password", f"--dbname={database}"]


def _environment(url: sa.URL) -> dict[str, str]:
    secret = {"PGPASSWORD": url.password} if url.password else {}
    return {**os.environ, **secret, "LC_ALL": "C"}


def _run(command: list[str], url: sa.URL, **more) -> None:
    with TemporaryFile() as said:
        if _begun(command, url, stdout=subprocess.DEVNULL, stderr=said, **more).wait() != 0:
            raise _failure(said)


def _begun(command: list[str], url: sa.URL, **more) -> subprocess.Popen:
    try:
        return subprocess.Popen(command, env=_environment(url), **more)
    except FileNotFoundError:
        raise ProgramMissing(f"{command[0]} is not installed: it comes with PostgreSQL’s client programs") from None


def _failure(said: IO[bytes]) -> DatabaseUnreadable | OSError:
    """What a program that failed said; a disk without room, here or the server's, says nothing of the database."""
    said.seek(0)
    words = said.read().decode(errors="replace").strip()
    return OSError(ENOSPC, words) if os.strerror(ENOSPC) in words else kind_of_failure(words)(words)
