"""The pages of repairs: what is broken, what is being repaired, what was done."""

import sqlalchemy as sa
from flask import flash, request, url_for

from modules.rooms import module, words
from modules.rooms.api import bed_choices
from modules.rooms.find import repairs
from modules.rooms.forms import NewRepairForm
from modules.rooms.models import Bed, Maintenance
from portal.kit import Column, Listing, _, db, form_page, go, once, page

columns = (
    Column("place", _("Place")),
    Column("reason", _("What is broken")),
    Column("from", _("Since"), sort=Maintenance.from_at),
    Column("to", _("Until"), sort=Maintenance.to_at),
    Column("by", _("Reported by")),
    Column("status", _("Status"), sort=Maintenance.status),
)


@module.get("/maintenance/", needs="view")
def maintenance_index():
    """The repairs, those that go on first."""
    return page("rooms/maintenance.html", listing=repair_list(), words=words, count=count_repairs)


def repair_list() -> Listing:
    """The repairs with the filter of the address."""
    return Listing(
        query=repairs(request.args),
        columns=columns,
        noun=(_("repair"), _("repairs")),
        default_sort="-from",
        tie=Maintenance.id.desc(),
        kept=("status", "sort", "page", "per_page"),
        rows=db.session.execute,
    )


def count_repairs(**filters: str) -> int:
    """How many repairs the list shows with these filters."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(repairs(filters).subquery()))


@module.form("/maintenance/new", needs="change")
def maintenance_new():
    """Report what is broken."""
    beds = db.session.scalars(sa.select(Bed).where(Bed.is_active).order_by(Bed.code))
    form = NewRepairForm(beds=bed_choices(beds), data={"bed_id": request.args.get("bed", type=int)})
    repair = once(form, Maintenance, form.save)
    if repair is None:
        return form_page("rooms/maintenance_form.html", form)
    flash(_("{repair} is reported.", repair=repair), "success")
    return go(url_for(".maintenance_index"))


@module.moves(Maintenance, "/maintenance")
def after_maintenance_move(repair: Maintenance) -> str:
    """Back to the repairs."""
    return url_for("rooms.maintenance_index")
