"""The doctor's consultation: the history on the left, the note in the middle, diagnoses and prescriptions beside it."""

from collections.abc import Callable

from flask import flash, request, url_for

from modules.doctors.api import Doctor, find_own, prescribe_url, prescriptions_of, refer_url
from modules.opd import module, words
from modules.opd.consulting import begin, conclude, find, refuse_others, wait_for_results
from modules.opd.forms.consult import DIAGNOSIS_KINDS, AddendumForm, DiagnosisForm, FinishForm, NoteForm
from modules.opd.models import Addendum, Consultation, Visit
from modules.opd.past import past_of
from modules.opd.views.visits import seen_or_403
from modules.patients.api import Diagnosis, diagnoses_of
from portal.kit import (
    WrongState,
    _,
    acted,
    current_user,
    db,
    edit_page,
    filled,
    form_page,
    get_or_404,
    go,
    is_htmx,
    now,
    once,
    page,
    saved,
)


@module.post("/visits/<int:record_id>/start", needs="consult")
def start(record_id: int):
    """See the patient, for the first time or again with results."""
    visit, own = get_or_404(Visit, record_id), find_own()
    counter = request.form.get("counter", "")[:20] or room_of(visit, own)
    return done(visit, lambda: begin(visit, own, counter))


def room_of(visit: Visit, doctor: Doctor | None) -> str:
    """The room the queue is called from; the doctor, where it has none."""
    room = visit.token.queue.room if visit.token else None
    return str(room or doctor)[:20]


@module.post("/visits/<int:record_id>/await", needs="consult")
def await_results(record_id: int):
    """Let the patient wait for results, and call the next one."""
    visit = get_or_404(Visit, record_id)
    return done(visit, lambda: wait_for_results(visit, find_own()), "opd.visit")


def done(visit: Visit, work: Callable[[], Visit], then: str = "opd.consult"):
    """On to the page, or back to the visit with the sentence that says why not."""
    return go(url_for(then if acted(work) else "opd.visit", record_id=visit.id))


@module.get("/visits/<int:record_id>/consult", needs="consult")
def consult(record_id: int):
    """The page on which the doctor works while the patient is there."""
    visit = seen_or_403(record_id)
    if visit.consultation is None:
        return go(url_for(".visit", record_id=record_id))
    forms = {"form": NoteForm(formdata=None, obj=visit.consultation), "diagnosis": DiagnosisForm(formdata=None)}
    return page("opd/consult.html", visit=visit, note=visit.consultation, **forms, **beside(visit))


def beside(visit: Visit) -> dict:
    """What stands beside the note: the past, diagnoses, prescriptions, and whether it may be written on."""
    own = find_own()
    return {
        "past": past_of(visit),
        "diagnoses": diagnoses_of(visit.encounter_id),
        "kinds": DIAGNOSIS_KINDS,
        "prescriptions": prescriptions_of(visit.encounter_id),
        "is_mine": own is not None and own.id == visit.doctor_id,
        "cards": filled("opd.beside", visit),
        "prescribe_url": prescribe_url,
        "refer_url": refer_url,
        "words": words,
    }


def note_of(record_id: int) -> Consultation:
    """The note of a visit, for its doctor; raises `Refused` for everybody else."""
    visit = seen_or_403(record_id)
    refuse_others(visit, find_own())
    if visit.consultation is None:
        raise WrongState(_("The consultation has not begun yet."), visit)
    return visit.consultation


@module.form("/visits/<int:record_id>/note", needs="consult")
def note(record_id: int):
    """Keep the note: by itself while somebody writes, or with its button."""
    kept = note_of(record_id)
    form = NoteForm(obj=kept)
    if is_htmx():
        return kept_by_itself(kept, form)
    return edit_page("opd/note.html", form, kept, url_for(".consult", record_id=record_id))


def kept_by_itself(kept: Consultation, form: NoteForm):
    """Whether it was kept, and which version the form goes on from; what is older than that changes nothing (P5)."""
    if form.version.data != str(kept.version):
        return page("opd/_note_state.html", 409, note=kept, form=form, problem="stale")
    if saved(form, lambda: kept.change(**form.answers)) is None:
        return page("opd/_note_state.html", 422, note=kept, form=form, problem="wrong")
    return page("opd/_note_state.html", note=kept, form=NoteForm(formdata=None, obj=kept), at=now())


@module.form("/visits/<int:record_id>/diagnose", needs="consult")
def diagnosis_new(record_id: int):
    """Record a diagnosis."""
    kept, form = note_of(record_id), DiagnosisForm()
    made = once(form, Diagnosis, lambda: find(kept.visit, find_own(), **form.answers))
    if made is None:
        return form_page("opd/diagnosis.html", form, visit=db.session.get(Visit, record_id))
    return go(url_for(".consult", record_id=record_id, _anchor="diagnoses"))


@module.post("/visits/<int:record_id>/diagnoses/<int:diagnosis_id>/remove", needs="consult")
def diagnosis_remove(record_id: int, diagnosis_id: int):
    """Take back a diagnosis while the note is open."""
    kept, one = note_of(record_id), get_or_404(Diagnosis, diagnosis_id)
    kept.refuse_signed()
    if one.encounter_id == kept.visit.encounter_id:
        one.void(_("Taken back before the consultation was signed"))
    return go(url_for(".consult", record_id=record_id, _anchor="diagnoses"))


@module.form("/visits/<int:record_id>/finish", needs="sign")
def finish(record_id: int):
    """Sign the consultation, which ends the visit."""
    visit, form = seen_or_403(record_id), FinishForm()
    if saved(form, lambda: form.refuse_past() or conclude(visit, find_own(), **form.answers)) is None:
        return form_page("opd/finish.html", form, visit=visit, diagnoses=diagnoses_of(visit.encounter_id))
    flash(_("The consultation of {name} is signed.", name=visit.patient), "success")
    return go(url_for(".visit", record_id=record_id))


@module.form("/visits/<int:record_id>/addendum", needs="sign")
def addendum_new(record_id: int):
    """Add something to a consultation that is signed."""
    kept, form = note_of(record_id), AddendumForm()
    if once(form, Addendum, lambda: kept.add(form.body.data, current_user.id)) is None:
        return form_page("opd/addendum.html", form, visit=db.session.get(Visit, record_id))
    return go(url_for(".visit", record_id=record_id, tab="consultation"))
