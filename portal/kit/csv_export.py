"""A list as a file for spreadsheets: all its rows in the order and with the filters of the page (RFC 4180)."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

from flask import make_response

from portal.extensions import db
from portal.i18n import _
from portal.kit.reading import audit_reading
from portal.pages.lists import Listing
from portal.times import today, zone

FORMULA = tuple("=+-@\t\r\n＝＋－＠")
AT_ONCE = 1000
MARK = "\ufeff"  # by it a spreadsheet knows UTF-8


def csv_file(listing: Listing, name: str):
    """The answer that downloads every row of a list as `<name>-<day of the hospital>.csv`, noted in the audit.

    A column stands in it when it says its `value`. One query reads all rows, so that they are of one moment.
    """
    text = io.StringIO(newline="")
    count = write(text, listing)
    audit_reading("export", None, listing.chosen | {"list": name, "rows": count, "q": listing.q})
    answer = make_response(text.getvalue().encode("utf-8"))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{today().isoformat()}.csv"'
    return answer


def write(text: io.StringIO, listing: Listing) -> int:
    """Write the head and all rows of a list, a thousand in memory at a time; the number of rows."""
    columns = [column for column in listing.columns if column.value]
    text.write(MARK)
    writer = csv.writer(text)
    writer.writerow([cell(column.label) for column in columns])
    count = 0
    for row in listing.rows(listing.ordered.execution_options(yield_per=AT_ONCE)):
        writer.writerow([cell(column.value(row)) for column in columns])
        count += 1
    db.session.rollback()  # the read ends before the audit is written (D13)
    return count


def cell(value) -> str | int | Decimal:
    """What a file holds of a value: numbers as they are, times of the hospital, and no text that is a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return f"{value.astimezone(zone()):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return harmless(str(value))


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula (security.md 39)."""
    return f"'{text}" if text.startswith(FORMULA) else text
