"""What is printed of a member of staff: the badge."""

from flask import abort, url_for

from modules.staff import module
from modules.staff.find import find_visible
from portal.kit import _
from portal.kit.printing import print_page


@module.get("/<int:record_id>/print/badge", needs="detail_view")
def print_badge(record_id: int):
    """The badge that somebody who works here wears; nobody who has left gets one."""
    member = find_visible(record_id)
    if member is None or member.status == "left":
        abort(404)
    back = url_for(".show", record_id=member.id)
    return print_page("staff/print_badge.html", member, title=_("Badge"), number=member.employee_no, back=back)
