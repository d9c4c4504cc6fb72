"""What the dashboard shows of the portal's own work."""

import sqlalchemy as sa

from modules.core import module
from modules.core.failures import failed
from portal.kit import _, db


@module.tile(
    "failures",
    _("Failed events"),
    "alert-triangle",
    needs="event_view",
    opens="event_index",
    roles="hospital_admin",
    order=90,
)
def failed_events() -> int:
    """What could not be done after something happened."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(failed().subquery()))
