"""The day: doctors as columns."""

from modules.appointments import module
from portal.kit import page


@module.get("/", needs="view | view_own")
def index():
    """The day."""
    return page("appointments/index.html")
