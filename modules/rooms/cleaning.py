"""The beds that wait to be cleaned, the longest first."""

import sqlalchemy as sa

from modules.rooms.board import open_beds
from modules.rooms.models import Bed
from portal.kit import Column, Listing, _, db
from portal.kit.models import StatusLog

LEFT = sa.and_(
    StatusLog.content_type == Bed.__tablename__, StatusLog.object_id == Bed.id, StatusLog.to_status == "cleaning"
)
since = sa.select(sa.func.max(StatusLog.at)).where(LEFT).correlate(Bed).scalar_subquery()
columns = (Column("bed", _("Bed"), sort=Bed.code), Column("since", _("Since"), sort=since))


def to_clean() -> sa.Select:
    """The beds that wait to be cleaned, each with its room and ward, and since when it waits."""
    return open_beds().where(Bed.status == "cleaning").add_columns(since.label("since")).order_by(None)


def count_to_clean() -> int:
    """How many beds wait to be cleaned."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(to_clean().subquery()))


def cleaning_list() -> Listing:
    """The list of the page; no patient is in it."""
    return Listing(
        query=to_clean(),
        columns=columns,
        noun=(_("bed"), _("beds")),
        default_sort="since",
        tie=Bed.id,
        default_per_page=100,
        kept=("page", "per_page"),
        rows=db.session.execute,
    )
