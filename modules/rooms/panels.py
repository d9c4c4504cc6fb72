"""What rooms show of a bed, and of a patient who has one."""

from datetime import datetime

import sqlalchemy as sa
from flask import url_for

from modules.patients.api import Patient
from modules.rooms import module, words
from modules.rooms.api import bed_choices
from modules.rooms.find import stays_in
from modules.rooms.holding import held_by
from modules.rooms.models import Bed, BedAllocation
from portal.kit import Act, Column, Fact, Listing, Moment, _, current_user, db, fragment, life_of

stay_columns = (
    Column("patient", _("Patient")),
    Column("status", _("Status"), sort=BedAllocation.status),
    Column("from", _("From"), sort=BedAllocation.starts_at),
    Column("to", _("To"), sort=BedAllocation.ends_at),
    Column("why", _("Why it ended")),
)


@module.tab(Bed, "stays", _("Patients"), needs="view", order=0)
def stays(bed: Bed) -> str:
    """Who had the bed, and who has it now."""
    listing = Listing(
        query=stays_in(bed),
        columns=stay_columns,
        noun=(_("patient"), _("patients")),
        default_sort="-from",
        tie=BedAllocation.id.desc(),
        kept=("sort", "page", "per_page"),
        rows=db.session.execute,
    )
    return fragment("rooms/_stays.html", bed=bed, listing=listing, words=words)


@module.tab(Bed, "life", _("History"), needs="view", order=10)
def life(bed: Bed) -> str:
    """Every state of the bed: when, and who brought it there."""
    return fragment("rooms/_life.html", bed=bed, steps=reversed(life_of(bed)), states=words.BED_STATES)


@module.fills("patients.banner", needs="view")
def bed_now(patient: Patient) -> list[Fact]:
    """The bed that the patient has."""
    held = sa.select(Bed, BedAllocation.status).join(BedAllocation, BedAllocation.active_bed_id == Bed.id)
    rows = db.session.execute(held.where(BedAllocation.active_patient_id == patient.id)).all()
    places = bed_choices(bed for bed, _status in rows)
    labels = {"active": _("Bed"), "reserved": _("Reserved bed")}
    return [Fact(places[bed.id], labels[status]) for bed, status in rows]


@module.fills("patients.acts", needs="assign")
def give_a_bed(patient: Patient) -> list[Act]:
    """The way to a bed for a patient who has none, or only a reservation."""
    held = held_by(patient.id)
    if patient.status != "active" or (held and held.status == "active"):
        return []
    kept = held.bed_id if held else None
    return [Act(_("Assign a bed"), "bed", url_for("rooms.assign", patient=patient.id, bed=kept))]


@module.fills("patients.timeline", needs="view")
def beds_of_the_patient(patient: Patient, before: datetime, most: int) -> list[Moment]:
    """The beds in which the patient lay, from the time they came into each."""
    query = sa.select(BedAllocation, Bed).join(Bed, Bed.id == BedAllocation.bed_id)
    mine = (BedAllocation.patient_id == patient.id, BedAllocation.status.in_(("active", "ended")))
    mine += (BedAllocation.voided_at.is_(None), BedAllocation.starts_at < before)
    rows = db.session.execute(query.where(*mine).order_by(BedAllocation.starts_at.desc()).limit(most)).all()
    places = bed_choices({bed.id: bed for _stay, bed in rows}.values())
    may_open = current_user.may("rooms.view")
    return [
        Moment(
            stay.starts_at,
            "bed",
            _("Bed {place}", place=places[bed.id]),
            words.END_REASONS.get(stay.end_reason, "") + (f" · {stay.override_reason}" if stay.override_reason else ""),
            url_for("rooms.bed", record_id=bed.id) if may_open else "",
        )
        for stay, bed in rows
    ]
