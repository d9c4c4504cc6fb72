"""Portals that are made once per run, by the real way, and copied for each test in milliseconds."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import BytecodeCache

from tests import on_postgres

HOSPITALS = {
    "city-general": "City General Hospital",
    "lakeside": "Lakeside Clinic",
}

LOOKED_AT_NOW = """
    UPDATE control_tenant SET checked_at = strftime('%Y-%m-%d %H:%M:%f', checked_at, since || ' seconds')
    FROM (SELECT strftime('%s') - strftime('%s', max(checked_at)) - 1 AS since FROM control_tenant)
"""


class CompiledTemplates(BytecodeCache):
    """Keeps what Jinja compiled for the applications of other tests; a changed template is compiled anew."""

    def __init__(self):
        self.kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket) -> None:
        """Give Jinja what is kept of this very source."""
        kept = self.kept.get((bucket.key, bucket.checksum))
        if kept:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket) -> None:
        """Keep what Jinja compiled."""
        self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


COMPILED_TEMPLATES = CompiledTemplates()


def made_once(factory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, which the first of all test processes makes and the others wait for."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ and not on_postgres.WANTED:  # there each process has databases of its own
        shared = shared.parent
    folder, fresh = shared / f"ready-{name}", shared / f"making-{name}"
    with open(shared / f"ready-{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            make(fresh)
            fresh.rename(folder)
    return folder


@cache
def contents(folder: Path) -> tuple[list[Path], list[tuple[Path, int, bytes]]]:
    """The folders, and the files with their modes and bytes, of a portal that is copied again and again."""
    paths = sorted(folder.rglob("*"))
    folders = [path.relative_to(folder) for path in paths if path.is_dir()]
    files = [(path.relative_to(folder), path.stat().st_mode, path.read_bytes()) for path in paths if path.is_file()]
    return folders, files


def copy(folder: Path, target: Path) -> None:
    """A copy of this portal for one test, whose hospitals were looked at just now."""
    folders, files = contents(folder)
    for path in folders:
        (target / path).mkdir(mode=0o700, exist_ok=True)
    for path, mode, content in files:
        (target / path).write_bytes(content)
        (target / path).chmod(mode)
    if on_postgres.WANTED:  # `on_postgres.begin` copies it
        return
    raw = sqlite3.connect(target / "instance" / "control.db", isolation_level=None)
    try:
        raw.execute(LOOKED_AT_NOW)
    finally:
        raw.close()
