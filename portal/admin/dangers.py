"""What a hospital's record offers under “Careful”: each work on a page of its own, for those who may do it."""

from dataclasses import dataclass

from flask import current_app

from portal.admin.access import may
from portal.admin.hospitals import hospital_url
from portal.control.models import Tenant
from portal.i18n import _


@dataclass(frozen=True)
class Careful:
    """A dangerous work: its page, the role it needs, its words."""

    name: str
    endpoint: str
    role: str
    icon: str
    label: str
    hint: str


CAREFUL: tuple[Careful, ...] = (
    Careful(
        "rename", "rename_hospital", "platform_admin", "pencil", _("Rename"),
        _("Give the hospital another address. The present one stops working."),
    ),
    Careful(
        "move", "move_hospital", "platform_admin", "arrows-exchange", _("Move"),
        _("Move the database to another server. Nothing can be saved meanwhile."),
    ),
    Careful(
        "clone", "clone_hospital", "platform_admin", "copy", _("Copy"),
        _("Make a new hospital with everything this one holds, for trying things out."),
    ),
    Careful(
        "recreate", "recreate_hospital", "superuser", "database", _("Recreate Database"),
        _("Deletes everything in the database and begins with an empty one. A backup is made first."),
    ),
    Careful(
        "delete", "delete_hospital", "superuser", "trash", _("Delete"),
        _("Back the hospital up, then remove it. It can be brought back for some time."),
    ),
)  # fmt: skip


def dangers_of(tenant: Tenant) -> list[dict]:
    """Those of them that the person signed in may do."""
    words = ("name", "icon", "label", "hint")
    return [
        {name: getattr(one, name) for name in words} | {"url": hospital_url(tenant, one.endpoint)}
        for one in CAREFUL
        if may(one.role) and (one.name != "move" or len(current_app.extensions["settings"].servers) > 1)
    ]
