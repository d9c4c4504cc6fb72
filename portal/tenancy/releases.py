"""Which release works on a database at which revision, so that two releases can serve side by side (tenancy.md T16).

A revision that is *additive* leaves every release that works before it working after it. A release works without a
revision that is still to come where that is additive and its models map nothing of what it adds (decision 0021).
"""

from functools import cache

from portal.additions import MoreThanAdditions
from portal.migrations import additions, head, is_marked_additive, oldest_release, revisions, tree_metadata
from portal.tenancy.current import Hospital
from portal.tenancy.session import TENANT


def is_known(revision: str | None, tree: str = TENANT) -> bool:
    """This release has the migration."""
    return any(revision == known for known, _module in revisions(tree))


def pending(revision: str | None, tree: str = TENANT) -> tuple[str, ...]:
    """The revisions that a database at this one still lacks: all of them for None, none for one not known here."""
    names = [name for name, _module in revisions(tree)]
    if revision is None:
        return tuple(names)
    return tuple(names[names.index(revision) + 1 :]) if revision in names else ()


def is_additive(revision: str, tree: str = TENANT) -> bool:
    """Releases that do not know this revision work on a database that has it."""
    return is_marked_additive(tree, revision)


def serves_from(revision: str | None, tree: str = TENANT) -> str | None:
    """The oldest revision whose release works on a database at this one; None for one not known here."""
    return oldest_release(tree, revision)


def is_served(hospital: Hospital) -> bool:
    """This release works on the hospital's database, by what the registry says of it."""
    return works_on(hospital.revision, hospital.serves_from)


def works_on(revision: str | None, oldest: str | None) -> bool:
    """This release works on a database that says this of itself.

    Where it says nothing it is tried: a table that is not there is an answer too (`guard.look_again`).
    """
    return revision is None or _works_on(revisions(TENANT), revision, oldest)


def fits(tree: str, revision: str | None, oldest: str | None) -> bool:
    """A database that says this of itself is at the newest revision, or ahead of it by additions only.

    That is the rule for the control database: nobody works on one that is behind.
    """
    return revision == head(tree) or (not is_known(revision, tree) and is_known(oldest, tree))


def is_behind(hospital: Hospital) -> bool:
    """A migration of this release would bring the hospital forward."""
    return bool(pending(hospital.revision))


@cache
def _works_on(tree: tuple, revision: str, oldest: str | None) -> bool:
    if not is_known(revision):
        return is_known(oldest)
    return all(map(_does_without, pending(revision)))


def _does_without(revision: str) -> bool:
    """This release works on a database that lacks the revision: an addition of which its models map nothing."""
    try:
        return is_additive(revision) and not additions(TENANT, revision).are_mapped(tree_metadata(TENANT))
    except MoreThanAdditions:
        return False
