"""Is every hospital migrated? Answered from the registry at once, without opening any database (tenancy.md T13)."""

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.control.models import STATUSES, Operation, Plan, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.migrations import head, revisions
from portal.provisioning.findings import revision_found
from portal.tenancy.session import TENANT

NARROWING = {"plan": Plan.name, "server": Tenant.server, "status": Tenant.status}
GIVEN_UP = ("failed", "interrupted")
WITH_DATABASE = sa.and_(Tenant.generation.is_not(None), Tenant.mode != "deleted")


class UnknownSelector(ValueError):
    """No hospital is meant by this; the message is a sentence."""


@dataclass(frozen=True)
class Standing:
    """How many hospitals are at which revision; `failed` are those of `behind` whose last migration did not work."""

    head: str
    at_head: int
    behind: int
    newer: int
    unknown: int
    failed: int
    without_database: int

    @property
    def is_whole(self) -> bool:
        """Every hospital that has a database is at the newest revision."""
        return not self.behind + self.newer + self.unknown

    @property
    def total(self) -> int:
        """Every hospital that has a database."""
        return self.at_head + self.behind + self.newer + self.unknown


def behind() -> sa.ColumnElement[bool]:
    """The hospital's database is at a revision of this release that is not its newest, as the registry knows."""
    older = [revision for revision, _module in revisions(TENANT)[:-1]]
    return sa.and_(WITH_DATABASE, Tenant.revision.in_(older))


def behind_of(tenant_ids: Iterable[int]) -> list[int]:
    """Those of these hospitals that are behind, by subdomain."""
    query = sa.select(Tenant.id).where(Tenant.id.in_(list(tenant_ids)), behind()).order_by(Tenant.subdomain)
    return list(db.session.scalars(query))


def look() -> Standing:
    """How it stands now: two queries."""
    revision = sa.case((WITH_DATABASE, sa.func.coalesce(Tenant.revision, "")), else_=None)
    query = sa.select(revision, sa.func.count()).where(Tenant.mode != "deleted").group_by(revision)
    counts = dict.fromkeys(("head", "behind", "newer", "unknown", "none"), 0)
    without = 0
    for found, count in db.session.execute(query):
        if found is None:
            without += count
        else:
            counts[revision_found(found or None)] += count
    failed = db.session.scalar(sa.select(sa.func.count()).select_from(Tenant).where(behind(), last_failed()))
    unknown = counts["unknown"] + counts["none"]
    return Standing(head(TENANT), counts["head"], counts["behind"], counts["newer"], unknown, failed, without)


def last_failed() -> sa.ColumnElement[bool]:
    """The hospital's newest migration was given up."""
    newest = sa.select(sa.func.max(Operation.id)).where(Operation.kind == "migrate").group_by(Operation.tenant_id)
    given_up = sa.select(Operation.tenant_id).where(Operation.id.in_(newest), Operation.state.in_(GIVEN_UP))
    return Tenant.id.in_(given_up)


def not_at_head(limit: int | None = None) -> list[tuple[str, str, str | None, str]]:
    """Subdomain, name, revision and where that stands of each hospital that is not at the newest one, by subdomain."""
    away = sa.or_(Tenant.revision.is_(None), Tenant.revision != head(TENANT))
    query = sa.select(Tenant.subdomain, Tenant.name, Tenant.revision).where(WITH_DATABASE, away)
    rows = db.session.execute(query.order_by(Tenant.subdomain).limit(limit))
    return [(row.subdomain, row.name, row.revision, revision_found(row.revision)) for row in rows]


def select(selectors: Sequence[str]) -> list[tuple[int, str, str]]:
    """Id, subdomain and revision of the hospitals behind that are meant, by subdomain; all where nothing is said.

    Subdomains and patterns are added up, `plan:`, `server:` and `status:` narrow. Raises `UnknownSelector`.
    """
    narrowing = [one for one in selectors if ":" in one]
    names = [one.lower() for one in selectors if ":" not in one]
    query = sa.select(Tenant.id, Tenant.subdomain, Tenant.revision, behind().label("behind")).join(Plan)
    query = query.where(Tenant.mode != "deleted", *_narrowed(narrowing)).order_by(Tenant.subdomain)
    rows = db.session.execute(query).all()
    if names:
        _refuse_unknown(names, [row.subdomain for row in rows])
        rows = [row for row in rows if any(fnmatch.fnmatchcase(row.subdomain, name) for name in names)]
    return [(row.id, row.subdomain, row.revision) for row in rows if row.behind]


def _narrowed(selectors: Iterable[str]) -> list[sa.ColumnElement[bool]]:
    wanted: dict[str, list[str]] = {}
    for selector in selectors:
        key, _colon, value = selector.partition(":")
        if key not in NARROWING or (key == "status" and value not in STATUSES):
            raise UnknownSelector(_("“{selector}” selects nothing: use a subdomain, a pattern, plan:…, server:… or "
                                    "status:….", selector=selector))  # fmt: skip
        wanted.setdefault(key, []).append(value)
    return [NARROWING[key].in_(values) for key, values in wanted.items()]


def _refuse_unknown(names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if not fnmatch.filter(known, name):
            raise UnknownSelector(_("There is no hospital with the subdomain “{subdomain}”.", subdomain=name))
