"""A hospital's own database, on whichever kind of server: lost, or not the one the registry means."""

from collections.abc import Callable
from functools import partial

from portal.control.models import Tenant
from portal.i18n import _
from portal.provisioning.doctor.finding import ERROR, Finding, put_into_use
from portal.provisioning.doctor.scene import UNREADABLE, Scene

RESTORE = _("Restore a backup: flask tenant backups {subdomain}, then flask tenant restore {subdomain} REFERENCE.")


def lost(tenant: Tenant) -> Finding:
    """There is none under its name."""
    sentence = _("The database of {name} cannot be found.", name=tenant.name)
    return Finding("database-missing", ERROR, tenant.subdomain, sentence, RESTORE.format(subdomain=tenant.subdomain))


def differing(
    scene: Scene,
    tenant: Tenant,
    database: str,
    stamp: tuple[str, str] | None,
    set_aside: Callable[[str, str], Finding],
) -> Finding:
    """What the `stamp` of the database under its name says; `set_aside` makes the finding of one in the way."""
    facts, cure, mend = {"name": tenant.name, "file": database}, RESTORE.format(subdomain=tenant.subdomain), None
    if stamp == UNREADABLE:
        kind, sentence = "database-unreadable", _("The database of {name} cannot be read.", **facts)
    elif stamp is None or stamp[0] != tenant.uuid:
        kind, sentence = "other-hospital", _("{file} is not a database of {name}, whose name it has.", **facts)
        if tenant.generation is None:
            return set_aside(kind, sentence)
    elif tenant.generation is None or stamp[1] in scene.unfinished[tenant.id]:
        kind, sentence = "not-in-use", _("The database of {name} is finished but not in use.", **facts)
        cure, mend = _("It is checked and put into use, as Create Database does."), partial(put_into_use, tenant.id)
    else:
        kind = "other-generation"
        sentence = _("The database of {name} is not the one the platform created: an older or a newer copy.", **facts)
    return Finding(kind, ERROR, tenant.subdomain, sentence, cure, mend)
