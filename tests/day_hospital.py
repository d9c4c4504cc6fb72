"""The hospital of the day that `test_the_day.py` walks through: made on the console, furnished on its own pages."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from threading import Barrier

import sqlalchemy as sa
from flask import Flask

from portal import clock
from portal.control.models import Operation
from portal.extensions import db
from portal.kit.housekeeping import keep_house
from portal.kit.models import Event
from portal.provisioning import operations
from portal.tenancy.current import Hospital, in_hospital
from portal.tenancy.registry import get_hospital
from tests.clients import PageClient
from tests.people import Person, Screen, signs_in

PASSWORD, OWN = "First-password-9", "Own-password-of-mine-9"
PEOPLE = {
    "rita": ("Rita", "Novak", "Receptionist"),
    "rosa": ("Rosa", "Weber", "Receptionist"),
    "noor": ("Noor", "Rahman", "Nurse"),
    "samir": ("Samir", "Haddad", "Doctor"),
    "cara": ("Cara", "Diaz", "Cashier"),
    "paul": ("Paul", "Marsh", "Pharmacist"),
    "lena": ("Lena", "Koch", "Laboratory technician"),
    "sam": ("Sam", "Obi", "Staff"),
}
ADMINISTRATOR = {
    "Hospital name": "Day Hospital",
    "Subdomain": "day-hospital",
    "Username": "ada",
    "Full name": "Ada Mensah",
    "Email address": "ada@day.test",
    "Password": OWN,
    "Time zone": "Asia/Dubai",
    "Currency": "AED",
    "Plan": "Enterprise",
}


@dataclass
class Day:
    """The hospital, everybody who works in it, and the first of its days."""

    app: Flask
    hospital: Hospital
    first: date
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, username: str) -> Person:
        """Somebody by the name they sign in with."""
        try:
            return self.people[username]
        except KeyError:
            raise AttributeError(username) from None

    def moment(self, clock_time: str, days: int = 0) -> datetime:
        """A time by the hospital's clock, on its first day or so many days later."""
        return datetime.combine(self.first + timedelta(days=days), time.fromisoformat(clock_time), self.hospital.zone)

    def at(self, clock_time: str, days: int = 0) -> None:
        """It is this time now."""
        clock.move(self.moment(clock_time, days) - clock.now())

    def told(self, *names: str) -> list[tuple[str, int]]:
        """What was told, and of which record, the first first."""
        rows = self.rows(Event.name, Event.payload, where=[Event.name.in_(names)])
        return [(name, payload["id"]) for name, payload in rows]

    def hours_pass_until(self, clock_time: str, days: int = 0) -> None:
        """The work of every hour is done until it is this time."""
        until = self.moment(clock_time, days)
        while clock.now() + timedelta(hours=1) < until:
            clock.move(timedelta(hours=1))
            with self.app.app_context():
                keep_house(self.hospital.subdomain)
        self.at(clock_time, days)

    def clock(self, at: datetime) -> str:
        """A moment by the hospital's clock."""
        return f"{at.astimezone(self.hospital.zone):%H:%M}"

    def look(self, work: Callable):
        """What is kept in the hospital now; only read."""
        with self.app.app_context(), in_hospital(self.hospital, writing=False):
            return work()

    def rows(self, *columns, where=()) -> list[tuple]:
        """Columns of what is kept, the oldest first."""
        first = columns[0].class_.id
        query = sa.select(*columns).where(*where).order_by(first)
        return self.look(lambda: [tuple(row) for row in db.session.execute(query)])


def made(app: Flask, root: Person) -> Hospital:
    """A hospital that the superuser asks for on the console, and the worker makes."""
    root.see("/admin/hospitals/new")
    root.press("Create hospital and database", ADMINISTRATOR)
    with app.app_context():
        asked = db.session.scalar(sa.select(sa.func.max(Operation.id)))
        db.session.rollback()
        assert operations.perform(asked)
        db.session.rollback()
        app.extensions["registry"].forget()
        hospital = get_hospital("day-hospital")
    assert "Day Hospital is ready" in root.see("/admin/hospitals/day-hospital").text
    return hospital


def opened(app: Flask, console: PageClient) -> Day:
    """The hospital with its staff, ward, clinic and drugs, on the evening before its first day."""
    hospital = made(app, Person(console))
    day = Day(app, hospital, (clock.now() + timedelta(days=2)).astimezone(hospital.zone).date())
    day.at("20:00", -1)
    ada = day.people["ada"] = signs_in(app.test_client(hospital=hospital), "ada", OWN)
    furnish(ada)
    for username in PEOPLE:
        employ(ada, username)
    open_clinic(ada, day)
    for username in PEOPLE:
        day.people[username] = signs_in(app.test_client(hospital=hospital), username, PASSWORD, OWN)
    return day


