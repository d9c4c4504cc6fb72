"""The tabs of a visit: where it stands, the note, what was prescribed, and what it costs."""

from modules.doctors.api import find_own, prescriptions_of
from modules.opd import module, words
from modules.opd.fees import fee_of, window_before, window_opened_by
from modules.opd.find import SEES
from modules.opd.forms.consult import DIAGNOSIS_KINDS
from modules.opd.models import Visit
from modules.patients.api import diagnoses_of
from portal.kit import _, current_hospital, fragment, life_of


@module.tab(Visit, "summary", _("Visit"), needs=SEES, order=0)
def summary(visit: Visit) -> str:
    """Where the visit stands, and what happened when."""
    return fragment("opd/_visit.html", visit=visit, words=words, life=life_of(visit))


@module.tab(Visit, "consultation", _("Note"), needs="view | view_own", order=10)
def note(visit: Visit) -> str:
    """What the doctor wrote and found, with the addenda."""
    own = find_own()
    found = {"diagnoses": diagnoses_of(visit.encounter_id), "kinds": DIAGNOSIS_KINDS}
    is_mine = own is not None and own.id == visit.doctor_id
    return fragment("opd/_note_tab.html", visit=visit, note=visit.consultation, is_mine=is_mine, words=words, **found)


@module.tab(Visit, "prescriptions", _("Prescriptions"), needs="view | view_own | prescription_view", order=20)
def prescribed(visit: Visit) -> str:
    """What was prescribed at the visit."""
    return fragment("opd/_prescribed.html", prescriptions=prescriptions_of(visit.encounter_id), is_open=False)


@module.tab(Visit, "fee", _("Fee"), needs="charge_view", order=30)
def fee(visit: Visit) -> str:
    """Whether the visit is paid for, or covered by the fee of one before (OPD-8)."""
    own = window_opened_by(visit)
    amount = f"{current_hospital().currency} {fee_of(visit):,.2f}"
    return fragment("opd/_fee.html", visit=visit, own=own, window=own or window_before(visit), amount=amount)
