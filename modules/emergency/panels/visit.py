"""The tabs of a visit: what was done, and every state it went through."""

from modules.doctors.api import get_doctor
from modules.emergency import module, words
from modules.emergency.find import charges_of, notes_of, orders_of, place_of
from modules.emergency.forms.care import NoteForm
from modules.emergency.models import Visit
from modules.emergency.triaging import triages_of
from modules.emergency.waits import read_targets, wait_of
from modules.ipd.api import open_admission_of
from modules.nurses.api import news2_badge
from portal.kit import _, current_user, fragment, life_of


@module.tab(Visit, "care", _("Care"), needs="view", order=0)
def care(visit: Visit) -> str:
    """What is known, how urgent it was judged, what was noted."""
    kept = {"triages": triages_of(visit), "written": notes_of(visit), "badge_of": news2_badge}
    kept |= {"doctor": get_doctor(visit.doctor_id), "bay": place_of(visit), "wait": wait_of(visit, read_targets())}
    kept["admission"] = open_admission_of(visit.patient_id) if visit.status == "awaiting_bed" else None
    form = NoteForm(formdata=None) if current_user.may("emergency.change") else None
    return fragment("emergency/_care.html", visit=visit, form=form, words=words, **kept)


@module.tab(Visit, "orders", _("Orders"), needs="view | order_view_own", order=20)
def orders(visit: Visit) -> str:
    """What was ordered from the laboratory and from radiology."""
    return fragment("emergency/_orders.html", visit=visit, rows=orders_of(visit))


@module.tab(Visit, "charges", _("Charges"), needs="charge_view", order=30)
def charges(visit: Visit) -> str:
    """What the visit costs so far."""
    return fragment("emergency/_charges.html", visit=visit, rows=charges_of(visit))


@module.tab(Visit, "life", _("History"), needs="view", order=90)
def life(visit: Visit) -> str:
    """Every state of the visit: when, and who brought it there."""
    return fragment("emergency/_life.html", visit=visit, steps=reversed(life_of(visit)), states=words.STATES)
