"""Every backup of every hospital: what there is, whether it was proved that it can be restored, and what went wrong."""

import shutil

import sqlalchemy as sa
from flask import current_app, request
from sqlalchemy.orm import contains_eager

from portal.admin.access import may, needs
from portal.admin.backup_rows import LOOKS, row_of
from portal.admin.views import admin
from portal.control.models import Backup, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import page
from portal.pages.lists import Column, Listing
from portal.provisioning.retention import UNFINISHED

COLUMNS = (
    Column("hospital", _("Hospital"), sort=sa.func.lower(Tenant.name)),
    Column("made", _("Made"), sort=Backup.made_at),
    Column("reason", _("Why"), sort=Backup.reason),
    Column("size", _("Size"), sort=Backup.size, numeric=True),
    Column("state", _("State"), sort=Backup.state),
    Column("tested", _("Test"), sort=Backup.tested_at),
    Column("kept", _("Kept until"), sort=Backup.kept_until),
)
KEPT = ("q", "state", "sort", "page", "per_page")
LONGEST_SEARCH = 120


@admin.get("/backups/")
@needs("platform_admin")
def all_backups():
    """The list of all backups, the newest first, with what is wrong above it."""
    found = _found()
    listing = _listing(found)
    tabs = _tabs(listing, found)
    facts = {"failed": failed_tests(), "on_disk": on_disk(), "free": _free()}
    return page("admin/all_backups.html", listing=listing, tabs=tabs, state=_state(), filtered=bool(_q() or _state()),
                may_download=may("superuser"), **facts)  # fmt: skip


def _q() -> str:
    return request.args.get("q", "").strip()[:LONGEST_SEARCH]


def _state() -> str | None:
    wanted = request.args.get("state")
    return wanted if wanted in LOOKS else None


def _found() -> sa.Select:
    """What the search leaves of the backups that are there."""
    query = sa.select(Backup).join(Backup.tenant).where(Backup.state != "removed")
    for word in _q().lower().split():
        query = query.where(
            Tenant.name.icontains(word, autoescape=True) | Tenant.subdomain.contains(word, autoescape=True)
        )
    return query


def _listing(found: sa.Select) -> Listing:
    query = found.where(Backup.state == _state()) if _state() else found
    return Listing(
        query.options(contains_eager(Backup.tenant)),
        COLUMNS,
        (_("backup"), _("backups")),
        default_sort="-made",
        tie=Backup.id.desc(),
        kept=KEPT,
        q=_q(),
        rows=lambda query: [row_of(backup) for backup in db.session.scalars(query)],
    )


def _tabs(listing: Listing, found: sa.Select) -> list[dict]:
    """One tab for each state with how many backups it holds, and one for all."""
    matching = found.subquery()
    counts = dict(db.session.execute(sa.select(matching.c.state, sa.func.count()).group_by(matching.c.state)).all())
    labels = {None: _("All"), **{state: look.text for state, look in LOOKS.items()}}
    return [
        {
            "label": label,
            "url": listing.url(state=state),
            "current": state == _state(),
            "count": sum(counts.values()) if state is None else counts.get(state, 0),
        }
        for state, label in labels.items()
    ]


def failed_tests() -> list[Backup]:
    """The hospitals whose last test did not end well: the backup that was tested, by the hospital's name."""
    there = Backup.state != "removed"
    latest = sa.select(Backup.tenant_id, sa.func.max(Backup.tested_at)).where(there).group_by(Backup.tenant_id)
    wrong = sa.or_(Backup.state == "damaged", Backup.finding == UNFINISHED)
    last = sa.tuple_(Backup.tenant_id, Backup.tested_at).in_(latest)
    query = sa.select(Backup).join(Backup.tenant).options(contains_eager(Backup.tenant))
    return list(db.session.scalars(query.where(there, wrong, last).order_by(Tenant.name, Tenant.id)))


def on_disk() -> int:
    """How large the databases of all backups are; documents are kept once and counted on each row."""
    return db.session.scalar(sa.select(sa.func.sum(Backup.size)).where(Backup.state != "removed")) or 0


def _free() -> int | None:
    """How much room there is left; None where nothing was kept yet."""
    folder = current_app.extensions["settings"].backups_dir
    return shutil.disk_usage(folder).free if folder.is_dir() else None
