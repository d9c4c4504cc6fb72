"""What the rest of the portal asks of a kind of hospital database."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from portal.tenancy.names import HospitalNames
from portal.tenancy.pools import Budget


class DatabaseMissing(Exception):
    """There is no database under this name; opening never makes one (tenancy.md T18)."""


class DatabaseDamaged(Exception):
    """What is there cannot be read as a hospital database."""


class DatabaseUnreadable(DatabaseDamaged):
    """The file is there and cannot be opened: its permissions, or too many open files."""


class DiskFailed(DatabaseUnreadable):
    """The disk is full or refuses to read or write now; that says nothing of the database."""


class ServerAway(DatabaseUnreadable):
    """The server of the database does not answer; that says nothing of the database."""


class ServerFull(ServerAway):
    """The server has no room for one more connection."""


class ProgramMissing(ServerAway):
    """A program of the server's, which makes and reads backups, is not installed here; the message names it."""


#: A disk or a server does not do now what it is asked to.
OUT_OF_REACH = (OSError, DatabaseDamaged)


class Overtaken(Exception):
    """Somebody else works on the database now: whoever hears this leaves everything as it is, to them."""


class WrongDatabase(Exception):
    """The database's identity stamp does not belong to the hospital that opened it (tenancy.md T4)."""


class NameTaken(Exception):
    """A database of this name exists already; publishing never replaces one."""


def closed(generation: str) -> str:
    """The generation that a database is stamped with while nobody may write to it: it is moved, or was."""
    return f"-{generation[1:]}"


def is_closed_stamp(generation: str) -> bool:
    """This is the generation of a database that nobody may write to."""
    return generation.startswith("-")


class Databases(Protocol):
    """A server of hospital databases. A `build` is a private database nobody can reach by a hospital's name."""

    budget: Budget
    """The connections of this process that `engine` makes."""

    def exists(self, names: HospitalNames) -> bool:
        """A published database of this name is there."""

    def engine(self, names: HospitalNames) -> sa.Engine:
        """An engine for a published database; raises `DatabaseMissing` when it connects to nothing."""

    def changing_engine(self, names: HospitalNames) -> sa.Engine:
        """As `engine`, for who changes tables."""

    def looking_engine(self, names: HospitalNames) -> sa.Engine:
        """An engine that reads a published database and leaves every byte of it as it is."""

    def has_log(self, names: HospitalNames) -> bool:
        """Something waits beside a published database that opening it for writing may write into it."""

    def clone(self, template: str, build: str) -> None:
        """Copy a finished template to a new build."""

    def start(self, build: str) -> None:
        """Begin an empty build."""

    def build_engine(self, build: str, *, lasting: bool = False) -> sa.Engine:
        """An engine that may write to a build or a template; a `lasting` one keeps its connection until disposed."""

    def grant_rows(self, connection: sa.Connection) -> None:
        """Whoever works in the hospital may read and write every row of this database, also of new tables."""

    def admits(self, names: HospitalNames, tables: Iterable[str]) -> bool:
        """Whoever works in the hospital may open its published database and use these tables, as far as is known."""

    def admit(self, names: HospitalNames) -> None:
        """Let whoever works in the hospital open its published database and use its tables; harmless where they may."""

    def settle(self, build: str) -> None:
        """Make what was written to a build last, before anybody copies it."""

    def only_one(self) -> AbstractContextManager[None]:
        """One process at a time makes what there is once on this server, of all machines that use it."""

    def has_template(self, template: str) -> bool:
        """A finished template of this name is there."""

    def keep_template(self, build: str, template: str) -> None:
        """Make a finished build the template of this name, which nobody writes to any more; may raise `NameTaken`."""

    def builds(self) -> list[str]:
        """The names of all private builds, finished or abandoned."""

    def age(self, build: str) -> float:
        """Seconds since a build was begun or written to."""

    def publish(self, build: str, names: HospitalNames) -> None:
        """Make a finished build the hospital's database, durably and at once; raises `NameTaken`."""

    def backup(self, names: HospitalNames, target: Path) -> dict[str, int]:
        """Copy a published database as it is at one moment, while others write to it, into one new file of its own.

        Answers with the rows of each table. The file is on the disk for good when this returns.
        """

    def copy(self, names: HospitalNames, build: str) -> dict[str, int]:
        """As `backup`, into a new build on the same server."""

    def opened_backup(self, path: Path) -> AbstractContextManager[sa.Engine]:
        """An engine that only reads a backup, for as long as it is needed; raises `DatabaseDamaged`."""

    def salvage(self, names: HospitalNames, target: Path) -> None:
        """Copy whatever is under this name, readable or not, to a place of that name outside."""

    def forget_salvaged(self, target: Path) -> None:
        """Remove what was salvaged to this place, beyond the file itself; harmless where that is all."""

    def fetch(self, source: Path, build: str) -> None:
        """Begin a build as a copy of a backup."""

    def overwrite(self, build: str, names: HospitalNames, locked: Callable[[], object]) -> None:
        """Replace the content of a published database by a finished build's: all of it at once, or nothing.

        `locked()` runs while nobody can write to the old content any more; what it raises keeps the old content.
        """

    def empty(self, names: HospitalNames, stamp: tuple[str, str], locked: Callable[[], object]) -> None:
        """As `overwrite`, by nothing but an identity stamp: whoever has the database open finds no table of theirs."""

    def close_to_writers(self, names: HospitalNames, generation: str) -> None:
        """Let a published database be read and not be written to, for good; what is being saved ends first.

        Its stamp is `closed` from then on.
        """

    def open_to_writers(self, names: HospitalNames, generation: str) -> None:
        """Let a published database be written to again; harmless where it is."""

    def reopen(self, names: HospitalNames) -> None:
        """End what a process that died kept people out of a published database with; harmless where nothing does."""

    def set_aside(self, names: HospitalNames, build: str) -> None:
        """Take a database that cannot be read away from its name; it becomes a build, with all that belongs to it."""

    def remove(self, names: HospitalNames) -> None:
        """Remove a published database for good, with everything that belongs to it, if it is there."""

    def discard(self, build: str) -> None:
        """Remove a build and everything that belongs to it, if it is there."""

    def size(self, names: HospitalNames) -> int:
        """Bytes on disk of a published database."""

    def changed_at(self, names: HospitalNames) -> datetime | None:
        """When a published database was written to last; None where there is none."""
