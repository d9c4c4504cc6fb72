"""The pages of giving beds: finding a free one, assigning, reserving, moving, and one bed with its history."""

from flask import flash, request, url_for

from modules.patients.api import Patient
from modules.rooms import module, words
from modules.rooms.api import bed_choices, wards
from modules.rooms.bed_forms import AssignForm, BedFields, BlockForm, ReserveForm, TimesForm, TransferForm
from modules.rooms.board import read_board
from modules.rooms.find import wanted_beds
from modules.rooms.forms import EditBedForm, NewBedForm
from modules.rooms.holding import assign_bed, cancel_reservation
from modules.rooms.models import Bed, BedAllocation
from portal.kit import (
    Column,
    Listing,
    _,
    acted,
    current_user,
    db,
    edit_page,
    form_page,
    get_or_404,
    go,
    once,
    page,
    record_page,
)
from portal.kit.forms import id_or_none


@module.get("/find", needs="view")
def find():
    """The free beds, by ward, by sex, and by what a patient needs."""
    return page("rooms/find.html", listing=free_list(), wards=wards(), words=words)


def free_list() -> Listing:
    """The list with the wishes of the address."""
    return Listing(
        query=wanted_beds(request.args),
        columns=(Column("bed", _("Bed"), sort=Bed.code),),
        noun=(_("free bed"), _("free beds")),
        default_sort="bed",
        tie=Bed.id,
        default_per_page=100,
        kept=("ward", "sex", "feature", "page", "per_page"),
        rows=db.session.execute,
    )


@module.form("/assign", needs="assign")
def assign():
    """Put a patient into a bed."""
    form = AssignForm(data=asked_for())
    return give_page("rooms/assign.html", form, _("{name} has {bed} now."))


@module.form("/reserve", needs="reserve")
def reserve():
    """Keep a bed for a patient who is expected."""
    form = ReserveForm(data=asked_for())
    return give_page("rooms/reserve.html", form, _("{bed} is reserved for {name}."))


@module.form("/beds/<int:record_id>/transfer", needs="transfer")
def transfer(record_id: int):
    """Move the patient of a bed to another one."""
    bed = get_or_404(Bed, record_id)
    return give_page("rooms/transfer.html", TransferForm(bed=bed), _("{name} has {bed} now."), bed=bed)


def asked_for() -> dict[str, int | None]:
    """The bed and the patient that the address names."""
    return {f"{name}_id": id_or_none(request.args.get(name)) for name in ("bed", "patient")}


def give_page(template: str, form: BedFields, done: str, **context):
    """The page that gives a bed: where it was just taken, with the beds that are free and the board as it is now."""
    given = once(form, BedAllocation, form.save)
    if given is None:
        form.offer_free()
        board = read_board() if form.is_taken else None
        return form_page(template, form, board=board, states=words.BED_STATES, **context)
    bed, patient = db.session.get(Bed, given.bed_id), db.session.get(Patient, given.patient_id)
    flash(done.format(name=patient, bed=bed), "success")
    return go(url_for("rooms.index", _anchor=f"bed-{bed.id}"))


@module.post("/beds/<int:record_id>/arrived", needs="assign")
def arrived(record_id: int):
    """The patient for whom the bed is kept has come."""
    kept = get_or_404(Bed, record_id).holder()
    return done_or_refused(lambda: assign_bed(kept.bed_id, kept.patient_id, kept.encounter_id, kept.admission_id))


@module.post("/beds/<int:record_id>/cancel", needs="reserve")
def cancel(record_id: int):
    """Keep the bed for the patient no longer."""
    kept = get_or_404(Bed, record_id).holder()
    return done_or_refused(lambda: cancel_reservation(kept))


def done_or_refused(work):
    """Back to the board, which says what happened."""
    held = acted(work)
    if held:
        bed = db.session.get(Bed, held.bed_id)
        flash(_("{bed}: {state}.", bed=bed, state=words.BED_STATES[bed.status][-1]), "success")
    return go(url_for("rooms.index"))


@module.form("/beds/new", needs="add")
def bed_new():
    """Put a bed into a room."""
    form = NewBedForm(data={"room_id": id_or_none(request.args.get("room"))})
    bed = once(form, Bed, form.save)
    if bed is None:
        return form_page("rooms/bed_form.html", form, record=None)
    flash(_("{bed} is added.", bed=bed), "success")
    return go(url_for(".bed", record_id=bed.id))


@module.get("/beds/<int:record_id>", needs="view")
@module.get("/beds/<int:record_id>/<tab>", needs="view")
def bed(record_id: int, tab: str | None = None):
    """One bed: who has it, what can be done, who had it before."""
    one = get_or_404(Bed, record_id)
    return record_page("rooms/bed.html", one, tab, words=words, place=place_of(one))


def place_of(bed: Bed) -> str:
    """The ward of a bed, or its room where it stands in none."""
    return bed_choices([bed])[bed.id].removeprefix(f"{bed.code}, ")


@module.form("/beds/<int:record_id>/edit", needs="change")
def bed_edit(record_id: int):
    """Change a bed, or take it away."""
    bed = get_or_404(Bed, record_id)
    return edit_page("rooms/bed_form.html", EditBedForm(obj=bed), bed, url_for(".bed", record_id=bed.id))


@module.moves(
    Bed,
    "/beds",
    block=BlockForm,
    **dict.fromkeys(("reserve", "release", "occupy", "vacate", "start_maintenance", "end_maintenance")),
)
def after_bed_move(bed: Bed) -> str:
    """Back to the board, or to the beds to clean for those who may not see patients."""
    return url_for("rooms.index", _anchor=f"bed-{bed.id}" if current_user.may("rooms.view") else None)


@module.form("/stays/<int:record_id>/edit", needs="change")
def stay_edit(record_id: int):
    """Correct when a patient lay in a bed."""
    stay = get_or_404(BedAllocation, record_id)
    return edit_page("rooms/stay_form.html", TimesForm(obj=stay), stay, url_for(".bed", record_id=stay.bed_id))