def enter(who: Person, path: str, button: str = "Save", **answers) -> None:
    """Fill in the form at an address; names of arguments are labels with underlines."""
    who.see(path)
    who.press(button, {label.replace("_", " "): answer for label, answer in answers.items()})


def furnish(ada: Person) -> None:
    """The department, the ward with its beds, the room of the clinic, and what the pharmacy knows."""
    enter(ada, "/staff/departments/new", "Add department", Name="Surgery", Code="SUR", Kind="Clinical")
    enter(ada, "/billing/prices/new", Code="BED-GW", Name="Night in the general ward", Category="Bed", Price="80.00")
    ward = {"Name": "General ward", "Code": "GW", "Department": "Surgery", "Kind": "General"}
    enter(ada, "/rooms/wards/new", **ward, Charge_of_a_night="Night in the general ward")
    enter(ada, "/rooms/list/new", Number="GW-1", Kind="Ward room", Ward="General ward")
    enter(ada, "/rooms/list/new", Number="12", Kind="Consulting room")
    for number in range(1, 5):
        place = {"Row_on_the_board": "1", "Place_in_the_row": str(number)}
        enter(ada, "/rooms/beds/new", Code=f"GW-0{number}", Room="GW-1", **place)
    enter(ada, "/inventory/categories/new", Name="Antibiotics")
    drug = {"Kind": "Medicine", "Category": "Antibiotics"}
    enter(ada, "/inventory/new", Code="AMO", Name="Amoxicillin 500 mg capsule", Unit="capsule", **drug,
          Generic_name="Amoxicillin", Drug_class="Penicillins")  # fmt: skip
    enter(ada, "/inventory/new", Code="CEF", Name="Ceftriaxone 1 g vial", Unit="vial", Price="3.33", **drug,
          Generic_name="Ceftriaxone", Drug_class="Cephalosporins")  # fmt: skip


def employ(ada: Person, username: str) -> None:
    """Somebody gets a user, and those who are in the register of staff, doctors or nurses their rows."""
    first, last, role = PEOPLE[username]
    enter(ada, "/settings/users/new", "Add user", First_name=first, Last_name=last, Username=username,
          First_password=PASSWORD, **{role: True})  # fmt: skip
    if role not in ("Doctor", "Nurse"):
        return
    enter(ada, "/staff/new", "Register staff", First_name=first, Last_name=last, Sex="Male", Department="Surgery",
          Job_title=role, Kind_of_work=role, Phone_number="020 7946 0101")  # fmt: skip
    ada.follow("Choose a user")
    ada.press("Save", {"User": first})


def open_clinic(ada: Person, day: Day) -> None:
    """Dr Haddad and nurse Rahman are registered, and he can be booked from nine on every day."""
    license_ends = f"{day.first + timedelta(days=400):%Y-%m-%d}"
    enter(ada, "/doctors/specializations/new", Code="GS", Name="General surgery")
    ada.see("/doctors/new")
    ada.press("Save", {"Member of staff": "Samir Haddad", "Field of medicine": "General surgery",
                       "Department": "Surgery", "Licence number": "D-1", "Last day of the licence": license_ends,
                       "Fee of a consultation": "50.00"})  # fmt: skip
    enter(ada, "/nurses/register/new", Grade="Registered nurse", Licence_number="N-1", Licence_ends=license_ends,
          Department="Surgery", Ward="General ward", Member_of_staff="Noor Rahman")  # fmt: skip
    enter(ada, "/appointments/services/new", Name="Consultation", Minutes="20")
    for shift in range(3):
        weekday = f"{day.first + timedelta(days=shift):%A}"
        enter(ada, "/appointments/schedules/new", Doctor="Dr Samir Haddad", Day_of_the_week=weekday, From="09:00",
              To="12:00", Room="12")  # fmt: skip


def at_once(clicks: list[tuple[Person, str, dict]]) -> list[Screen]:
    """What people see who fill in their forms and press their buttons at the same instant."""
    ready = Barrier(len(clicks))

    def click(who: Person, button: str, answers: dict) -> Screen:
        ready.wait()
        return who.press(button, answers, status=None)

    with ThreadPoolExecutor(len(clicks)) as pool:
        return list(pool.map(lambda one: click(*one), clicks))
