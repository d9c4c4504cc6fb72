"""The staff of a demonstration hospital: departments, everybody who works there, and their licences."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random

from modules.staff.models import Credential, Department, Staff
from portal.kit import _, db, today
from portal.kit.demo import HospitalSize, users_by_role
from portal.kit.invented import Person, birthday, email_of, person, phone_numbers, relative, sex_of

# Code, name, kind, floor, and the department above; small hospitals have the first ones.
DEPARTMENTS = (
    ("ADM", _("Administration"), "admin", "3", ""),
    ("GEN", _("General medicine"), "clinical", "1", ""),
    ("EMG", _("Emergency"), "clinical", "0", ""),
    ("LAB", _("Laboratory"), "diagnostic", "0", ""),
    ("RAD", _("Radiology"), "diagnostic", "0", ""),
    ("PHA", _("Pharmacy"), "support", "0", ""),
    ("PAE", _("Paediatrics"), "clinical", "2", "GEN"),
    ("SUR", _("Surgery"), "clinical", "2", ""),
    ("MAT", _("Maternity"), "clinical", "1", "GEN"),
    ("FAC", _("Facilities"), "support", "-1", "ADM"),
)
SMALL_BELOW = 60
CLINICAL = ("GEN", "EMG", "PAE", "SUR", "MAT")

# The role a user has → kind of work, departments, job titles, of how many in a hundred of the staff.
WORK = {
    "doctor": ("doctor", CLINICAL, (_("Consultant"), _("Registrar"), _("Junior doctor")), 18),
    "nurse": ("nurse", CLINICAL, (_("Staff nurse"), _("Senior nurse"), _("Charge nurse")), 42),
    "receptionist": ("receptionist", ("ADM", "EMG"), (_("Receptionist"), _("Ward clerk")), 8),
    "lab_technician": ("lab", ("LAB",), (_("Biomedical scientist"), _("Laboratory assistant")), 6),
    "radiographer": ("radiology", ("RAD",), (_("Radiographer"), _("Sonographer")), 5),
    "pharmacist": ("pharmacy", ("PHA",), (_("Pharmacist"), _("Dispensing technician")), 5),
    "cashier": ("cashier", ("ADM",), (_("Cashier"), _("Billing clerk")), 4),
    "hr_officer": ("hr", ("ADM",), (_("HR officer"),), 3),
    "staff": ("support", ("FAC", "ADM"), (_("Porter"), _("Cleaner"), _("Technician")), 9),
}
EMPLOYMENTS = {"full_time": 68, "part_time": 20, "contract": 8, "visiting": 4}
LICENSED = ("doctor", "nurse", "pharmacist", "radiographer")
EXPIRING = 3


def seed(hospital_size: HospitalSize, random: Random) -> None:
    """Invent the departments and the staff, beginning with those who may sign in."""
    departments = _departments(random, hospital_size.staff)
    phones = phone_numbers(random)
    members = []
    for number, (role, user) in enumerate(_posts(random, hospital_size.staff)):
        facts = _facts(random, role, departments, number) | _who(random, user, number)
        facts |= _emergency(random, facts["last_name"], phones)
        members.append(Staff.register(**facts, phone=next(phones)))
    db.session.flush()
    heads = _choose_heads(departments.values(), members)
    _let_some_be_away(random, [one for one in members if one.user_id is None and one.id not in heads])
    _license(random, members)


def _departments(random: Random, staff: int) -> dict[str, Department]:
    wanted = DEPARTMENTS[:6] if staff < SMALL_BELOW else DEPARTMENTS
    phones = phone_numbers(random)
    rows: dict[str, Department] = {}
    for code, name, kind, floor, above in wanted:
        below = rows[above].id if above else None
        rows[code] = Department.add(code=code, name=name, kind=kind, floor=floor, parent_id=below, phone=next(phones))
        db.session.flush()
    return rows


def _posts(random: Random, count: int) -> Iterator[tuple[str, object]]:
    """Who does what: first those who may sign in, then as many others as there is work."""
    users = {role: user for role, user in users_by_role().items() if role in WORK}
    yield from list(users.items())[:count]
    for role in random.choices(list(WORK), [work[-1] for work in WORK.values()], k=max(0, count - len(users))):
        yield role, None


def _facts(random: Random, role: str, departments: dict[str, Department], number: int) -> dict:
    kind, codes, titles, _share = WORK[role]
    there = [departments[code] for code in codes if code in departments]
    joined = today() - timedelta(days=random.randint(20, 365 * 12))
    return {
        "department_id": random.choice(there).id,
        "designation": random.choice(titles),
        "role_kind": kind,
        "employment": random.choices(list(EMPLOYMENTS), list(EMPLOYMENTS.values()))[0],
        "joined_on": joined,
        "birth_date": birthday(random, 34, 64),
        "national_id": f"S{random.randrange(10_000):04d}{number:05d}",
    }


def _who(random: Random, user, number: int) -> dict:
    """The person behind a user, or somebody new."""
    if user is None:
        one = person(random, share_of_women=0.6)
        email = email_of(one.first_name, one.last_name, number)
    else:
        one, email = Person(user.first_name, user.last_name, sex_of(user.first_name), ""), user.email
    return {
        "first_name": one.first_name,
        "last_name": one.last_name,
        "sex": one.sex,
        "email": email,
        "user_id": user and user.id,
    }


def _emergency(random: Random, last_name: str, phones: Iterator[str]) -> dict:
    if random.random() < 0.3:
        return {}
    near = relative(random, last_name)
    return {"emergency_name": f"{near.first_name} {near.last_name}", "emergency_phone": next(phones)}


def _choose_heads(departments: Iterable[Department], members: list[Staff]) -> set[int]:
    """Let a doctor head a department, or whoever has been there longest where there is none; answers with the ids."""
    for department in departments:
        there = [member for member in members if member.department_id == department.id]
        if there:
            head = min(there, key=lambda member: (member.role_kind != "doctor", member.joined_on))
            department.change(is_active=True, head_id=head.id)
    return {department.head_id for department in departments}


def _let_some_be_away(random: Random, members: list[Staff]) -> None:
    """Some are on leave, some have left, and in a large hospital somebody is suspended."""
    some = random.sample(members, k=min(len(members), max(1, len(members) // 12)))
    for place, member in enumerate(some):
        if place % 5 in (0, 2):
            member.go_on_leave()
        elif place % 5 == 4:
            member.suspend(note=_("Until an inquiry ends"))
        else:
            member.end_employment(left_on=_between(random, member.joined_on, today() - timedelta(days=1)))


def _license(random: Random, members: list[Staff]) -> None:
    """Licences of those who need one; a few end soon enough to be reminded of."""
    kinds = {WORK[role][0] for role in LICENSED}
    licensed = [member for member in members if member.role_kind in kinds and member.status == "active"]
    for place, member in enumerate(licensed):
        days = random.randint(5, 55) if place < EXPIRING else random.randint(90, 900)
        expires = today() + timedelta(days=days)
        Credential.add(
            staff_id=member.id,
            kind="license",
            title=_("Licence to practise"),
            number=f"L{random.randrange(10**6):06d}",
            issued_on=expires - timedelta(days=3 * 365),
            expires_on=expires,
        )


def _between(random: Random, first: date, last: date) -> date:
    return first + timedelta(days=random.randint(0, max(0, (last - first).days)))
