"""The list of emergency visits, and what is printed of one."""

from flask import request, url_for

from modules.doctors.api import get_doctor, prescriptions_of
from modules.emergency import module, words
from modules.emergency.bays import free_bay
from modules.emergency.find import FILTERS, count_visits, filtered, listed, notes_of, place_of, searched
from modules.emergency.models import Visit
from modules.emergency.triaging import triages_of
from modules.emergency.waits import read_targets, wait_of
from modules.nurses.api import news2_badge
from modules.patients.api import Patient
from portal.kit import Column, Found, Listing, _, db, filters_in_url, get_or_404, go, life_of, page
from portal.kit.csv_export import csv_file
from portal.kit.printing import print_page

columns = (
    Column("number", _("Number"), sort=Visit.number, value=lambda row: row.Visit.number),
    Column("patient", _("Patient"), sort=Patient.name_search, value=lambda row: row.Patient.full_name),
    Column("complaint", _("Why"), value=lambda row: row.Visit.complaint),
    Column("level", _("Level"), sort=Visit.triage_level, value=lambda row: row.Visit.triage_level),
    Column("arrived", _("Arrived"), sort=Visit.arrived_at, value=lambda row: row.Visit.arrived_at),
    Column("waited", _("Waited, min"), value=lambda row: wait_of(row.Visit, {}).minutes, numeric=True),
    Column("status", _("Status"), sort=Visit.status, value=lambda row: words.STATES[row.Visit.status][2]),
)


@module.search("/visits/", needs="view | order_view_own | charge_view")
def visits():
    """The visits; what is searched for is posted, so that no address holds a name (D16)."""
    elsewhere = filters_in_url(FILTERS)
    if elsewhere:
        return elsewhere
    targets = read_targets()
    more = {"count": count_visits, "wait": lambda visit: wait_of(visit, targets)}
    return page("emergency/visits.html", listing=visit_list(), words=words, **more)


def visit_list() -> Listing:
    """The list with the filters of the address, or what is found in it."""
    q = request.form.get("q", "").strip()
    return (Found if q else Listing)(
        query=searched(filtered(listed(), request.args), q),
        columns=columns,
        noun=(_("visit"), _("visits")),
        default_sort="-arrived",
        tie=Visit.id.desc(),
        kept=(*FILTERS, "sort", "page", "per_page"),
        rows=db.session.execute,
        q=q,
    )


@module.search("/visits/export", needs="view")
def export():
    """The visits of the list as a file for a spreadsheet."""
    return csv_file(visit_list(), "emergency-visits")


@module.post("/visits/<int:record_id>/bay/free", needs="bay_change")
def bay_free(record_id: int):
    """The bay of somebody whose visit is over is empty now (ER-8)."""
    visit = get_or_404(Visit, record_id)
    if not visit.is_open:
        free_bay(visit)
    return go(url_for(".bays"))


@module.get("/visits/<int:record_id>/summary", needs="view")
def summary(record_id: int):
    """The emergency summary for the patient and the next doctor."""
    visit = get_or_404(Visit, record_id)
    return printed("emergency/print_summary.html", visit, _("Emergency summary"), visit.number)


@module.get("/visits/<int:record_id>/medico-legal", needs="view")
def medico_legal(record_id: int):
    """The form for the police, of a medico-legal case."""
    visit = get_or_404(Visit, record_id)
    if not visit.mlc_no:
        return go(url_for(".show", record_id=visit.id))
    return printed("emergency/print_medico_legal.html", visit, _("Medico-legal form"), visit.mlc_no)


def printed(template: str, visit: Visit, title: str, number: str):
    """The page that prints something of a visit."""
    kept = {"triages": triages_of(visit), "written": notes_of(visit), "badge_of": news2_badge}
    kept |= {"doctor": get_doctor(visit.doctor_id), "wait": wait_of(visit, read_targets()), "place": place_of(visit)}
    drugs = [one for one in prescriptions_of(visit.encounter_id) if one.status != "draft"]
    back = url_for(".show", record_id=visit.id)
    kept |= {"patient": visit.patient, "prescriptions": drugs, "steps": life_of(visit), "words": words}
    return print_page(template, visit, title=title, number=number, back=back, **kept)
