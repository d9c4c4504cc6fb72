"""The boards: the beds by ward, the big screen, the beds to clean, the nightly comparison and the rates."""

from datetime import timedelta

from flask import request, url_for

from modules.rooms import module, words
from modules.rooms.agreement import find_mismatches
from modules.rooms.api import bed_choices
from modules.rooms.board import read_board, read_numbers
from modules.rooms.cleaning import cleaning_list
from modules.rooms.diary import diary_of
from modules.rooms.find import rates
from modules.rooms.house import names_on_board
from modules.rooms.words import BED_STATES
from portal.kit import _, board_page, current_user, day_asked, go, now, page, today
from portal.kit.printing import print_page
from portal.kit.profile import hospital_profile

NAMES = ("initials", "full")
FIRST_PAGES = (("clean", ".cleaning"), ("board_view", ".screen"), ("rate_view", ".rate_index"))


@module.get("/", needs="view | board_view | clean | rate_view")
def index():
    """The bed board; who may not see patients goes on to the page that is for them."""
    if not current_user.may("rooms.view"):
        return go(url_for(next(page for verb, page in FIRST_PAGES if current_user.may(f"rooms.{verb}"))))
    return board_page("rooms/index.html", "rooms/_board.html", **board_asked())


def board_asked() -> dict:
    """The board of the address: all wards or one, with names or initials; else as the hospital sets it."""
    asked = request.args.get("names") if request.args.get("names") in NAMES else None
    full = (asked or NAMES[names_on_board()]) == "full"
    return {"board": read_board(request.args.get("ward", "")), "full": full, "names": asked, "states": BED_STATES}


@module.get("/print", needs="view")
def board_print():
    """The bed board on paper, as it is shown: all wards or one, with names or initials."""
    shown = board_asked()
    back = url_for(".index", ward=shown["board"].current or None, names=shown["names"])
    told = {"title": _("Bed list"), "number": today().isoformat(), "back": back}
    return print_page("rooms/print_board.html", hospital_profile(), **shown, **told)


@module.get("/screen", needs="board_view")
def screen():
    """How many beds are free, for a screen on the wall: no patient is shown."""
    return board_page("rooms/screen.html", "rooms/_screen.html", board=read_numbers(), states=BED_STATES)


@module.get("/cleaning", needs="clean")
def cleaning():
    """The beds that wait to be cleaned, the longest first: no patient is shown."""
    return board_page("rooms/cleaning.html", "rooms/_cleaning.html", listing=cleaning_list(), at=now())


@module.get("/diary", needs="view")
def diary():
    """When theatres, consulting rooms and rooms of devices are booked on a day."""
    day = day_asked()
    beside = {"before": day - timedelta(days=1), "after": day + timedelta(days=1)}
    return page("rooms/diary.html", rows=diary_of(day), day=day, words=words, **beside)


@module.get("/check", needs="change")
def check():
    """The beds whose state disagrees with who has them."""
    found = find_mismatches()
    return page("rooms/check.html", found=found, places=bed_choices(bed for bed, _wrong in found), states=BED_STATES)


@module.get("/rates", needs="rate_view")
def rate_index():
    """What a night in each ward costs."""
    return page("rooms/rates.html", rows=rates())
