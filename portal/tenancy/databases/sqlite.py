"""Hospital databases as SQLite files in one folder.

Every file is built under a private name and published by a link that never replaces anything; the facts behind
each line are in tenancy.md §1 and were measured.
"""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, QueuePool

from portal.tenancy.databases import copies
from portal.tenancy.databases.base import (
    DatabaseMissing,
    NameTaken,
    closed,
)
from portal.tenancy.databases.opening import begin, check_header, connect, name_damage
from portal.tenancy.names import HospitalNames
from portal.tenancy.pools import Budget, SharedPool

SIDE_FILES = ("-wal", "-shm", "-journal")
COMPILED_STATEMENTS = 1500
CONNECTIONS = 128  # of three files each
STAMPING_MILLISECONDS = 20_000


class SqliteDatabases:
    """A folder of hospital files; one dialect and one compiled cache serve all of them."""

    def __init__(self, folder: Path, connections: int | None = None):
        self.folder = folder
        self.budget = Budget(connections or CONNECTIONS)
        known = sa.create_engine("sqlite://", poolclass=NullPool)
        known.connect().close()
        self.dialect = known.dialect
        self.url = known.url
        self.compiled = sa.util.LRUCache(COMPILED_STATEMENTS)

    def path(self, name: str) -> Path:
        """Where a build, a template or a published file lies; never outside the folder."""
        path = self.folder / name
        if path.parent != self.folder or name in ("", ".", ".."):
            raise ValueError(f"not a name of a file in the hospitals folder: {name!r}")
        return path

    def exists(self, names: HospitalNames) -> bool:
        return os.path.lexists(self.path(names.filename))

    def engine(self, names: HospitalNames) -> sa.Engine:
        path = self.path(names.filename)

        def create() -> sqlite3.Connection:
            return connect(path)

        pool = SharedPool(create, self.budget, dialect=self.dialect)
        sa.event.listen(pool, "connect", lambda raw, record: record.info.update(inode=_inode(path)))
        sa.event.listen(pool, "checkout", lambda raw, record, proxy: _same_file(path, record))
        return self._engine(pool, path)

    def changing_engine(self, names: HospitalNames) -> sa.Engine:
        return self.engine(names)

    def looking_engine(self, names: HospitalNames) -> sa.Engine:
        """An engine that only looks: where a write-ahead log waits, closing it must not write that into the file."""
        path = self.path(names.filename)
        check_header(path)
        mode = "ro" if self.has_log(names) else "rw"
        engine = self._engine(NullPool(lambda: connect(path, mode), dialect=self.dialect), path)
        return engine.execution_options(writing=False)

    def has_log(self, names: HospitalNames) -> bool:
        try:
            return self.path(f"{names.filename}-wal").stat().st_size > 0
        except FileNotFoundError:
            return False

    def clone(self, template: str, build: str) -> None:
        self.fetch(self.path(template), build)

    def fetch(self, source: Path, build: str) -> None:
        self.discard(build)
        copy_file(source, self.path(build))

    def build_engine(self, build: str, *, lasting: bool = False) -> sa.Engine:
        path = self.path(build)
        kind = QueuePool if lasting else NullPool  # each opening reads the whole schema: 22 modules take milliseconds
        size = {"pool_size": 1, "max_overflow": 0} if lasting else {}
        return self._engine(kind(lambda: connect(path, synchronous="OFF"), dialect=self.dialect, **size), path)

    def start(self, build: str) -> None:
        """Begin a build as an empty file that only this user may read."""
        self.discard(build)
        os.close(os.open(self.path(build), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def grant_rows(self, connection: sa.Connection) -> None:
        """A file has no roles."""

    def admits(self, names: HospitalNames, tables: Iterable[str]) -> bool:
        return True

    def admit(self, names: HospitalNames) -> None:
        """Nobody has a role of their own in a file."""

    def settle(self, build: str) -> None:
        """Fold the write-ahead log of a finished build into its one file, and force that file to the disk."""
        path = self.path(build)
        if not _is_folded(path):
            _fold(path)
        sync_file(path)

    def publish(self, build: str, names: HospitalNames) -> None:
        self.settle(build)
        source, target = self.path(build), self.path(names.filename)
        if any(os.path.lexists(f"{target}{suffix}") for suffix in SIDE_FILES):
            raise NameTaken(f"files of an older {names.database} are still in the hospitals folder")
        link_file(source, target)
        try:
            sync_folder(self.folder)
        except OSError:
            target.unlink()
            raise
        source.unlink()

    @contextmanager
    def only_one(self) -> Iterator[None]:
        with open(self.path(".template.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def has_template(self, template: str) -> bool:
        """A finished template of this name is there."""
        return self.path(template).is_file()

    def keep_template(self, build: str, template: str) -> None:
        """Make a finished build the template of this name."""
        self.settle(build)
        self.path(build).rename(self.path(template))
        sync_folder(self.folder)

    def backup(self, names: HospitalNames, target: Path) -> dict[str, int]:
        raw = connect(self.path(names.filename))
        try:
            raw.execute("PRAGMA query_only=ON")
            counts = copies.copy_out(raw, target)
        finally:
            raw.close()
        sync_file(target)
        return counts

    def copy(self, names: HospitalNames, build: str) -> dict[str, int]:
        self.discard(build)
        return self.backup(names, self.path(build))

    @contextmanager
    def opened_backup(self, path: Path) -> Iterator[sa.Engine]:
        engine = self._engine(NullPool(lambda: connect(path, "ro"), dialect=self.dialect), path)
        yield engine.execution_options(writing=False)

    def salvage(self, names: HospitalNames, target: Path) -> None:
        published = self.path(names.filename)
        for suffix in ("", *SIDE_FILES):
            part, kept = published.with_name(published.name + suffix), target.with_name(target.name + suffix)
            if part.is_file():
                copy_file(part, kept)
                sync_file(kept)
        sync_folder(target.parent)

    def forget_salvaged(self, target: Path) -> None:
        """The files beside it are removed as it is."""

    def overwrite(self, build: str, names: HospitalNames, locked: Callable[[], object]) -> None:
        with closing(connect(self.path(build), synchronous="OFF")) as source:
            with closing(connect(self.path(names.filename), synchronous="FULL")) as target:
                copies.copy_over(source, target, locked)

    def empty(self, names: HospitalNames, stamp: tuple[str, str], locked: Callable[[], object]) -> None:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as source:
            source.execute("CREATE TABLE core_identity (tenant_uuid, generation)")
            source.execute("INSERT INTO core_identity VALUES (?, ?)", stamp)
            with closing(connect(self.path(names.filename), synchronous="FULL")) as target:
                copies.copy_over(source, target, locked)

    def close_to_writers(self, names: HospitalNames, generation: str) -> None:
        """Whoever waits for the write lock meanwhile finds another stamp when they have it (`check_every_change`)."""
        self._stamp(names, closed(generation))

    def open_to_writers(self, names: HospitalNames, generation: str) -> None:
        self._stamp(names, generation)

    def _stamp(self, names: HospitalNames, generation: str) -> None:
        with closing(connect(self.path(names.filename), synchronous="FULL")) as raw:
            raw.execute(f"PRAGMA busy_timeout={STAMPING_MILLISECONDS}")
            raw.execute("UPDATE core_identity SET generation = ? WHERE generation <> ?", (generation, generation))

    def reopen(self, names: HospitalNames) -> None:
        """A lock ends with the process that had it."""

    def set_aside(self, names: HospitalNames, build: str) -> None:
        self.discard(build)
        published, aside = self.path(names.filename), self.path(build)
        for suffix in ("", *SIDE_FILES):  # the database first: without it nobody opens what is beside it
            part = published.with_name(published.name + suffix)
            if os.path.lexists(part):
                part.rename(aside.with_name(aside.name + suffix))
        sync_folder(self.folder)

    def remove(self, names: HospitalNames) -> None:
        published = self.path(names.filename)
        for suffix in (*SIDE_FILES, "", *SIDE_FILES):  # the database is there until nothing else is, but for latecomers
            remove_file(published.with_name(published.name + suffix))
        sync_folder(self.folder)

    def discard(self, build: str) -> None:
        path = self.path(build)
        for suffix in ("", *SIDE_FILES):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    def builds(self) -> list[str]:
        """The names of all private builds, finished or abandoned."""
        names = (entry.name for entry in self.folder.glob("build_*"))
        return sorted({name for name in names if not name.endswith(SIDE_FILES)})

    def age(self, build: str) -> float:
        """Seconds since a build was last written to."""
        return time.time() - self.path(build).stat().st_mtime

    def size(self, names: HospitalNames) -> int:
        path = self.path(names.filename)
        files = (path.with_name(path.name + suffix) for suffix in ("", *SIDE_FILES))
        return sum(file.stat().st_size for file in files if file.exists())

    def changed_at(self, names: HospitalNames) -> datetime | None:
        path = self.path(names.filename)
        parts = [part.stat() for part in (path, path.with_name(path.name + "-wal")) if part.exists()]
        times = [part.st_mtime for part in parts if part.st_size]  # opening to read makes an empty log
        return datetime.fromtimestamp(max(times), UTC) if times and path.exists() else None

    def _engine(self, pool, path: Path) -> sa.Engine:
        engine = sa.Engine(
            pool,
            self.dialect,
            self.url.set(database=str(path)),
            query_cache_size=0,
            hide_parameters=True,  # an error, and so the log, names no patient
            execution_options={"compiled_cache": self.compiled},
        )
        sa.event.listen(engine, "begin", begin)
        sa.event.listen(engine, "handle_error", name_damage)
        return engine


def copy_file(source: Path, target: Path) -> None:
    """Copy a file nobody writes to into a new one that only this user may read."""
    with open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        with open(source, "rb") as content:
            shutil.copyfileobj(content, out, 1 << 20)


def _is_folded(path: Path) -> bool:
    """The last connection to a file with a write-ahead log, on closing, left nothing beside it."""
    with open(path, "rb") as file:
        is_logged = file.read(20)[18:20] == b"\x02\x02"
    return is_logged and not any(os.path.lexists(f"{path}{suffix}") for suffix in SIDE_FILES)


def _fold(path: Path) -> None:
    raw = connect(path, synchronous="OFF")  # nobody trusts a build before it is forced to the disk
    try:
        if raw.execute("PRAGMA journal_mode=WAL").fetchone() != ("wal",):
            raise OSError(f"{path.name} did not accept write-ahead logging")
        busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise OSError(f"{path.name} is still in use")
    finally:
        raw.close()
    for suffix in SIDE_FILES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _inode(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _same_file(path: Path, record) -> None:
    """A pooled connection to a file that was removed or replaced must not be used again."""
    try:
        same = _inode(path) == record.info.get("inode")
    except FileNotFoundError:
        record.invalidate()
        raise DatabaseMissing(path.name) from None
    if not same:
        raise sa.exc.DisconnectionError("the file was replaced")


# The seams where tests inject a full disk, a refused rename or a kill.


def link_file(source: Path, target: Path) -> None:
    """Give a finished build its published name; fails where that name exists."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise NameTaken(f"{target.name} exists already") from None


def remove_file(path: Path) -> None:
    """Remove a file, if it is there."""
    path.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Force a file's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Force a folder's names to the disk."""
    sync_file(folder)
