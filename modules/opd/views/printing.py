"""What is printed of a visit: the slip with the number, the summary for the patient, and a sick note."""

from datetime import date, timedelta

from flask import abort, request, url_for

from modules.doctors.api import prescriptions_of
from modules.opd import module, words
from modules.opd.models import Visit
from modules.opd.views.visits import seen_or_403
from modules.patients.api import diagnoses_of
from portal.kit import _, current_hospital, get_or_404, page
from portal.kit.forms import id_or_none
from portal.kit.printing import print_page

LONGEST_REST = 30
USUAL_REST = 3


@module.get("/visits/<int:record_id>/print/slip", needs="token_add")
def print_slip(record_id: int):
    """The slip with the number that the patient waits with."""
    visit = get_or_404(Visit, record_id)
    if visit.token is None:
        abort(404)
    about = {"title": _("Number"), "number": visit.token.label, "back": url_for(".index")}
    return print_page("opd/print_slip.html", visit, words=words, **about)


@module.get("/visits/<int:record_id>/print/summary", needs="view | view_own")
def print_summary(record_id: int):
    """What the patient takes home: what was found, prescribed and advised."""
    visit = signed_or_404(record_id)
    about = {"title": _("Visit summary"), "number": visit.number, "back": url_for(".visit", record_id=record_id)}
    given = [one for one in prescriptions_of(visit.encounter_id) if one.status != "draft"]
    rows = {"diagnoses": diagnoses_of(visit.encounter_id), "prescriptions": given}
    return print_page("opd/print_summary.html", visit, words=words, **about, **rows)


@module.get("/visits/<int:record_id>/sick-note", needs="consult")
def sick_note(record_id: int):
    """Ask for how many days the patient cannot work, then print it."""
    visit = signed_or_404(record_id)
    return page("opd/sick_note.html", visit=visit, usual=USUAL_REST, longest=LONGEST_REST, first=first_day(visit))


@module.get("/visits/<int:record_id>/print/sick-note", needs="consult")
def print_sick_note(record_id: int):
    """The note that says from when to when the patient cannot work; it names no diagnosis."""
    visit = signed_or_404(record_id)
    days = min(max(1, id_or_none(request.args.get("days")) or USUAL_REST), LONGEST_REST)
    first = first_day(visit)
    about = {"title": _("Sick note"), "number": visit.number, "back": url_for(".visit", record_id=record_id)}
    return print_page("opd/print_sick_note.html", visit, first=first, last=first + timedelta(days=days - 1), **about)


def first_day(visit: Visit) -> date:
    """The day of the visit, in the hospital's zone."""
    return visit.arrived_at.astimezone(current_hospital().zone).date()


def signed_or_404(record_id: int) -> Visit:
    """The visit whose consultation is signed, for somebody who sees it."""
    visit = seen_or_403(record_id)
    if visit.consultation is None or visit.consultation.status == "draft":
        abort(404)
    return visit
