"""Tasks and notes: the board of what is to be done, setting a task, and writing a note."""

from datetime import timedelta

from flask import flash, request, url_for

from modules.nurses import module
from modules.nurses.find import find_own_nurse, own_wards, refuse_other_wards
from modules.nurses.forms.care import NoteForm, TaskForm
from modules.nurses.forms.doses import OwnWardForm
from modules.nurses.models import Note, Task
from modules.nurses.tasks import set_task, tasks_in, write_note
from modules.nurses.views.vitals import beside
from modules.nurses.words import PHASE_WORDS, PRIORITIES, TASK_STATES
from modules.patients.api import Encounter
from portal.kit import _, board_page, form_page, get_or_404, go, now, once

SEES = "view | view_own"
COLUMNS = ("requested", "in_progress", "completed")


@module.get("/tasks/", needs=SEES)
def task_index():
    """The board of tasks: to do, in progress, done in the last hours."""
    mine = request.args.get("for") == "me"
    own = find_own_nurse() if mine else None
    lines = tasks_in(own_wards(), mine=(own.id if own else 0) if mine else None)
    columns = [(key, TASK_STATES[key], [one for one in lines if one.task.status == key]) for key in COLUMNS]
    words = {"columns": columns, "mine": mine, "at": now(), "phases": PHASE_WORDS, "priorities": PRIORITIES}
    return board_page("nurses/tasks.html", "nurses/_tasks.html", **words)


@module.form("/encounters/<int:encounter_id>/tasks/new", needs="task_add")
def task_new(encounter_id: int):
    """Set a task for a patient."""
    encounter = get_or_404(Encounter, encounter_id)
    refuse_other_wards(encounter.patient_id)
    form = TaskForm(data={"due_at": now() + timedelta(hours=1)})
    task = once(form, Task, lambda: set_task(encounter, **form.answers))
    if task is None:
        return form_page("nurses/care_form.html", form, heading=_("New task"), **beside(encounter, "nursing"))
    flash(_("{title} is on the board.", title=task.title), "success")
    return go(nursing_tab(encounter.patient_id))


@module.moves(Task, "/tasks", start=OwnWardForm, complete=OwnWardForm, cancel=OwnWardForm)
def after_task(task: Task) -> str:
    """Back to the board of tasks."""
    return url_for("nurses.task_index")


@module.form("/encounters/<int:encounter_id>/notes/new", needs="add")
def note_new(encounter_id: int):
    """Write a note about a patient’s stay."""
    encounter, form = get_or_404(Encounter, encounter_id), NoteForm()
    refuse_other_wards(encounter.patient_id)
    if once(form, Note, lambda: write_note(encounter, **form.answers)) is None:
        return form_page("nurses/care_form.html", form, heading=_("New note"), **beside(encounter, "nursing"))
    return go(nursing_tab(encounter.patient_id))


def nursing_tab(patient_id: int) -> str:
    """Notes and tasks on the patient's page."""
    return url_for("patients.show", record_id=patient_id, tab="nursing")
