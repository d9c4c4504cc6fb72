"""Core: who may enter, how the hospital presents itself, and what was done."""

from portal.kit import Module

module = Module(
    __name__,
    label="Core",
    icon="settings",
    group="Settings",
    permissions={"view": "See the hospital’s settings", "change": "Change the hospital’s settings"},
    roles={},
)
module.prefixes = ("auth_", "contenttypes_", "core_")
