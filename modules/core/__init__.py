"""Core: who may enter, what they may do, how the hospital presents itself, and what was done."""

from portal.kit import Module

module = Module(
    __name__,
    label="Core",
    icon="settings",
    group="Settings",
    menu_label="Settings",
    url_prefix="/settings",
    counts={"auth_user": ("{count} staff account", "{count} staff accounts")},
    permissions={
        "view": "Open the settings",
        "user_view": "See users",
        "user_export": "Download the user list",
        "user_add": "Add users",
        "user_change": "Change users, their roles and passwords",
        "role_change": "Change what roles may do",
        "settings_view": "See how the hospital presents itself and counts",
        "settings_change": "Change how the hospital presents itself and counts",
        "audit_view": "See the audit",
        "audit_export": "Download the audit",
        "sequence_view": "See number sequences",
        "event_view": "See what could not be done after something happened",
        "event_retry": "Try again what could not be done",
    },
    roles={},
)
module.prefixes = ("auth_", "contenttypes_", "core_")
