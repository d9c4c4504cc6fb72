"""The boards of the emergency department: triage, bays, ambulances."""

import sqlalchemy as sa
from flask import request, url_for

from modules.emergency import module, words
from modules.emergency.bays import read_bays, without_bay
from modules.emergency.board import FILTERS, read_board
from modules.emergency.forms.ambulance import EditAmbulanceForm, NewAmbulanceForm
from modules.emergency.models import Ambulance
from modules.emergency.waits import read_targets, wait_of
from portal.kit import board_page, db, edit_page, form_page, get_or_404, go, now, once, page


@module.get("/", needs="board_view")
def index():
    """The triage board."""
    wanted = request.args.get("f") if request.args.get("f") in FILTERS else ""
    return board_page("emergency/index.html", "emergency/_board.html", board=read_board(wanted), words=words)


@module.get("/bays", needs="board_view")
def bays():
    """Who is in which bay, and who is in none."""
    targets = read_targets()
    rows = {"bays": read_bays(), "others": without_bay(), "at": now()}
    return board_page(
        "emergency/bays.html", "emergency/_bays.html", **rows, words=words, wait=lambda one: wait_of(one, targets)
    )


@module.get("/ambulances", needs="board_view")
def ambulances():
    """The ambulances, and where each one is."""
    rows = db.session.scalars(sa.select(Ambulance).order_by(Ambulance.code)).all()
    return page("emergency/ambulances.html", rows=rows, states=words.AMBULANCES)


@module.form("/ambulances/new", needs="change")
def ambulance_new():
    """Add an ambulance."""
    form = NewAmbulanceForm()
    if once(form, Ambulance, form.save) is None:
        return form_page("emergency/ambulance_form.html", form, record=None)
    return go(url_for(".ambulances"))


@module.form("/ambulances/<int:record_id>/edit", needs="change")
def ambulance_edit(record_id: int):
    """Change an ambulance or its crew."""
    one = get_or_404(Ambulance, record_id)
    return edit_page("emergency/ambulance_form.html", EditAmbulanceForm(obj=one), one, url_for(".ambulances"))


@module.moves(Ambulance, "/ambulances")
def after_ambulance_move(ambulance: Ambulance) -> str:
    """Back to the ambulances."""
    return url_for("emergency.ambulances", _anchor=f"ambulance-{ambulance.id}")
