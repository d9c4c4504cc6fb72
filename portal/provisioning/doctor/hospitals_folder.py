"""The hospitals' folder against the registry: databases, what lies beside them, builds, templates, documents."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from portal.control.models import Tenant
from portal.i18n import _
from portal.kit import files
from portal.provisioning import template
from portal.provisioning.doctor import quarantine
from portal.provisioning.doctor.finding import ERROR, NOTE, WARNING, Finding, NotNow, mending
from portal.provisioning.doctor.own import differing, lost
from portal.provisioning.doctor.scene import UNSAID, Scene, is_young, with_side_files
from portal.tenancy.databases.sqlite import SIDE_FILES
from portal.tenancy.names import PREFIX

QUARANTINED = _("It is moved to the quarantine folder beside the backups; nothing is deleted.")


def databases_of_hospitals(scene: Scene) -> Iterator[Finding]:
    """Each hospital's database: there, readable, its own, and the one the platform created."""
    for tenant in scene.here.values():
        path = _path(scene, tenant)
        if tenant.id in scene.busy or tenant.mode == "deleted" or is_young(*with_side_files(path)):
            continue
        if not _is_there(path):
            if tenant.generation is not None:
                yield lost(tenant)
            continue
        stamp = scene.stamp(path.name)
        if stamp not in (UNSAID, (tenant.uuid, tenant.generation)):
            yield _differing(scene, tenant, path, stamp)


def _path(scene: Scene, tenant: Tenant) -> Path:
    return scene.databases.path(f"{PREFIX}{tenant.subdomain}.db")


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _is_same(path: Path, home: Path) -> bool:
    try:
        return path.samefile(home)
    except OSError:
        return False


def _differing(scene: Scene, tenant: Tenant, path: Path, stamp: tuple[str, str] | None) -> Finding:
    """The file under a hospital's name is not the one the registry means."""
    owner = scene.by_uuid.get(stamp[0]) if stamp else None
    if owner is not None and owner is not tenant and _may_have_it_back(scene, owner, stamp):
        return _misnamed(scene, path, owner)
    return differing(scene, tenant, path.name, stamp, partial(_to_quarantine, path, tenant))


def _to_quarantine(path: Path, tenant: Tenant, kind: str, sentence: str) -> Finding:
    return Finding(kind, WARNING, tenant.subdomain, sentence, QUARANTINED, partial(_quarantine, kind, path, tenant.id))


def _may_have_it_back(scene: Scene, owner: Tenant, stamp: tuple[str, str]) -> bool:
    """The database is its owner's present one, and missing under the owner's name."""
    is_present = stamp[1] == owner.generation and owner.server == scene.server
    return is_present and owner.id not in scene.busy and not _is_there(_path(scene, owner))


def _misnamed(scene: Scene, path: Path, owner: Tenant) -> Finding:
    home = _path(scene, owner)
    facts = {"file": path.name, "name": owner.name, "home": home.name}
    sentence = _("{file} is the database of {name}, which the registry calls {home}.", **facts)
    if with_side_files(home):
        cure = _("Side files of {home} may hold the last that was saved: bring the three together by hand.", **facts)
        return Finding("misnamed", ERROR, path.name, sentence, cure)
    mend = partial(_give_name, scene, path, owner)
    return Finding("misnamed", ERROR, path.name, sentence, _("It is given its name."), mend)


def _give_name(scene: Scene, path: Path, owner: Tenant) -> None:
    """In one step that a kill cannot halve, and never over something that is there."""
    with mending("misnamed", path.name, owner.id):
        scene.databases.publish(path.name, scene.published(_path(scene, owner).name))


def databases_of_nobody(scene: Scene) -> Iterator[Finding]:
    """Databases under names that no hospital has."""
    for path in sorted(scene.databases.folder.glob(f"{PREFIX}*.db")):
        subdomain = path.name.removeprefix(PREFIX).removesuffix(".db")
        if subdomain in scene.names or is_young(*with_side_files(path)):
            continue
        stamp = scene.stamp(path.name)
        owner = scene.by_uuid.get(stamp[0]) if stamp else None
        if owner is not None and _may_have_it_back(scene, owner, stamp):
            yield _misnamed(scene, path, owner)
        elif owner is not None and _is_same(path, _path(scene, owner)):
            facts = {"file": path.name, "name": owner.name}
            sentence = _("{file} is a second name of the database of {name}.", **facts)
            yield Finding("second-name", WARNING, path.name, sentence, _("The second name is removed."), path.unlink)
        elif stamp != UNSAID and (owner is None or owner.id not in scene.busy):
            sentence = _("{file} belongs to no hospital.", file=path.name)
            mend = partial(_quarantine, "database-of-nobody", path)
            yield Finding("database-of-nobody", WARNING, path.name, sentence, QUARANTINED, mend)


