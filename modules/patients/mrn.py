"""The medical record number: PREFIX-000123-0, whose last digit catches a slip of the finger (PAT-1)."""

import re

WRITTEN = re.compile(r"(?:([A-Z]{1,6})[- ]?)?(\d{6,9})[- ]?(\d)")


def check_digit(digits: str) -> int:
    """The Luhn check digit (ISO/IEC 7812-1, annex B) of a row of digits."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def mrn_of(prefix: str, value: int) -> str:
    """The number of the patient who was registered as number `value`."""
    digits = f"{value:06d}"
    return f"{prefix}-{digits}-{check_digit(digits)}"


def read_mrn(text: str, prefix: str) -> str | None:
    """The number as it is kept, where the text looks like one; without its letters it needs its last hyphen."""
    found = WRITTEN.fullmatch(text.strip().upper())
    if not found or not (found[1] or "-" in text):
        return None
    return f"{found[1] or prefix}-{found[2]}-{found[3]}"


def is_mistyped_mrn(text: str) -> bool:
    """The text looks like a medical record number, and its last digit does not fit the others."""
    mrn = read_mrn(text, "")
    return mrn is not None and check_digit(mrn.split("-")[1]) != int(mrn[-1])
