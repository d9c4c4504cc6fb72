"""The lists of inpatients: the ward round, who is about to leave, and the way in for those who see neither."""

import sqlalchemy as sa
from flask import request, url_for

from modules.ipd import module, words
from modules.ipd.checklist import ICONS
from modules.ipd.find import FILTERS, count_stays, count_waiting, filtered, ordered, searched
from modules.ipd.models import Admission, Clearance
from modules.ipd.reach import own_only
from modules.ipd.stays import Stay, read_stays, stays
from modules.patients.api import Patient
from modules.rooms.api import Bed, wards
from portal.kit import Column, Found, Listing, _, board_page, current_user, db, filters_in_url, go, now, page

SEES = "view | view_own"
QUEUES = "view | view_own | bed_assign | register"
CLEARS = "clear_pharmacy | clear_laboratory | clear_billing | clear_nursing | clear_medical"
LEAVES = f"view | view_own | {CLEARS} | waive_clearance | confirm_departure"
columns = (
    Column("bed", _("Bed"), sort=Bed.code),
    Column("patient", _("Patient"), sort=Patient.name_search),
    Column("reason", _("Diagnosis")),
    Column("doctor", _("Doctor in charge")),
    Column("admitted", _("Admitted"), sort=Admission.admitted_at),
    Column("leaves", _("Leaves"), sort=Admission.expected_discharge_on),
    Column("status", _("Status"), sort=Admission.status),
)


@module.search("/", needs=f"{QUEUES} | {CLEARS}")
def index():
    """Who stays here, by ward and bed; who may not see that goes on to the page that is for them."""
    if not current_user.may(f"ipd.{SEES.replace(' | ', ' | ipd.')}"):
        may_queue = current_user.may("ipd.bed_assign | ipd.register")
        return go(url_for(".request_index" if may_queue else ".leaving_index"))
    shown = {"listing": stay_list(), "wards": wards(), "count": count_stays, "waiting": count_waiting()}
    return filters_in_url(FILTERS) or page("ipd/index.html", words=words, **shown)


def stay_list() -> Listing:
    """The list with the search that was posted and the filters of the address."""
    q = request.form.get("q", "").strip() if request.method == "POST" else ""
    kind = Found if q else Listing
    return kind(
        query=searched(filtered(stays(own_only()), request.args), q),
        columns=columns,
        noun=(_("inpatient"), _("inpatients")),
        default_sort="bed",
        tie=Admission.id,
        kept=(*FILTERS, "sort", "page", "per_page"),
        q=q,
        rows=read_stays,
    )


@module.get("/leaving", needs=LEAVES)
def leaving_index():
    """Who may go home as soon as everybody agrees, and who has not agreed yet."""
    rows = ordered()
    told = {"rows": rows, "pending": pending_of(rows), "icons": ICONS, "at": now()}
    return board_page("ipd/leaving.html", "ipd/_leaving.html", waiting=count_waiting(), **told)


def pending_of(rows: list[Stay]) -> dict[int, list[Clearance]]:
    """The clearances that are not given yet, by admission."""
    ids = [one.admission.id for one in rows]
    query = sa.select(Clearance).where(Clearance.admission_id.in_(ids), Clearance.status == "pending")
    found: dict[int, list[Clearance]] = {}
    for row in db.session.scalars(query.order_by(Clearance.id)):
        found.setdefault(row.admission_id, []).append(row)
    return found
