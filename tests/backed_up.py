"""What the tests of backups and restores share: a backup, and a look at what is listed and what is on the disk."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from portal.control.models import Backup
from portal.extensions import db
from portal.provisioning import TenantDatabaseManager
from portal.tenancy.databases import copies, dumps, sqlite
from tests import on_postgres
from tests.provisioned import change, query

#: What is called while a copy of a database is written into a file.
WHILE_COPIED = (dumps, "dump") if on_postgres.WANTED else (copies, "pause")
#: What forces such a copy to the disk.
COPY_SYNCED = (dumps if on_postgres.WANTED else sqlite, "sync_file")


def backed_up(subdomain: str = "city-general") -> Backup:
    """A backup of the hospital as it is now, free of the session."""
    made = TenantDatabaseManager.backup_hospital_database(subdomain)
    assert made.tenant
    db.session.expunge_all()
    db.session.rollback()
    return made


def kept() -> list[str]:
    """Every file in the backups' folder by name."""
    folder_of_all = current_app.extensions["settings"].backups_dir
    return sorted(path.name for path in folder_of_all.rglob("*") if path.is_file())


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The content of a backup where `query`, `change` and `checksums` find it."""
    if not on_postgres.WANTED:
        yield path
        return
    name = f"unpacked_{path.stem}"
    on_postgres.ensure(name)
    try:
        dumps.restore(sa.make_url(on_postgres.cluster().url), name, path)
        yield Path(name)
    finally:
        on_postgres.drop(name)


def rewrite(path: Path, *statements: str) -> None:
    """Change what a copy holds, behind the portal's back."""
    with unpacked(path) as content:
        change(content, *statements)
        if on_postgres.WANTED:
            path.unlink()
            dumps.dump(sa.make_url(on_postgres.cluster().url), content.stem, path)


def within(path: Path, sql: str) -> list[tuple]:
    """The rows a query finds in a backup."""
    with unpacked(path) as content:
        return query(content, sql)


def interfere(monkeypatch, do: Callable[[], object]) -> None:
    """Let `do()` happen while a copy of a database is made, more than once where the copy is made in parts."""
    owner, name = WHILE_COPIED
    real = getattr(owner, name)

    def interrupted(*args):
        do()
        real(*args)

    monkeypatch.setattr(owner, name, interrupted)


def listed() -> list[Backup]:
    """The rows of the backups that are there."""
    rows = list(db.session.scalars(sa.select(Backup).where(Backup.state != "removed").order_by(Backup.id)))
    db.session.expunge_all()
    db.session.rollback()
    return rows


def assert_nothing_half_made() -> None:
    """What is listed is whole, and there is nothing else."""
    for row in listed():
        path = next(current_app.extensions["settings"].backups_dir.glob(f"*/{row.filename}"))
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256
        if not on_postgres.WANTED:
            assert query(path, "PRAGMA integrity_check") == [("ok",)]
    assert kept() == sorted(name for row in listed() for name in (row.filename, row.filename[:-3] + ".json"))
