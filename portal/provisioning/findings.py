"""What a look at a database saw, as facts that are kept beside the hospital: bounded, and fit for JSON."""

from portal.migrations import head, revisions
from portal.provisioning.schema import Differences
from portal.tenancy.databases.catalog import COLUMNS, INDEXES, RULES, TABLES, TRIGGERS
from portal.tenancy.session import TENANT

MOST_NAMES = 50
HOWS, KINDS = ("missing", "extra", "different"), (TABLES, COLUMNS, RULES, INDEXES, TRIGGERS)
OPEN, ABSENT, REFUSED, BUSY, NO_DATABASE = "open", "absent", "refused", "busy", "no database"
SOUND, DAMAGED, UNFINISHED = "sound", "damaged", "unfinished"


def differences_found(differences: Differences) -> dict[str, dict]:
    """Each kind of difference with its count and its first names; kinds without any are left out."""
    named = {f"{how}_{kind}": differences.names(how, kind) for how in HOWS for kind in KINDS}
    return {key: {"count": len(names), "names": names[:MOST_NAMES]} for key, names in named.items() if names}


def stamp_found(stamp: tuple[str, str] | None, registered: tuple[str, str | None]) -> str:
    """Whose database it says it is: `same`, `other database` of this hospital, `other hospital`, or `none`."""
    if stamp is None:
        return "none"
    if stamp[0] != registered[0]:
        return "other hospital"
    return "same" if stamp == registered else "other database"


def revision_found(revision: str | None) -> str:
    """Where a revision stands: at the `head`, `behind`, `newer` than this release, `unknown`, or `none`."""
    if revision is None:
        return "none"
    if revision == head(TENANT):
        return "head"
    if revision in dict(revisions(TENANT)):
        return "behind"
    return "newer" if revision.isdecimal() and head(TENANT).isdecimal() and revision > head(TENANT) else "unknown"
