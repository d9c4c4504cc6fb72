"""Sheets, cards and bands to print: each with its number as a QR code, who printed it, and which copy it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import segno
import sqlalchemy as sa
from flask_login import current_user

from portal.auth.read_only import copies_of
from portal.clock import now
from portal.kit.holds import held
from portal.kit.models import AuditLog
from portal.kit.profile import hospital_profile
from portal.kit.reading import beside, note
from portal.pages.answers import page
from portal.record import Record
from portal.tenancy.current import current_hospital

QUIET = 4  # modules of white around a code, which scanners need (ISO/IEC 18004)


@dataclass(frozen=True)
class Code:
    """A text as a QR code: the path of its dark squares in a square of `size`."""

    text: str
    size: int
    path: str


@dataclass(frozen=True)
class Sheet:
    """What is said on every printed page: what it is, its number, which copy, by whom and when."""

    title: str
    number: str
    code: Code
    copy: int
    by: str
    at: datetime


def print_page(template: str, record: Record, *, title: str, number: str, back: str, **context):
    """The page that shows a record as it prints; `back` is where the reader came from.

    The template extends `shell_print.html`. Each opening is a copy: it is counted, and noted in the audit (D13).
    """
    profile = hospital_profile()
    copy = _next_copy(record, title)
    sheet = Sheet(title, number, code_of(number), copy, current_user.display_name, now())
    return page(template, record=record, profile=profile, sheet=sheet, back=back, **context)


def _next_copy(record: Record, title: str) -> int:
    """The number of this copy: one more than the audit tells of, noted while it is held."""
    printed = sa.select(AuditLog.changes["document"][1].as_string()).where(
        AuditLog.content_type == record.__tablename__, AuditLog.object_id == record.id, AuditLog.action == "print"
    )
    with beside() as connection:
        if not current_hospital().saves_nothing:
            connection.execute(held(sa.select(type(record).id).where(type(record).id == record.id)))
        elsewhere = copies_of(current_hospital(), record)
        copy = 1 + elsewhere + sum(document == title for document in connection.scalars(printed))
        note(connection, "print", record, {"document": title, "copy": copy})
    return copy


def code_of(text: str) -> Code:
    """The text as a QR code that is still read when a seventh of it is smudged."""
    code = segno.make(text, error="m", micro=False)
    return Code(text, code.symbol_size(border=0)[0] + 2 * QUIET, " ".join(_runs(code.matrix)))


def _runs(matrix) -> Iterator[str]:
    """Each row of dark squares as one rectangle."""
    for y, row in enumerate(matrix):
        x = 0
        for dark, squares in groupby(row):
            length = len(list(squares))
            if dark:
                yield f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z"
            x += length
