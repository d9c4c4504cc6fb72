"""The documents of a hospital inside its backups: one kept file serves every backup that names it.

A document never changes once it is on the disk. So a backup links it where both folders are on one file system, and
copies it where they are not.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

import sqlalchemy as sa
import structlog
from flask import current_app

from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.kit import files
from portal.kit.models import Attachment
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.control_engine import decision
from portal.tenancy.databases.sqlite import copy_file, sync_file, sync_folder

log = structlog.get_logger(__name__)
FOLDER, TOLD = "files", "kept_documents"
YOUNG_SECONDS = 600  # so long a file that no backup names may belong to one that is being made


class DocumentsChanged(ProvisioningProblem):
    """A document of a backup is gone, or is not what was kept."""


@dataclass(frozen=True)
class Document:
    """A document as the database names it."""

    key: str
    size: int
    sha256: str

    def is_at(self, path: Path) -> bool:
        """The file there is this document, byte for byte."""
        try:
            with open(path, "rb") as file:
                same = os.fstat(file.fileno()).st_size == self.size
                return same and hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except FileNotFoundError:
            return False


def kept_folder(uuid: str) -> Path:
    """Where the documents of a hospital's backups are."""
    return current_app.extensions["settings"].backups_dir / uuid / FOLDER


def live_place(uuid: str, key: str) -> Path:
    """Where the hospital itself has a document."""
    return files.folder_of(uuid) / key[:2] / key


def named_in(engine: sa.Engine) -> list[Document]:
    """Every document that a database names, by key."""
    columns = sa.select(Attachment.file_key, Attachment.size, Attachment.sha256).order_by(Attachment.file_key)
    with engine.connect().execution_options(writing=False) as connection:
        if not sa.inspect(connection).has_table(Attachment.__tablename__):
            return []  # a hospital that is Incomplete is backed up as it is
        return [Document(*row) for row in connection.execute(columns) if files.KEY.fullmatch(row.file_key)]


def keep(uuid: str, documents: list[Document]) -> dict:
    """Keep each document beside the backups, for good; answers with what a backup remembers of them.

    One that the hospital has lost is not a reason to have no backup: `absent` names it.
    """
    folder = kept_folder(uuid)
    absent = [one.key for one in documents if not _keep_one(uuid, folder, one)]
    if documents:
        sync_folder(folder)
    return summary_of([one for one in documents if one.key not in set(absent)]) | {"absent": absent}


def summary_of(documents: list[Document]) -> dict:
    """How many, how large in all, and one digest of all of them."""
    digest = hashlib.sha256("".join(f"{one.key} {one.size} {one.sha256}\n" for one in documents).encode())
    return {"count": len(documents), "size": sum(one.size for one in documents), "sha256": digest.hexdigest()}


def _keep_one(uuid: str, folder: Path, document: Document) -> bool:
    place, live = folder / document.key, live_place(uuid, document.key)
    with suppress(FileNotFoundError):
        found = place.stat()
        if found.st_size == document.size:
            os.utime(place, ns=(found.st_atime_ns, found.st_mtime_ns))  # named again: the sweep sees it as young
            return True
    if not document.is_at(live):
        return False
    bring(live, place)
    return True


def bring(source: Path, target: Path) -> None:
    """Put a document under a name, whole or not at all: the seam where tests inject a full disk or a kill."""
    files.make_folder(target.parent)
    aside = target.with_name(f"{target.name}{files.UNFINISHED}")
    aside.unlink(missing_ok=True)
    try:
        try:
            os.link(source, aside)
        except FileNotFoundError:
            raise
        except OSError:  # another file system, or one without links
            copy_file(source, aside)
            sync_file(aside)
        aside.rename(target)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def kept_by(backup: Backup, engine: sa.Engine) -> list[Document]:
    """The documents that this backup keeps, as the database in it names them."""
    absent = set(backup.documents.get("absent", ()))
    return [one for one in named_in(engine) if one.key not in absent] if backup.documents else []


def told_of(named: list[Document], remembered: dict) -> dict:
    """What a manifest tells of the documents that a backup keeps, so that nobody has to open the backup for that."""
    absent = set(remembered["absent"])
    return {TOLD: [astuple(one) for one in named if one.key not in absent]}


