"""The patients of a demonstration hospital: everybody known there, and who is known twice."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from random import Random

from modules.patients.ages import years_before
from modules.patients.clinical_seed import note_what_is_known
from modules.patients.look_alikes import register_once
from modules.patients.models import MergeLog, Patient
from portal.kit import _, current_hospital, db, now, today
from portal.kit.demo import HospitalSize, users_by_role
from portal.kit.invented import address, birthday, email_of, person, phone_numbers

# From and to how many years old, of how many in a hundred.
AGES = ((0, 1, 5), (2, 15, 14), (16, 39, 30), (40, 64, 28), (65, 80, 16), (81, 95, 7))
BLOOD_GROUPS = {"O+": 36, "A+": 30, "B+": 12, "O-": 7, "A-": 6, "AB+": 4, "B-": 2, "AB-": 1, "unknown": 40}
OCCUPATIONS = (
    _("Teacher"), _("Driver"), _("Farmer"), _("Shop assistant"), _("Electrician"), _("Office worker"), _("Cook"),
    _("Student"), _("Engineer"), _("Carer"), _("Musician"), _("Builder"),
)  # fmt: skip
FEMALE, WITH_ALLERGIES, WITHOUT_ALLERGIES = 0.55, 0.15, 0.35
LOOK_ALIKES_IN, UNIDENTIFIED, DECEASED = 200, 2, 3
KNOWN_FOR = timedelta(days=2 * 365)


def seed(hospital_size: HospitalSize, random: Random) -> None:
    """Invent the patients in the order in which they came, so that the numbers of the oldest are the lowest."""
    users = users_by_role()
    by = users["receptionist"].id if "receptionist" in users else None
    twins = max(1, hospital_size.patients // LOOK_ALIKES_IN)
    people = _people(random, hospital_size.patients - twins - UNIDENTIFIED)
    earlier, later = people[: -len(people) // 10], people[-len(people) // 10 :]
    begin, end = earlier[-1]["created_at"], later[0]["created_at"]
    times = [begin + (end - begin) * place / (twins + UNIDENTIFIED) for place in range(twins + UNIDENTIFIED)]
    patients = _register(earlier, by)
    _register_again(random, patients, times[:twins], by)
    _register_unidentified(random, times[twins:], by)
    patients += _register(later, by)
    _deactivate(random, patients)
    _record_deaths(random, patients)
    note_what_is_known(random, patients, users)


def _register(people: list[dict], by: int | None) -> list[Patient]:
    with db.session.no_autoflush:  # all at once at the end: nobody among them is looked for before
        patients = [Patient(**facts, created_by=by, updated_by=by).register() for facts in people]
    db.session.flush()
    return patients


def _people(random: Random, count: int) -> list[dict]:
    """The facts about everybody, by the time they came."""
    phones, numbers = phone_numbers(random), random.sample(range(10**6), count)
    recorded, none_known = round(count * WITH_ALLERGIES), round(count * WITHOUT_ALLERGIES)
    allergies = ["recorded"] * recorded + ["none_known"] * none_known
    people = [
        _facts(random, phones, number) | {"allergy_status": status}
        for number, status in zip_longest(numbers, allergies, fillvalue="unknown")
    ]
    return sorted(people, key=lambda facts: facts["created_at"])


def _facts(random: Random, phones: Iterator[str], number: int) -> dict:
    """What is known of one person; each question is asked of chance on every day, or the people would change."""
    one = person(random, share_of_women=FEMALE)
    youngest, oldest, _share = random.choices(AGES, [share for *_ages, share in AGES])[0]
    born = birthday(random, youngest, oldest)
    is_adult = born <= years_before(today(), 18)
    estimated = random.random() < 0.05 and born < years_before(today(), 50)
    came, mails = _came_at(random, born), random.random() < 0.5
    marital, occupation = random.choice(("single", "married", "married", "divorced")), random.choice(OCCUPATIONS)
    return {
        "first_name": one.first_name,
        "last_name": one.last_name,
        "sex": one.sex,
        "language": one.language if random.random() < 0.7 else None,
        "birth_date": born.replace(month=1, day=1) if estimated else born,
        "birth_date_estimated": estimated,
        "phone": next(phones) if random.random() < 0.9 else None,
        "email": email_of(one.first_name, one.last_name, number) if mails and is_adult else None,
        "national_id": f"P{number:07d}" if random.random() < 0.7 else None,
        "blood_group": random.choices(list(BLOOD_GROUPS), list(BLOOD_GROUPS.values()))[0],
        "marital_status": marital if is_adult else None,
        "occupation": occupation if is_adult and born > years_before(today(), 66) else None,
        "created_at": came,
        "updated_at": came,
        **address(random),
    }


def _came_at(random: Random, born: date) -> datetime:
    """When somebody was registered: in the last two years, more often lately, in daytime, not before the birth."""
    longest = min(KNOWN_FOR.days, (today() - born).days)
    day = today() - timedelta(days=int(longest * random.random() ** 1.6))
    midnight = datetime.combine(day, time(), current_hospital().zone)
    opens, closes = midnight + timedelta(hours=8), midnight + timedelta(hours=18)
    if day == today():
        opens, closes = midnight, now()
    return (opens + (closes - opens) * random.random()).astimezone(UTC)


def _register_again(random: Random, patients: list[Patient], times: list[datetime], by: int | None) -> None:
    """Register some a second time, as happens, half of them with their names the wrong way round; one is merged."""
    copied = ("sex", "birth_date", "city", "country", "language")
    exact = [patient for patient in patients if not patient.birth_date_estimated]
    for place, (known, at) in enumerate(zip(random.sample(exact, len(times)), times, strict=True)):
        names = (known.first_name, known.last_name)[:: 1 if place % 2 else -1]
        again = register_once(
            first_name=names[0],
            last_name=names[1],
            **{name: getattr(known, name) for name in copied},
            created_at=at,
            created_by=by,
            duplicate_reason=_("Says they have never been here"),
        )
        if place == 0:
            db.session.flush()
            again.status, again.merged_into_id = "merged", known.id
            reason = _("The same person: both came with one identity card")
            db.session.add(MergeLog(kept_id=known.id, merged_id=again.id, reason=reason, created_by=by))


def _register_unidentified(random: Random, times: list[datetime], by: int | None) -> None:
    """People who came without a name."""
    for at, (sex, word) in zip(times, (("male", _("man")), ("female", _("woman"))), strict=True):
        Patient(
            first_name=_("Unidentified"),
            last_name=word,
            sex=sex,
            birth_date=years_before(today(), random.randint(30, 60)),
            birth_date_estimated=True,
            is_temporary=True,
            created_at=at,
            created_by=by,
        ).register()


def _deactivate(random: Random, patients: list[Patient]) -> None:
    """Some who came long ago are not seen here any more."""
    for patient in patients:
        if patient.created_at < now() - KNOWN_FOR * 0.8 and random.random() < 0.2:
            patient.deactivate()


def _record_deaths(random: Random, patients: list[Patient]) -> None:
    """A few of the oldest have died in the last month."""
    old = years_before(today(), 70)
    last = now() - timedelta(days=32)
    likely = [one for one in patients if one.status == "active" and one.birth_date < old and one.created_at < last]
    for patient in random.sample(likely, min(DECEASED, len(likely))):
        patient.record_death(now() - timedelta(days=random.randint(1, 29), minutes=random.randrange(1440)))
