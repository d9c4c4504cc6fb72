"""The list of appointments: search, filters and the same as a file."""

from flask import request

from modules.appointments import module, words
from modules.appointments.find import FILTERS, count_found, departments_of, filtered, listed, searched
from modules.appointments.models import Appointment
from modules.appointments.own import doctors_shown
from modules.doctors.api import active_doctors
from portal.kit import Column, Found, Listing, _, filters_in_url, page
from portal.kit.csv_export import csv_file

columns = (
    Column("number", _("Number"), sort=Appointment.number, value=lambda one: one.number),
    Column("when", _("When"), sort=Appointment.starts_at, value=lambda one: one.starts_at),
    Column("patient", _("Patient"), value=lambda one: one.patient.full_name),
    Column("mrn", _("Patient number"), value=lambda one: one.patient.mrn, shown=False),
    Column("doctor", _("Doctor"), value=lambda one: one.doctor.full_name),
    Column("visit", _("Visit"), value=lambda one: one.service_type.name),
    Column("status", _("Status"), sort=Appointment.status, value=lambda one: words.STATES[one.status][-1]),
)


@module.search("/list", needs="view | view_own")
def listing():
    """The appointments; names that are looked for are posted, so that no address holds one (D16)."""
    elsewhere = filters_in_url(FILTERS)
    if elsewhere:
        return elsewhere
    doctors = doctors_shown(active_doctors())
    found = appointment_list(request.form.get("q", "").strip())
    context = {"doctors": doctors, "departments": departments_of(doctors), "words": words, "count": count_found}
    return page("appointments/list.html", listing=found, **context)


def appointment_list(q: str) -> Listing:
    """The list with the filters of the address, or what is found in it."""
    query = filtered(listed(), request.args)
    return (Found if q else Listing)(
        query=searched(query, q),
        columns=list(columns),
        noun=(_("appointment"), _("appointments")),
        default_sort="-when",
        tie=Appointment.id.desc(),
        kept=(*FILTERS, "sort", "page", "per_page"),
        q=q,
    )


@module.search("/list/export", needs="view | view_own")
def export():
    """The appointments of the list as a file for a spreadsheet."""
    return csv_file(appointment_list(request.form.get("q", "").strip()), "appointments")
