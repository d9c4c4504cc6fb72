"""How old somebody is: in days below 28 days, in months below 2 years, then in years (PAT-6)."""

from datetime import date

from portal.kit import ngettext


def age_in_words(born: date | None, on: date) -> str:
    """The age on a day, such as “12 days”, “7 months” or “71 years”; empty where the birth date is not known."""
    if born is None or born > on:
        return ""
    months = months_between(born, on)
    if (on - born).days < 28:
        return ngettext("{count} day", "{count} days", (on - born).days)
    if months < 24:
        return ngettext("{count} month", "{count} months", months)
    return ngettext("{count} year", "{count} years", months // 12)


def months_between(born: date, on: date) -> int:
    """Whole months from one day to another."""
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
