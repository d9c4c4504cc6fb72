"""The visits: their list, and one of them with what happened."""

from flask import request, url_for

from modules.appointments.api import booking_url
from modules.doctors.api import ask_why_or_403
from modules.opd import module, words
from modules.opd.find import FILTERS, SEES, count_visits, may_see, visit_list
from modules.opd.models import Visit
from portal.kit import current_user, filters_in_url, get_or_404, page, record_page


@module.search("/visits/", needs=SEES)
def visit_index():
    """The visits, the latest first; doctors see their own, others what they have to do with."""
    elsewhere = filters_in_url(FILTERS)
    if elsewhere:
        return elsewhere
    q = request.form.get("q", "").strip()
    return page("opd/visits.html", listing=visit_list(request.args, q), q=q, count=count_visits, words=words)


@module.get("/visits/<int:record_id>", needs=SEES)
@module.get("/visits/<int:record_id>/<tab>", needs=SEES)
def visit(record_id: int, tab: str | None = None):
    """One visit: the number, the doctor, what was found, and what can be done."""
    return record_page("opd/visit.html", seen_or_403(record_id), tab, words=words, booking_url=booking_url)


def seen_or_403(record_id: int) -> Visit:
    """The visit, for somebody who sees it; a doctor of other patients is asked for a reason first (DOC-6)."""
    one = get_or_404(Visit, record_id)
    if not may_see(one):
        ask_why_or_403(one.patient_id)
    return one


@module.moves(Visit, "/visits", start=None, await_results=None, resume=None, complete=None)
def after_visit(visit: Visit) -> str:
    """Back to the visit, or to the queues for those who only work there."""
    is_closed = not current_user.may(" | ".join(f"opd.{verb}" for verb in SEES.split(" | ")))
    return url_for("opd.index") if is_closed else url_for("opd.visit", record_id=visit.id)
