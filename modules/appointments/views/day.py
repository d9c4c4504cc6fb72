"""The day: doctors as columns; the week of one doctor; the list to print."""

from datetime import date, timedelta

from flask import abort, request, url_for

from modules.appointments import module, words
from modules.appointments.board import clock_of, read_board, read_week
from modules.appointments.calendar import calendar_of
from modules.appointments.find import of_day
from modules.appointments.forms.booking import BookForm
from modules.appointments.own import doctors_shown, sees_all
from modules.appointments.views.booking import asked_for
from modules.appointments.waiting import waiting_now
from modules.doctors.api import Doctor, active_doctors, get_doctor
from portal.kit import _, board_page, current_user, day_asked, is_htmx, page, today
from portal.kit.forms import id_or_none
from portal.kit.printing import print_page
from portal.kit.profile import hospital_profile

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@module.get("/", needs="view | view_own")
def index():
    """The day, with the form that books and who waits for a time beside it."""
    day, department = day_asked(), id_or_none(request.args.get("department"))
    beside = {} if is_htmx() else {"form": booking_form(day), "waiting": waiting_now()}
    board = read_board(day, department)
    near = {"before": day - DAY, "after": day + DAY, "department": department, "today": today(), "clock_of": clock_of}
    context = {"board": board, "words": words} | near | beside
    return board_page("appointments/index.html", "appointments/_board.html", **context)


def booking_form(day: date) -> BookForm | None:
    """The form beside the day, for those who may book."""
    if not current_user.may("appointments.add | appointments.follow_up"):
        return None
    return BookForm(formdata=None, data={"day": max(day, today())} | asked_for())


@module.get("/week", needs="view | view_own")
def week():
    """Seven days of one doctor."""
    doctors = doctors_shown(active_doctors())
    wanted = id_or_none(request.args.get("doctor"))
    doctor = next((one for one in doctors if one.id == wanted), doctors[0] if doctors else None)
    day = day_asked()
    monday = day - timedelta(days=day.weekday())
    board = read_week(doctor, monday) if doctor else None
    near = {"before": monday - WEEK, "after": monday + WEEK, "monday": monday, "clock_of": clock_of}
    return page("appointments/week.html", board=board, doctor=doctor, doctors=doctors, words=words, **near)


@module.get("/print", needs="view | view_own")
def day_list():
    """The appointments of a day on paper, by doctor."""
    day = day_asked()
    mine = {one.id for one in doctors_shown(active_doctors())}
    wanted = id_or_none(request.args.get("doctor"))
    rows = [one for one in of_day(day, wanted) if one.status != "rescheduled" and (sees_all() or one.doctor_id in mine)]
    by_doctor: dict[str, list] = {}
    for one in sorted(rows, key=lambda row: (row.doctor.full_name, row.starts_at)):
        by_doctor.setdefault(one.doctor.full_name, []).append(one)
    number, back = f"{day:%Y-%m-%d}", url_for(".index", day=day)
    title, more = _("Day list"), {"by_doctor": by_doctor, "day": day, "words": words}
    return print_page("appointments/print_day.html", hospital_profile(), title=title, number=number, back=back, **more)


@module.get("/doctors/<int:doctor_id>/calendar.ics", needs="view | view_own")
def calendar(doctor_id: int):
    """The appointments of a doctor for a calendar programme; no patient is named in it."""
    doctor: Doctor | None = get_doctor(doctor_id)
    if doctor is None:
        abort(404)
    if not doctors_shown([doctor]):
        abort(403)
    return calendar_of(doctor)
