"""The pages behind the day: hours, days off, kinds of visit."""

import sqlalchemy as sa
from flask import flash, request, url_for
from sqlalchemy.orm import joinedload

from modules.appointments import module, words
from modules.appointments.forms.plan import (
    EditScheduleForm,
    EditServiceForm,
    ExceptionForm,
    NewScheduleForm,
    NewServiceForm,
)
from modules.appointments.hours import REASONS
from modules.appointments.models import Schedule, ScheduleException, ServiceType
from modules.appointments.models.schedules import WEEKDAYS
from portal.kit import Column, Listing, _, db, edit_page, form_page, get_or_404, go, once, page, today
from portal.kit.forms import id_or_none

schedule_columns = (
    Column("doctor", _("Doctor"), sort=Schedule.doctor_id),
    Column("day", _("Day"), sort=Schedule.weekday),
    Column("hours", _("Hours"), sort=Schedule.start_time),
    Column("slots", _("Slots")),
    Column("room", _("Room")),
    Column("valid", _("Valid")),
)
exception_columns = (
    Column("doctor", _("Doctor")),
    Column("from", _("Days"), sort=ScheduleException.date_from),
    Column("hours", _("Hours")),
    Column("reason", _("Reason"), sort=ScheduleException.reason),
)
service_columns = (
    Column("name", _("Name"), sort=ServiceType.name),
    Column("minutes", _("Minutes"), sort=ServiceType.default_minutes, numeric=True),
)


@module.get("/schedules/", needs="change")
def schedule_index():
    """When doctors can be booked."""
    context = {"weekdays": WEEKDAYS, "words": words, "today": today()}
    return page("appointments/schedules.html", listing=schedule_list(), **context)


def schedule_list() -> Listing:
    """The windows of all doctors, or of the one in the address."""
    query = sa.select(Schedule).options(joinedload(Schedule.doctor), joinedload(Schedule.room))
    doctor = id_or_none(request.args.get("doctor"))
    return Listing(
        query=query.where(Schedule.doctor_id == doctor) if doctor else query,
        columns=schedule_columns,
        noun=(_("window"), _("windows")),
        default_sort="day",
        tie=Schedule.start_time,
        kept=("doctor", "sort", "page", "per_page"),
    )


@module.form("/schedules/new", needs="change")
def schedule_new():
    """Open hours of a doctor."""
    form = NewScheduleForm(data={"doctor_id": id_or_none(request.args.get("doctor"))})
    opened = once(form, Schedule, form.save)
    if opened is None:
        return form_page("appointments/schedule_form.html", form, record=None, back=url_for(".schedule_index"))
    flash(_("The hours are open: {hours}.", hours=opened), "success")
    return go(url_for(".schedule_index", doctor=opened.doctor_id))


@module.form("/schedules/<int:record_id>/edit", needs="change")
def schedule_edit(record_id: int):
    """Change or end hours."""
    one = get_or_404(Schedule, record_id)
    back = url_for(".schedule_index", doctor=one.doctor_id)
    return edit_page("appointments/schedule_form.html", EditScheduleForm(obj=one), one, back)


@module.get("/exceptions/", needs="change")
def exception_index():
    """The days on which hours are other than usual, the latest first."""
    listing = Listing(
        query=sa.select(ScheduleException).options(joinedload(ScheduleException.doctor)),
        columns=exception_columns,
        noun=(_("exception"), _("exceptions")),
        default_sort="-from",
        tie=ScheduleException.id.desc(),
        kept=("sort", "page", "per_page"),
    )
    return page("appointments/exceptions.html", listing=listing, reasons=REASONS)


@module.form("/exceptions/new", needs="change")
def exception_new():
    """Take time away from a doctor, or add some; whoever is booked then is listed, and each needs an answer (APT-8)."""
    form = ExceptionForm(data={"doctor_id": id_or_none(request.args.get("doctor"))}, sent=request.form)
    kept = once(form, ScheduleException, form.save)
    if kept is None:
        return form_page("appointments/exception_form.html", form, back=url_for(".exception_index"))
    flash(_("The hours of {name} are changed.", name=kept.doctor), "success")
    return go(url_for(".exception_index"))


@module.post("/exceptions/<int:record_id>/remove", needs="change")
def exception_remove(record_id: int):
    """The hours are as usual again; what was moved or cancelled stays so."""
    one = get_or_404(ScheduleException, record_id)
    name = one.doctor.full_name
    db.session.delete(one)
    flash(_("The hours of {name} are as usual again.", name=name), "success")
    return go(url_for(".exception_index"))


@module.get("/services/", needs="change")
def service_index():
    """What people come for, and how long it takes."""
    listing = Listing(
        query=sa.select(ServiceType),
        columns=service_columns,
        noun=(_("kind of visit"), _("kinds of visit")),
        default_sort="name",
        tie=ServiceType.id,
        kept=("sort", "page", "per_page"),
    )
    return page("appointments/kinds.html", listing=listing)


@module.form("/services/new", needs="change")
def service_new():
    """Offer a new kind of visit."""
    form = NewServiceForm()
    added = once(form, ServiceType, form.save)
    if added is None:
        return form_page("appointments/kind_form.html", form, record=None, back=url_for(".service_index"))
    flash(_("{name} is added.", name=added), "success")
    return go(url_for(".service_index"))


@module.form("/services/<int:record_id>/edit", needs="change")
def service_edit(record_id: int):
    """Change a kind of visit."""
    one = get_or_404(ServiceType, record_id)
    return edit_page("appointments/kind_form.html", EditServiceForm(obj=one), one, url_for(".service_index"))
