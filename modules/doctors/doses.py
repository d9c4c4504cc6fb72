"""How often a drug is given, how much of it that takes, and how a dose reads."""

import re
from decimal import Decimal

from portal.kit import _, ngettext

FREQUENCY_WORDS = {
    "od": _("once a day"),
    "bd": _("twice a day"),
    "tds": _("three times a day"),
    "qds": _("four times a day"),
    "q4h": _("every 4 hours"),
    "q6h": _("every 6 hours"),
    "q8h": _("every 8 hours"),
    "stat": _("once, now"),
    "prn": _("when needed"),
    "custom": _("at set times"),
}
FREQUENCIES = tuple(FREQUENCY_WORDS)
TIMES_PER_DAY = {"od": 1, "bd": 2, "tds": 3, "qds": 4, "q4h": 6, "q6h": 4, "q8h": 3}
ROUTE_WORDS = {
    "oral": _("by mouth"),
    "iv": _("intravenous"),
    "im": _("intramuscular"),
    "sc": _("under the skin"),
    "topical": _("on the skin"),
    "inhaled": _("inhaled"),
    "rectal": _("rectal"),
    "other": _("other route"),
}
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def quantity_of(dose: Decimal, frequency: str, times: list[str], days: int | None) -> Decimal | None:
    """Dose × times per day × days (DOC-5); None for what is given when needed, or as long as nobody says how long."""
    if frequency == "stat":
        return dose
    per_day = len(times) if frequency == "custom" else TIMES_PER_DAY.get(frequency, 0)
    return dose * per_day * days if per_day and days else None


def clock_times(text: str | None) -> list[str] | None:
    """The times of a day that somebody typed, in their order, such as “08:00 20:30”; None where one is none."""
    words = re.split(r"[\s,;]+", (text or "").strip())
    if words == [""]:
        return []
    return sorted(set(words)) if all(CLOCK.fullmatch(word) for word in words) else None


def amount(number: Decimal) -> str:
    """A quantity without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def dose_in_words(item) -> str:
    """Such as “500 mg by mouth, three times a day, 5 days”."""
    often = FREQUENCY_WORDS[item.frequency]
    if item.times:
        often = _("at {times}", times=", ".join(item.times))
    if item.is_prn and item.frequency != "prn":
        often = _("{often}, when needed", often=often)
    parts = [f"{amount(item.dose)} {item.dose_unit} {ROUTE_WORDS[item.route]}", often]
    if item.duration_days:
        parts.append(ngettext("{count} day", "{count} days", item.duration_days))
    return ", ".join(parts)
