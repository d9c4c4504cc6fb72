"""The console: where administrators create hospitals and see how they are."""

from portal.admin import (
    administrators,
    backups,
    bulk,
    cloning,
    create,
    deleting,
    hospitals,
    modes,
    plans,
    record,
    renaming,
    users,
    work,
)
from portal.admin.views import admin

__all__ = [
    "admin",
    "administrators",
    "backups",
    "bulk",
    "cloning",
    "create",
    "deleting",
    "hospitals",
    "modes",
    "plans",
    "record",
    "renaming",
    "users",
    "work",
]
