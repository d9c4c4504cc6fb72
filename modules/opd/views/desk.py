"""The reception desk: who is here today, walk-ins, the vital signs to take, and the big screen."""

from flask import flash, request, url_for

from modules.nurses.api import vitals_url
from modules.opd import module, words
from modules.opd.board import read_desk, read_numbers
from modules.opd.find import to_measure
from modules.opd.forms.desk import WalkInForm
from modules.opd.models import Visit
from portal.kit import _, board_page, current_user, filled, form_page, go, now, once, today
from portal.kit.forms import id_or_none

SEES = "token_view | view | view_own | add | order_view_own | charge_view | prescription_view"


@module.get("/", needs=SEES)
def index():
    """The desk with the queues of today; who may not see the queues goes on to the visits."""
    if not current_user.may("opd.token_view"):
        return go(url_for(".visit_index"))
    cards = filled("opd.desk", today())
    return board_page("opd/index.html", "opd/_desk.html", board=read_desk(), cards=cards, words=words)


@module.form("/walk-ins/new", needs="add")
def walk_in():
    """Register a patient who came without an appointment."""
    form = WalkInForm(data={"patient_id": id_or_none(request.args.get("patient"))})
    visit = once(form, Visit, form.save)
    if visit is None:
        return form_page("opd/walk_in.html", form)
    flash(_("{name} has number {label}.", name=visit.patient, label=visit.token), "success")
    return go(url_for(".visit", record_id=visit.id))


@module.get("/screen", needs="token_view")
def screen():
    """The numbers that are called and their rooms, for a screen in the waiting room: no names."""
    return board_page("opd/screen.html", "opd/_screen.html", rows=read_numbers(), at=now())


@module.get("/vital-signs", needs="vitals")
def vitals():
    """Whose vital signs are to be taken, the longest wait first."""
    take = {"words": words, "vitals_url": vitals_url}
    return board_page("opd/vitals.html", "opd/_vitals.html", rows=to_measure(), at=now(), **take)
