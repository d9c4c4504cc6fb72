"""A whole backup as one file to take away: a tar that is sent as it is read, never held in memory or on the disk."""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.control.models import Backup
from portal.provisioning import backups, documents
from portal.provisioning.readers import reader_of

BLOCK = tarfile.BLOCKSIZE
END = b"\0" * (2 * BLOCK)
CHUNK = 1 << 18


@dataclass(frozen=True)
class Archive:
    """What goes into the tar: each file's name in it, and where the file is."""

    files: tuple[tuple[str, Path], ...]

    @classmethod
    def of(cls, backup: Backup) -> "Archive":
        """The database, its manifest and its documents; raises FileNotFoundError where the database is gone."""
        path = backups.place_of(backup)
        path.stat()
        names = [path, path.with_suffix(".json")]
        if backup.documents.get("count"):
            folder = documents.kept_folder(backup.tenant.uuid)
            with reader_of(path, backup.tenant).opened_backup(path) as engine:
                names += [folder / one.key for one in documents.kept_by(backup, engine)]
        inside = {path: path.name for path in names[:2]}
        found = [(inside.get(path, f"{documents.FOLDER}/{path.name}"), path) for path in names if path.is_file()]
        return cls(tuple(found))

    @property
    def name(self) -> str:
        """What the file is called, without an ending."""
        return self.files[0][1].stem

    @property
    def length(self) -> int:
        """How many bytes the tar has."""
        return sum(BLOCK + _padded(path.stat().st_size) for _name, path in self.files) + len(END)

    def chunks(self) -> Iterator[bytes]:
        """The tar, piece by piece."""
        for name, path in self.files:
            yield from _entry(name, path)
        yield END


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _entry(name: str, path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        about = path.stat()
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = about.st_size, int(about.st_mtime), 0o600
        yield entry.tobuf(tarfile.GNU_FORMAT)
        while chunk := file.read(CHUNK):
            yield chunk
        yield b"\0" * (_padded(about.st_size) - about.st_size)
