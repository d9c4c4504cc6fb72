"""The worklist of a ward: every bed with what is due there."""

from flask import request, url_for

from modules.nurses import module
from modules.nurses.find import ward_choices
from modules.nurses.worklist import read_worklist
from portal.kit import board_page


@module.get("/", needs="view | view_own | dose_view")
def index():
    """The worklist of the wards that the person at work cares for, bed by bed."""
    work = read_worklist(ward_choices(), request.args.get("ward", ""), request.args.get("show", ""))
    here = url_for(".index", ward=work.current or None, show=work.only or None)
    return board_page("nurses/index.html", "nurses/_worklist.html", work=work, here=here)
