"""The console: where administrators create hospitals and see how they are."""

from portal.admin import (
    administrators,
    all_backups,
    backups,
    bulk,
    create,
    hospitals,
    modes,
    operation,
    operations,
    plans,
    record,
    recreate,
    restore,
    users,
    work,
)
from portal.admin.views import admin

__all__ = [
    "admin",
    "administrators",
    "all_backups",
    "backups",
    "bulk",
    "create",
    "hospitals",
    "modes",
    "operation",
    "operations",
    "plans",
    "record",
    "recreate",
    "restore",
    "users",
    "work",
]