def told_in(manifest: Path, backup: Backup) -> list[Document] | None:
    """The documents that a backup keeps as its manifest tells; None where it does not, or tells of others."""
    try:
        told = [Document(*row) for row in json.loads(manifest.read_text())[TOLD]]
        return told if summary_of(told).items() <= backup.documents.items() else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def check(backup: Backup, engine: sa.Engine) -> None:
    """Look at all of every document of a backup; raises `DocumentsChanged`."""
    documents, folder = kept_by(backup, engine), kept_folder(backup.tenant.uuid)
    wrong = [one.key for one in documents if not one.is_at(folder / one.key)]
    if wrong:
        log.error("backup_documents_damaged", backup=backup.reference, files=wrong[:10], count=len(wrong))
        sentence = _("{count} of {total} documents are gone or have changed.", count=len(wrong), total=len(documents))
        raise DocumentsChanged(sentence)
    if backup.documents and summary_of(documents) != {
        key: backup.documents[key] for key in ("count", "size", "sha256")
    }:
        raise DocumentsChanged(_("The backup does not name the documents that were kept."))


def put_back(backup: Backup, uuid: str, engine: sa.Engine) -> int:
    """Give a hospital every document that its restored database names and it lacks; how many are nowhere any more."""
    kept, source = kept_folder(backup.tenant.uuid), backup.tenant.uuid
    return _give(uuid, named_in(engine), lambda key: (kept / key, live_place(source, key)))


def share(source: str, uuid: str, engine: sa.Engine) -> int:
    """Give a hospital the documents that its database, a copy of another's, names; how many that one has lost."""
    return _give(uuid, named_in(engine), lambda key: (live_place(source, key),))


def _give(uuid: str, named: list[Document], places: Callable[[str], Iterable[Path]]) -> int:
    """Each is as new on the disk, so that nobody takes it for a stray before its row is in use."""
    absent = 0
    for document in named:
        place = live_place(uuid, document.key)
        if not (place.is_file() and place.stat().st_size == document.size):
            source = next((path for path in places(document.key) if document.is_at(path)), None)
            if source is None:
                absent += 1
                continue
            bring(source, place)
        os.utime(place)
    for folder in {live_place(uuid, one.key).parent for one in named}:
        if folder.is_dir():
            sync_folder(folder)
    return absent


def forget_unnamed(uuid: str, backups: Iterator[list[Document]]) -> list[str]:
    """Remove the kept documents that no backup names; answers with their keys.

    `backups` reads what each that is left names; where one cannot be read nothing is removed. Left alone is what was
    brought, or named again, a short while ago: a backup that is being made may need it.
    """
    old = [path for path in kept_folder(uuid).glob("*") if _is_old(path)]
    if not old or _is_worked_on(uuid):
        return []
    try:
        named = {document.key for documents in backups for document in documents}
    except Exception:
        log.exception("backup_names_unreadable", hospital=uuid)
        return []
    with decision():  # nobody asks for a backup meanwhile; one that was made since has named its documents again
        if _is_worked_on(uuid):
            return []
        gone = [path for path in old if path.name not in named and _is_old(path)]
        for path in gone:
            path.unlink(missing_ok=True)
    return [path.name for path in gone]


def _is_old(path: Path) -> bool:
    return path.exists() and time.time() - path.stat().st_ctime > YOUNG_SECONDS


def _is_worked_on(uuid: str) -> bool:
    active = (
        sa.select(Operation.id).join(Operation.tenant).where(Tenant.uuid == uuid, Operation.active_key.is_not(None))
    )
    with db.engine.connect().execution_options(writing=False) as connection:
        return connection.scalar(active) is not None


def sentence_of(remembered: dict) -> str:
    """“12 documents are kept with it; 1 is not on the disk any more.”"""
    count, absent = remembered["count"], len(remembered["absent"])
    if not absent:
        return _("{count} documents are kept with it.", count=f"{count:,}")
    words = {"count": f"{count:,}", "absent": f"{absent:,}"}
    return _("{count} documents are kept with it; {absent} are not on the disk any more.", **words)
