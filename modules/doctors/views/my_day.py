"""The page that a doctor begins the day with: fragments that other modules fill."""

from flask import url_for

from modules.doctors import module
from modules.doctors.find import find_own
from portal.kit import _, board_page, filled, now, page


@module.get("/my-day", needs="prescription_view_own | prescription_view")
def my_day():
    """What waits for the doctor who is signed in; modules fill the place `doctors.my_day` with cards."""
    doctor = find_own()
    if doctor is None:
        return page("doctors/nobody.html", title=_("My day"))
    cards = filled("doctors.my_day", doctor)
    words = {"doctor": doctor, "cards": cards, "at": now(), "url": url_for(".my_day")}
    return board_page("doctors/my_day.html", "doctors/_my_day.html", **words)
