"""The pages that book: a free time, another time for an appointment, somebody who came without one."""

from datetime import datetime

from flask import flash, request, url_for

from modules.appointments import module, words
from modules.appointments.forms.booking import BookForm, MoveTimeForm, WalkInForm
from modules.appointments.models import Appointment
from modules.appointments.own import get_visible
from portal.kit import (
    WrongState,
    _,
    current_hospital,
    form_page,
    go,
    moves_from,
    once,
    page,
)
from portal.kit.forms import id_or_none


def asked_for() -> dict:
    """What the address names already: patient, doctor, day and time, how it is held, the wish on the waiting list."""
    found = {f"{name}_id": id_or_none(request.args.get(name)) for name in ("patient", "doctor", "waitlist")}
    found["service_type_id"] = id_or_none(request.args.get("service"))
    found["kind"] = next((kind for kind in words.BOOKABLE_KINDS if kind == request.args.get("kind")), None)
    at = _moment(request.args.get("at", ""))
    day = _moment(request.args.get("day", ""))
    if at and at.tzinfo:
        day = at.astimezone(current_hospital().zone)
        found["at"] = at
    if day:
        found["day"] = day.date()
    return {name: value for name, value in found.items() if value is not None}


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 < found.year < 9000 else None


@module.form("/new", needs="add | follow_up")
def new():
    """Book a time; where it was just taken, with the times that are free now."""
    form = BookForm(data=asked_for())
    booked = once(form, Appointment, form.save)
    if booked is None:
        return form_page("appointments/new.html", form, words=words)
    flash(said_of(_("{number}: {name}, {doctor}, {day} at {time} is booked."), booked), "success")
    return go(url_for(".index", day=local(booked).date()))


def said_of(sentence: str, one: Appointment) -> str:
    """A sentence about an appointment."""
    at = local(one)
    facts = {"number": one.number, "name": one.patient, "doctor": one.doctor}
    return sentence.format(day=f"{at.day} {at:%b %Y}", time=f"{at:%H:%M}", **facts)


def local(one: Appointment) -> datetime:
    """When it begins, by the hospital's clock."""
    return one.starts_at.astimezone(current_hospital().zone)


@module.search("/slots", needs="add | follow_up | reschedule")
def slots():
    """The free times of a doctor on a day, for the form that is being filled in."""
    form = _being_filled()
    return page("appointments/_times.html", form=form)


def _being_filled():
    moved = id_or_none(request.args.get("of"))
    return MoveTimeForm(record=get_visible(moved)) if moved else BookForm()


@module.form("/<int:record_id>/move", needs="reschedule")
def reschedule(record_id: int):
    """Give an appointment another time; the old one stands until the new one is kept (APT-7)."""
    one = get_visible(record_id)
    form = MoveTimeForm(record=one, data={"doctor_id": one.doctor_id, "day": local(one).date()} | asked_for())
    if "reschedule" not in [move.name for move in moves_from(one)] and not form.is_submitted():
        raise WrongState(_("This appointment cannot be moved any more."), one)
    moved = once(form, Appointment, form.save)
    if moved is None:
        return form_page("appointments/move.html", form, record=one, words=words)
    flash(said_of(_("{name} is expected on {day} at {time} now, {number}."), moved), "success")
    return go(url_for(".index", day=local(moved).date()))


@module.form("/walk-in", needs="add")
def come():
    """Take in somebody who came without an appointment: at the next time at which the doctor is free."""
    form = WalkInForm(data=asked_for())
    came = once(form, Appointment, form.save)
    if came is None:
        return form_page("appointments/walk_in.html", form)
    flash(said_of(_("{name} is expected by {doctor} at {time}, {number}."), came), "success")
    return go(url_for(".index", day=local(came).date()))
