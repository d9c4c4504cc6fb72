"""How users, their states and the acts of the audit read."""

from portal.kit import _

STATE_WORDS = {"active": _("Active"), "locked": _("Locked"), "disabled": _("Disabled")}
ERROR_WORDS = {
    "ConnectionError": _("Something outside the portal did not answer."),
    "ConnectionRefusedError": _("Something outside the portal did not answer."),
    "ConnectionResetError": _("Something outside the portal did not answer."),
    "TimeoutError": _("Something outside the portal took too long to answer."),
    "gaierror": _("Something outside the portal could not be found in the network."),
    "OSError": _("The disk or the network did not work."),
    "PermissionError": _("A file could not be opened."),
    "OperationalError": _("The database was busy."),
    "IntegrityError": _("The records do not fit together any more."),
    "StaleDataError": _("Somebody changed the record at the same moment."),
}
PERIOD_WORDS = {
    "none": _("Never starts again"),
    "day": _("Starts again every day"),
    "year": _("Starts again every year"),
}
