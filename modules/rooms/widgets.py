"""What the dashboard shows of beds."""

import sqlalchemy as sa

from modules.rooms import module
from modules.rooms.api import free_query
from modules.rooms.board import read_numbers
from modules.rooms.cleaning import count_to_clean
from modules.rooms.models import Maintenance
from modules.rooms.occupancy import occupancy_by_day
from portal.kit import _, db, fragment
from portal.kit.charts import Series, bar_chart

ALLOCATING = "hospital_admin nurse receptionist"


@module.tile("free", _("Free beds"), "bed", needs="view", opens="find", roles="receptionist")
def free_bed_count(**_filters: str) -> int:
    """The beds that can be given to somebody now."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(free_query().subquery()))


@module.tile("cleaning", _("Beds to clean"), "wash", needs="clean", opens="cleaning", roles="nurse staff", order=60)
def to_clean_count(**_filters: str) -> int:
    """The beds that wait to be cleaned."""
    return count_to_clean()


@module.tile(
    "repairs", _("Being repaired"), "tool", needs="view", opens="maintenance_index", status="in_progress",
)  # fmt: skip
def repair_count(status: str) -> int:
    """The beds and rooms that are being repaired."""
    return db.session.scalar(sa.select(sa.func.count(Maintenance.id)).where(Maintenance.status == status))


@module.widget("wards", _("Beds by ward"), needs="view", roles=ALLOCATING, order=15)
def beds_by_ward() -> str:
    """How full each ward is now."""
    return fragment("rooms/_by_ward.html", sections=read_numbers().wards)


@module.widget("occupancy", _("Bed occupancy, last 14 days"), needs="view", roles="hospital_admin", order=35)
def occupancy() -> str:
    """How full the wards were on each day."""
    shares = occupancy_by_day()
    labels = [f"{day.day} {day:%b}" for day in shares]
    chart = bar_chart(labels, [Series(_("Occupied"), shares.values())], "%")
    return fragment("rooms/_occupancy.html", chart=chart)
