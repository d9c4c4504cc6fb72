"""The first page: a greeting, and what the person may see of the hospital in numbers."""

from modules.dashboard import module
from modules.dashboard.tiles import DEPARTMENTS, LATEST, TILES, show
from portal.kit import _, current_hospital, now, page

LATEST_SHOWN = 6


@module.get("/", needs="view")
def index():
    """The hospital in numbers, each opening its list."""
    tiles = [shown for tile in TILES if (shown := show(tile, **tile.filters))]
    parts = {"latest": show(LATEST, LATEST_SHOWN), "departments": show(DEPARTMENTS)}
    local = now().astimezone(current_hospital().zone)
    return page("dashboard/index.html", greeting=greeting(local.hour), local=local, tiles=tiles, **parts)


def greeting(hour: int) -> str:
    """What to say at this hour of the hospital's day."""
    if hour < 12:
        return _("Good morning")
    return _("Good afternoon") if hour < 18 else _("Good evening")
