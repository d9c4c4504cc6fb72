"""The appointments of one doctor as a calendar file (RFC 5545); it leaves the hospital, so it names no patient."""

from datetime import UTC, datetime, timedelta

from flask import make_response

from modules.appointments.find import GONE, with_people
from modules.appointments.models import Appointment
from modules.doctors.api import Doctor
from portal.kit import _, current_hospital, db, now

BEHIND, AHEAD = timedelta(days=14), timedelta(days=90)
LINE = 73  # octets of a line, so that with its break and the space of the next it is no longer than 75


def calendar_of(doctor: Doctor):
    """The answer that a calendar programme reads."""
    between = (Appointment.starts_at > now() - BEHIND, Appointment.starts_at < now() + AHEAD)
    query = with_people().where(Appointment.doctor_id == doctor.id, Appointment.voided_at.is_(None), *between)
    rows = db.session.scalars(query.where(Appointment.status.not_in(GONE)).order_by(Appointment.starts_at))
    name = _("Appointments of {name}", name=doctor)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{current_hospital().subdomain}//appointments//EN"]
    lines += ["CALSCALE:GREGORIAN", f"X-WR-CALNAME:{escaped(name)}"]
    for one in rows:
        lines += event_of(one)
    answer = make_response("".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"]))
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="doctor-{doctor.id}.ics"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def event_of(one: Appointment) -> list[str]:
    """One appointment: its number, kind and place, never the patient."""
    place = [f"LOCATION:{escaped(one.room.number)}"] if one.room else []
    return [
        "BEGIN:VEVENT",
        f"UID:{one.uuid}",
        f"DTSTAMP:{stamp(one.updated_at)}",
        f"DTSTART:{stamp(one.starts_at)}",
        f"DTEND:{stamp(one.ends_at)}",
        f"SUMMARY:{escaped(f'{one.service_type.name} ({one.number})')}",
        *place,
        "END:VEVENT",
    ]


def stamp(at: datetime) -> str:
    """A moment in UTC, as calendars write it."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A text whose commas, semicolons and line breaks are no marks of the format."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\\n")


def folded(line: str) -> str:
    """A long line broken, each further piece after a space; no letter is cut in two."""
    pieces, current = [], ""
    for letter in line:
        if len((current + letter).encode()) > LINE:
            pieces.append(current)
            current = ""
        current += letter
    return "\r\n ".join([*pieces, current])
