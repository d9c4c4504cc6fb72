"""The pages of a visit: registering who came, the visit itself, and every step of care."""

from flask import flash, request, url_for

from modules.emergency import module, words
from modules.emergency.find import get_visit_or_404
from modules.emergency.forms.arrival import ArrivalForm, VisitForm
from modules.emergency.forms.care import BayForm, DeathForm, DispositionForm, NoteForm, SeeForm, TriageForm
from modules.emergency.models import Note, Triage, Visit
from modules.emergency.triaging import triages_of
from modules.nurses.api import find_own_nurse
from modules.rooms.api import BedAllocation
from portal.kit import _, current_user, edit_page, form_page, get_or_404, go, once, record_page, saved
from portal.kit.forms import id_or_none

SEES = "view | order_view_own | charge_view"


@module.form("/new", needs="add")
def new():
    """Register who came; the same form sent twice leads to the same visit."""
    form = ArrivalForm(data={"patient_id": id_or_none(request.args.get("patient"))})
    visit = once(form, Visit, form.save)
    if visit is None:
        return form_page("emergency/new.html", form)
    flash(_("{name} is registered as {number}.", name=visit.patient, number=visit.number), "success")
    return go(url_for(".index"))


@module.get("/visits/<int:record_id>", needs=SEES)
@module.get("/visits/<int:record_id>/<tab>", needs=SEES)
def show(record_id: int, tab: str | None = None):
    """One visit: who it is, how urgent, what was done, what comes next."""
    visit = get_visit_or_404(record_id)
    return record_page("emergency/visit.html", visit, tab, patient=visit.patient, words=words)


@module.form("/visits/<int:record_id>/edit", needs="change")
def edit(record_id: int):
    """Correct why and how the patient came."""
    visit = get_or_404(Visit, record_id)
    return edit_page("emergency/edit.html", VisitForm(obj=visit), visit, url_for(".show", record_id=visit.id))


@module.form("/visits/<int:record_id>/triage", needs="triage")
def triage(record_id: int):
    """Judge how urgent it is, or judge it again."""
    visit = get_or_404(Visit, record_id)
    form = TriageForm()
    if once(form, Triage, lambda: form.save(visit)) is None:
        more = {"patient": visit.patient, "before": triages_of(visit), "nurse": find_own_nurse()}
        more["suggestion"] = form.suggestion(visit)
        return form_page("emergency/triage.html", form, visit=visit, words=words, **more)
    flash(_("{visit} is level {level}.", visit=visit.patient, level=visit.triage_level), "success")
    return go(url_for(".index"))


@module.form("/visits/<int:record_id>/bay", needs="bay_change")
def bay(record_id: int):
    """Put the patient into a bay, or move them to another."""
    visit = get_or_404(Visit, record_id)
    form = BayForm()
    if once(form, BedAllocation, lambda: form.save(visit)) is None:
        return form_page("emergency/bay.html", form, visit=visit, patient=visit.patient)
    flash(_("{name} has the bay now.", name=visit.patient), "success")
    return go(url_for(".bays"))


@module.form("/visits/<int:record_id>/notes/new", needs="change")
def note_new(record_id: int):
    """Write a note about the visit."""
    visit = get_or_404(Visit, record_id)
    form = NoteForm()
    if once(form, Note, lambda: form.save(visit)) is None:
        return form_page("emergency/note.html", form, visit=visit, patient=visit.patient)
    return go(url_for(".show", record_id=visit.id))


@module.form("/visits/<int:record_id>/disposition", needs="disposition")
def disposition(record_id: int):
    """Decide what becomes of the patient (ER-7, ER-8)."""
    visit = get_or_404(Visit, record_id)
    form = DispositionForm(data={"note": visit.note or ""})
    if saved(form, lambda: form.save(visit)) is None:
        return form_page("emergency/disposition.html", form, visit=visit, patient=visit.patient)
    flash(_("{name}: {words}.", name=visit.patient, words=words.DISPOSITIONS[visit.disposition]), "success")
    return go(after(visit))


@module.form("/visits/<int:record_id>/death", needs="disposition")
def death(record_id: int):
    """Record that the patient has died (ER-9)."""
    visit = get_or_404(Visit, record_id)
    form = DeathForm()
    if saved(form, lambda: form.save(visit)) is None:
        return form_page("emergency/death.html", form, visit=visit, patient=visit.patient)
    flash(_("The death of {name} is recorded.", name=visit.patient), "success")
    return go(after(visit))


@module.moves(Visit, "/visits", see=SeeForm, **dict.fromkeys(("triage", "await_bed", "depart", "record_death")))
def after(visit: Visit) -> str:
    """Back to the visit, or to the board for those who may not open it."""
    return (
        url_for("emergency.show", record_id=visit.id)
        if current_user.may("emergency.view")
        else url_for("emergency.index")
    )
