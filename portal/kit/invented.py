"""Invented people for the demonstration: names of many cultures and scripts, birthdays, and numbers nobody answers."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

from portal.kit.search import folded
from portal.tenancy.current import current_hospital
from portal.times import today


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    first_name: str
    last_name: str
    sex: str
    language: str


@cache
def _lists() -> dict:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def person(random: Random, *, share_of_women: float = 0.5) -> Person:
    """Somebody new, whose given name and family name belong together."""
    cultures = _lists()["cultures"]
    culture = random.choices(cultures, [one["share"] for one in cultures])[0]
    sex = "female" if random.random() < share_of_women else "male"
    family = culture.get(f"family_{sex}", culture["family"])
    return Person(random.choice(culture[sex]), random.choice(family), sex, culture["language"])


def relative(random: Random, last_name: str) -> Person:
    """Somebody of the family of an invented person."""
    for culture in _lists()["cultures"]:
        for family in (culture["family"], culture.get("family_female", [])):
            if last_name in family:
                sex = random.choice(("female", "male"))
                name = culture.get(f"family_{sex}", culture["family"])[family.index(last_name)]
                return Person(random.choice(culture[sex]), name, sex, culture["language"])
    raise LookupError(f"No family is called {last_name!r}.")


def sex_of(first_name: str) -> str:
    """The sex an invented given name stands for."""
    return next(sex for culture in _lists()["cultures"] for sex in ("female", "male") if first_name in culture[sex])


def birthday(random: Random, youngest: int, oldest: int) -> date:
    """A day of birth of somebody who is from `youngest` to `oldest` years old today."""
    age = random.randint(youngest, oldest)
    return today() - timedelta(days=int(age * 365.2425) + 1 + random.randrange(364))


def address(random: Random) -> dict[str, str]:
    """Where somebody lives, near the hospital, by column."""
    country = _country()
    street = f"{random.randint(1, 180)} {random.choice(country['streets'])}"
    return {"address_line": street, "city": random.choice(country["towns"]), "country": country["name"]}


def phone_numbers(random: Random) -> Iterator[str]:
    """Different phone numbers of the hospital's country, each of a range that is kept free for examples."""
    numbers = [
        pattern.replace("#" * places, f"{number:0{places}d}")
        for pattern in _country()["phones"]
        for places in [pattern.count("#")]
        for number in range(10**places)
    ]
    random.shuffle(numbers)
    yield from numbers


def email_of(first_name: str, last_name: str, number: int) -> str | None:
    """An email address that no message reaches; None for a name that cannot be written in Latin letters."""
    name = folded(first_name, last_name).replace(" ", ".")
    return f"{name}.{number}@example.test" if name.isascii() else None


def _country() -> dict:
    return _lists()["countries"][current_hospital().locale.partition("-")[2]]
