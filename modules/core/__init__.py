"""Core: who may enter, what they may do, how the hospital presents itself, and what was done."""

from portal.kit import Module

module = Module(
    __name__,
    label="Core",
    icon="settings",
    group="Settings",
    menu_label="Settings",
    url_prefix="/settings",
    permissions={
        "view": "Open the settings",
        "user_view": "See users",
        "user_add": "Add users",
        "user_change": "Change users, their roles and passwords",
        "role_change": "Change what roles may do",
        "settings_view": "See how the hospital presents itself and counts",
        "settings_change": "Change how the hospital presents itself and counts",
        "audit_view": "See the audit",
        "sequence_view": "See number sequences",
    },
    roles={},
)
module.prefixes = ("auth_", "contenttypes_", "core_")
