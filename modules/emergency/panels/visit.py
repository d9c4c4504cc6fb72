"""The tabs of a visit: what was done, and every state it went through."""

from modules.doctors.api import get_doctor
from modules.emergency import module, words
from modules.emergency.find import notes_of, place_of
from modules.emergency.forms.care import NoteForm
from modules.emergency.models import Visit
from modules.emergency.nursing import nurse_names
from modules.emergency.triaging import triages_of
from modules.emergency.waits import read_targets, wait_of
from portal.kit import _, current_user, fragment, life_of


@module.tab(Visit, "care", _("Care"), needs="view", order=0)
def care(visit: Visit) -> str:
    """What is known, how urgent it was judged, what was noted."""
    triages = triages_of(visit)
    kept = {"triages": triages, "nurses": nurse_names({one.triaged_by for one in triages}), "written": notes_of(visit)}
    kept |= {"doctor": get_doctor(visit.doctor_id), "bay": place_of(visit), "wait": wait_of(visit, read_targets())}
    form = NoteForm(formdata=None) if current_user.may("emergency.change") else None
    return fragment("emergency/_care.html", visit=visit, form=form, words=words, **kept)


@module.tab(Visit, "life", _("History"), needs="view", order=90)
def life(visit: Visit) -> str:
    """Every state of the visit: when, and who brought it there."""
    return fragment("emergency/_life.html", visit=visit, steps=reversed(life_of(visit)), states=words.STATES)
