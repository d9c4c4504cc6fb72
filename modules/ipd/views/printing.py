"""What is printed of inpatients: the census of the wards, and the summary that goes home with the patient."""

from itertools import groupby

import sqlalchemy as sa
from flask import abort, url_for

from modules.doctors.api import prescriptions_of
from modules.ipd import module, words
from modules.ipd.checklist import names_of, summary_of
from modules.ipd.models.admission import IN_BED, Admission
from modules.ipd.reach import own_only, read_or_404
from modules.ipd.stays import read_stays, stays
from modules.ipd.views.lists import SEES
from modules.patients.api import Allergy
from modules.rooms.api import Bed, Ward
from portal.kit import HospitalProfile, _, db, today
from portal.kit.printing import print_page


@module.get("/census", needs=SEES)
def census():
    """The inpatients by ward and bed, as they are counted at midnight."""
    rows = read_stays(stays(Admission.status.in_(IN_BED), own_only()).order_by(Ward.name, Bed.code, Admission.id))
    by_ward = [(ward, list(some)) for ward, some in groupby(rows, key=lambda one: one.ward)]
    profile = db.session.get_one(HospitalProfile, 1)
    told = {"title": _("Ward census"), "number": today().isoformat(), "back": url_for(".index")}
    return print_page("ipd/print_census.html", profile, by_ward=by_ward, rows=rows, words=words, **told)


@module.get("/<int:record_id>/summary/print", needs=SEES)
def summary_print(record_id: int):
    """The signed summary; a draft is none yet."""
    admission = read_or_404(record_id)
    record = summary_of(admission)
    if record is None or not record.is_signed:
        abort(404)
    told = {"title": _("Discharge summary"), "number": admission.number, "words": words}
    told |= {"back": url_for(".summary", record_id=record_id), "names": names_of([record.signed_by])}
    return print_page("ipd/print_summary.html", record, admission=admission, **takes_home(admission), **told)


def takes_home(admission: Admission) -> dict:
    """The patient, the medicines to take at home, and the allergies."""
    written = prescriptions_of(admission.encounter_id)
    taken = [one for one in written if one.kind == "discharge" and one.status not in ("draft", "cancelled")]
    harmful = sa.select(Allergy).where(Allergy.active_of(admission.patient)).order_by(Allergy.substance)
    return {"patient": admission.patient, "prescriptions": taken, "allergies": db.session.scalars(harmful).all()}
