"""The pages of an estimate: what a stay is expected to cost, and how it prints. All of it stands in the address."""

from itertools import zip_longest

from flask import request, url_for

from modules.ipd import module, words
from modules.ipd.estimating import MOST_NIGHTS, MOST_OF_ONE, USUAL_NIGHTS, estimate, service_choices
from modules.ipd.models import Admission
from modules.ipd.reach import read_or_404
from modules.rooms.api import Ward, bed_of, ward_of, wards
from portal.kit import _, page
from portal.kit.forms import id_or_none
from portal.kit.printing import print_page

NEEDS = "view | view_own | register | clear_billing"
BLANK_ROWS = 2
FIELDS = ("ward", "nights", "service", "quantity")


@module.get("/<int:record_id>/estimate", needs=NEEDS)
def stay_estimate(record_id: int):
    """What a stay is expected to cost, with what is planned."""
    admission = read_or_404(record_id)
    asked = asked_for(admission)
    rows = [*asked["extra"], *[(None, 1)] * BLANK_ROWS]
    shown = {"rows": rows, "wards": wards(), "services": service_choices(), "most": MOST_NIGHTS, "most_of": MOST_OF_ONE}
    shown |= {"patient": admission.patient, "words": words, "as_asked": as_asked()}
    return page("ipd/estimate.html", admission=admission, **asked, **shown)


def as_asked() -> dict[str, list[str]]:
    """What the address asks for, to be asked again on another page."""
    return {name: request.args.getlist(name) for name in FIELDS}


def asked_for(admission: Admission) -> dict:
    """What the address asks for, and what that costs; what it leaves open is as the admission says."""
    ward = ward_asked(admission)
    nights = between(request.args.get("nights"), MOST_NIGHTS) or admission.expected_days or USUAL_NIGHTS
    extra = extra_asked()
    return {"ward": ward, "nights": nights, "extra": extra, "sums": estimate(admission, ward, nights, extra)}


def ward_asked(admission: Admission) -> Ward | None:
    """The ward of the address; else where the patient lies, or is wanted."""
    bed = bed_of(admission.patient_id) if admission.is_in_bed else None
    wanted = id_or_none(request.args.get("ward")) or (ward_of(bed) if bed else admission.ward_wanted_id)
    return next((ward for ward in wards() if ward.id == wanted), None)


def extra_asked() -> list[tuple[int, int]]:
    """The services of the address, each with how many."""
    pairs = zip_longest(request.args.getlist("service"), request.args.getlist("quantity"))
    asked = [(id_or_none(service), between(quantity, MOST_OF_ONE) or 1) for service, quantity in pairs]
    return [(service, quantity) for service, quantity in asked if service]


def between(text: str | None, most: int) -> int:
    """The number that was typed, as far as it goes; 0 where it is none."""
    return min(id_or_none(text) or 0, most)


@module.get("/<int:record_id>/estimate/print", needs=NEEDS)
def estimate_print(record_id: int):
    """The estimate on paper, for the patient."""
    admission = read_or_404(record_id)
    back = url_for(".stay_estimate", record_id=record_id, **as_asked())
    told = {"title": _("Estimate"), "number": admission.number, "back": back, "patient": admission.patient}
    return print_page("ipd/print_estimate.html", admission, admission=admission, **asked_for(admission), **told)
