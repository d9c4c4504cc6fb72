"""The console: where administrators create hospitals and see how they are."""

from portal.admin import administrators, backups, create, hospitals, plans, record, users, work
from portal.admin.views import admin

__all__ = ["admin", "administrators", "backups", "create", "hospitals", "plans", "record", "users", "work"]