def _quarantine(kind: str, path: Path, tenant_id: int | None = None) -> None:
    with mending(kind, path.name, tenant_id) as connection:
        subdomain = path.name.removeprefix(PREFIX).removesuffix(".db")
        taken = connection.scalar(sa.select(Tenant.id).where(Tenant.subdomain == subdomain))
        if taken != tenant_id:
            raise NotNow
        quarantine.move(*with_side_files(path))


def side_files(scene: Scene) -> Iterator[Finding]:
    """Logs whose database is gone: they may hold the last that was saved, and keep a new database away."""
    for suffix in SIDE_FILES:
        for path in sorted(scene.databases.folder.glob(f"{PREFIX}*.db{suffix}")):
            database = path.with_name(path.name.removesuffix(suffix))
            owner = scene.here.get(database.name.removeprefix(PREFIX).removesuffix(".db"))
            if not (_is_there(database) or is_young(path) or (owner and owner.id in scene.busy)):
                sentence = _("{file} lies there without its database.", file=path.name)
                if owner and _is_elsewhere(scene, owner):
                    cure = _("Its database has another name: bring them together by hand.")
                    yield Finding("side-file-alone", ERROR, path.name, sentence, cure)
                    continue
                mend = partial(_set_aside, path, owner.id if owner else None)
                yield Finding("side-file-alone", WARNING, path.name, sentence, QUARANTINED, mend)


def _is_elsewhere(scene: Scene, owner: Tenant) -> bool:
    stamps = (scene.stamp(path.name) for path in scene.databases.folder.glob(f"{PREFIX}*.db"))
    return (owner.uuid, owner.generation) in stamps


def _set_aside(path: Path, tenant_id: int | None) -> None:
    with mending("side-file-alone", path.name, tenant_id):
        quarantine.move(path)


def builds(scene: Scene) -> Iterator[Finding]:
    """What dead workers were building."""
    owned = scene.builds
    for path in sorted(scene.databases.folder.glob("build_*")):
        name = _without_suffix(path.name)
        if name not in owned and not is_young(*with_side_files(path.with_name(name))):
            yield Finding(
                "build-left", NOTE, path.name,
                _("{file} was being built by a worker that is dead.", file=path.name),
                _("It is removed; it was never a hospital’s database."),
                partial(path.unlink, missing_ok=True),
            )  # fmt: skip


def _without_suffix(name: str) -> str:
    return next((name.removesuffix(suffix) for suffix in SIDE_FILES if name.endswith(suffix)), name)


def templates(scene: Scene) -> Iterator[Finding]:
    """Templates of other releases."""
    for path in sorted(scene.databases.folder.glob("template_*")):
        if _without_suffix(path.name) != template.template_name() and not is_young(path):
            yield Finding(
                "template-old", NOTE, path.name,
                _("{file} is the template of another release.", file=path.name),
                _("It is removed; that release would make it again."),
                partial(path.unlink, missing_ok=True),
            )  # fmt: skip


def documents(scene: Scene) -> Iterator[Finding]:
    """Folders of documents whose hospital does not exist."""
    place = files.folder_of("")
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        if path.name not in scene.by_uuid and not is_young(path):
            yield Finding(
                "documents-of-nobody", WARNING, path.name,
                _("The documents in {folder} belong to no hospital.", folder=f"{files.FOLDER}/{path.name}"),
                QUARANTINED,
                partial(_set_documents_aside, path),
            )  # fmt: skip


def _set_documents_aside(path: Path) -> None:
    with mending("documents-of-nobody", path.name) as connection:
        if connection.scalar(sa.select(Tenant.id).where(Tenant.uuid == path.name)) is not None:
            raise NotNow
        quarantine.move(path)
