"""The backups' folder against the list of backups, and who may read what is kept."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from portal.clock import now
from portal.control.models import Backup, Tenant
from portal.i18n import _
from portal.kit import files
from portal.provisioning import backups
from portal.provisioning.doctor import quarantine
from portal.provisioning.doctor.finding import ERROR, NOTE, WARNING, Finding, NotNow, mending
from portal.provisioning.doctor.hospitals_folder import QUARANTINED
from portal.provisioning.doctor.scene import Scene, is_young
from portal.provisioning.readers import reader_of
from portal.provisioning.steps import ProvisioningProblem

GONE = _("The backup’s file cannot be found.")


def listed_backups(scene: Scene) -> Iterator[Finding]:
    """Backups that are offered although their file is gone."""
    for backup in scene.backups:
        if backup.state == "verified" and not backups.place_of(backup).is_file():
            facts = {"reference": backup.reference, "name": backup.tenant.name}
            yield Finding(
                "backup-gone", ERROR, backup.reference,
                _("The file of backup {reference} of {name} is gone.", **facts),
                _("It is called damaged, until a test finds the file again."),
                partial(_call_damaged, backup.id, backup.tenant_id, backup.reference),
            )  # fmt: skip


def _call_damaged(backup_id: int, tenant_id: int, reference: str) -> None:
    with mending("backup-gone", reference, tenant_id) as connection:
        verified = sa.and_(Backup.id == backup_id, Backup.state == "verified")
        connection.execute(sa.update(Backup).where(verified).values(state="damaged", finding=GONE))


def files_of_nobody(scene: Scene) -> Iterator[Finding]:
    """Finished backups that no list knows."""
    known = {(one.tenant.uuid, one.filename) for one in scene.backups if one.state != "removed"}
    busy = {one.uuid for one in scene.tenants.values() if one.id in scene.busy}
    for path in sorted(scene.settings.backups_dir.glob("*/*.db")):
        uuid = path.parent.name
        is_known = uuid in busy or (uuid, path.name) in known
        if not is_known and not path.name.startswith("build_") and not is_young(path):
            yield _unlisted(scene, path)


def _unlisted(scene: Scene, path: Path) -> Finding:
    sentence = _("The backup {file} is in no list.", file=f"{path.parent.name}/{path.name}")
    values = _values(scene, path)
    if values is None:
        return Finding("backup-unlisted", WARNING, path.name, sentence, QUARANTINED, partial(_set_aside, path))
    cure = _("It is read again and listed as its manifest says; where it is not what it was, it goes to quarantine.")
    return Finding("backup-unlisted", WARNING, path.name, sentence, cure, partial(_list_again, scene, path, values))


def _values(scene: Scene, path: Path) -> dict | None:
    """The row of a backup as its manifest tells it; None where there is none to be believed, or its time is over."""
    tenant = scene.by_uuid.get(path.parent.name)
    try:
        manifest = backups.Manifest(**_told(path))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    same = {one.reference for one in scene.backups}
    if tenant is None or manifest.filename != path.name or manifest.reference in same:
        return None
    kept = timedelta(days=scene.settings.backup_keep_days)
    more = {"tenant_id": tenant.id, "state": "verified", "finding": "", "kept_until": manifest.made_at + kept}
    return {name: getattr(manifest, name) for name in manifest.__dataclass_fields__} | more


def _told(path: Path) -> dict:
    content = json.loads(path.with_suffix(".json").read_text())
    names = backups.Manifest.__dataclass_fields__
    return {name: content[name] for name in names} | {"made_at": datetime.fromisoformat(content["made_at"])}


def _list_again(scene: Scene, path: Path, values: dict) -> None:
    if not _is_sound(scene, path, values):
        _set_aside(path)
        return
    with mending("backup-unlisted", path.name, values["tenant_id"]) as connection:
        connection.execute(sa.insert(Backup).values(**values, verified_at=now()))


def _is_sound(scene: Scene, path: Path, values: dict) -> bool:
    """The file is what its manifest says, and holds every table and row of this hospital."""
    if (path.stat().st_size, backups.hash_of(path)) != (values["size"], values["sha256"]):
        return False
    reader = reader_of(path, scene.by_uuid[path.parent.name])
    try:
        with backups.opened(reader, path) as engine:
            backups.read(engine, path.parent.name, values["counts"])
    except ProvisioningProblem:
        return False
    return True


def _set_aside(path: Path) -> None:
    parts = [part for part in (path, path.with_suffix(".json")) if part.exists()]
    with mending("backup-unlisted", path.name) as connection:
        listed = sa.select(Backup.id).join(Tenant).where(Backup.filename == path.name, Tenant.uuid == path.parent.name)
        if connection.scalar(listed.where(Backup.state != "removed")) is not None:
            raise NotNow
        quarantine.move(*parts)


def unfinished(scene: Scene) -> Iterator[Finding]:
    """Copies that a dead worker left, manifests without a backup, and unreadable databases kept long enough."""
    owned, folder = scene.builds, scene.settings.backups_dir
    for path in sorted(folder.glob("*/build_*")):
        if path.name[:38] not in owned and not is_young(path):
            yield _removable("backup-unfinished", path, _("{file} is a backup that was never finished."))
    listed = {one.filename for one in scene.backups if one.state != "removed"}
    for path in sorted(folder.glob("*/*.json")):
        made = path.with_suffix(".db")
        if not (path.name.startswith("build_") or made.exists() or made.name in listed or is_young(path)):
            yield _removable("manifest-alone", path, _("{file} is the manifest of a backup that is not there."))
    kept = timedelta(days=scene.settings.backup_keep_days).total_seconds()
    for path in sorted(folder.glob("*/*.unreadable*")):
        found = _look(path)
        if found is not None and now().timestamp() - found.st_mtime > kept:
            yield _removable(
                "unreadable-old",
                path,
                _("{file} was kept for as long as backups are."),
                partial(backups.forget_salvaged, path),
            )


def _look(path: Path) -> os.stat_result | None:
    """What the disk says of a file; None where it has just gone, as the logs of databases in use do."""
    try:
        return path.lstat()
    except OSError:
        return None


def _removable(kind: str, path: Path, sentence: str, remove: Callable[[], object] | None = None) -> Finding:
    name = f"{path.parent.name}/{path.name}"
    remove = remove or partial(path.unlink, missing_ok=True)
    return Finding(kind, NOTE, name, sentence.format(file=name), _("It is removed."), remove)


def modes(scene: Scene) -> Iterator[Finding]:
    """Files and folders of hospitals that other accounts of this machine may read or change."""
    hospitals, kept_in = scene.settings.hospitals_dir, scene.settings.backups_dir
    found = [*hospitals.glob("*.db"), *hospitals.glob("*.db-*"), *files.folder_of("").rglob("*"), *kept_in.rglob("*")]
    for path in sorted(found):
        look = _look(path)
        mode = look.st_mode if look else 0
        if stat.S_IMODE(mode) & 0o077 and (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            narrow = 0o700 if stat.S_ISDIR(mode) else 0o600
            shown = path.relative_to(hospitals if path.is_relative_to(hospitals) else kept_in)
            facts = {"file": shown, "mode": f"{stat.S_IMODE(mode):04o}", "narrow": f"{narrow:04o}"}
            yield Finding(
                "open-to-others", WARNING, str(shown),
                _("Other accounts of this machine may open {file} ({mode}).", **facts),
                _("Its mode is set to {narrow}.", **facts),
                partial(path.chmod, narrow),
            )  # fmt: skip
