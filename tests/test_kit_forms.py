"""The fields of forms: an hour that a clock skips or repeats, what nobody touched, texts of several lines."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from wtforms import Form

from portal.kit import day_bounds
from portal.kit.forms import DayAndTime, Measure, Paragraph, TimeOfDay
from portal.tenancy.current import in_hospital

LONDON = ZoneInfo("Europe/London")
FIRST = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON)
SECOND = FIRST.replace(fold=1)


class Seen(Form):
    """When something was seen."""

    at = DayAndTime("Seen at")


class Told(Form):
    """What was told."""

    words = Paragraph("Notes", 10)


class Measured(Form):
    """What a thermometer and a clock show."""

    warmth = Measure("Temperature", "25", "45", places=1)
    breaths = Measure("Breaths", "3", "80", required="Enter the breaths")
    at = TimeOfDay("Begins")


@pytest.fixture
def inside(in_app, hospital):
    """Work inside the hospital, which is in London."""
    with in_hospital(hospital):
        yield hospital


class Sent(dict):
    """Answers as a browser sends them."""

    def getlist(self, name: str) -> list[str]:
        return [self[name]] if name in self else []


def seen(text: str, kept: datetime | None = None) -> Seen:
    """The form with this answer, for a record that keeps this time."""
    return Seen(Sent(at=text), data={"at": kept})


def test_an_hour_that_the_clock_skips_is_no_real_time(inside):
    form = seen("2026-03-29T01:30")
    assert not form.validate()
    assert form.at.errors == ["Seen at must be a real day and time, like 1980-03-31 14:05"]


@pytest.mark.parametrize("kept", [FIRST, SECOND])
def test_a_time_nobody_touched_stays_as_it_was_also_in_the_hour_that_comes_twice(inside, kept):
    assert seen("2026-10-25T01:30", kept.astimezone(UTC)).at.data == kept.astimezone(UTC)


def test_the_seconds_of_a_time_nobody_touched_stay(inside):
    kept = datetime(2026, 7, 1, 9, 30, 27, 5, tzinfo=UTC)
    assert seen("2026-07-01T10:30", kept).at.data == kept
    assert seen("2026-07-01T10:31", kept).at.data == datetime(2026, 7, 1, 9, 31, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Lima"])
@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_time_at_the_end_of_the_calendar_is_refused_or_kept_and_no_fault(inside, monkeypatch, zone, text):
    monkeypatch.setattr("portal.kit.forms.zone", lambda: ZoneInfo(zone))
    form = seen(text)
    assert form.validate() == bool(form.at.data)
    if form.at.data:
        assert form.at.data.astimezone(UTC).tzinfo == UTC


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Lima"])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_day_of_the_calendar_have_bounds(inside, monkeypatch, zone, day):
    monkeypatch.setattr("portal.kit.lists.zone", lambda: ZoneInfo(zone))
    begin, end = day_bounds(day)
    assert begin < end


def test_a_line_break_counts_once_as_it_does_in_the_browser(in_app):
    form = Told(Sent(words="1234\r\n67890"))
    assert form.validate()
    assert form.words.data == "1234\n67890"


@pytest.mark.parametrize("odd", ["a\x00b", "a\x1bb"])
def test_a_text_of_several_lines_holds_nothing_that_nobody_sees(in_app, odd):
    form = Told(Sent(words=odd))
    assert not form.validate()
    assert form.words.errors == ["Notes must not contain control characters"]


@pytest.mark.parametrize(
    ("typed", "kept"), [("37.4", Decimal("37.4")), ("37,4", Decimal("37.4")), ("45", 45), ("", None)]
)
def test_a_measure_takes_a_number_inside_its_bounds(typed, kept):
    form = Measured(Sent(warmth=typed, breaths="12"))
    assert form.validate()
    assert form.warmth.data == kept


@pytest.mark.parametrize("typed", ["24.9", "45.1", "37.45", "warm", "-1", "1e9", "٣٧"])
def test_a_measure_says_what_it_takes(typed):
    form = Measured(Sent(warmth=typed, breaths="12"))
    assert not form.validate()
    assert form.warmth.errors == ["Temperature must be a number from 25 to 45, like 25.5"]
    assert form.warmth._value() == typed


def test_a_measure_without_places_is_a_whole_number():
    form = Measured(Sent(breaths="12.5"))
    assert not form.validate()
    assert form.breaths.errors[0] == "Breaths must be a whole number from 3 to 80"


@pytest.mark.parametrize(("typed", "kept"), [("09:30", time(9, 30)), ("", None)])
def test_a_time_of_day_is_read_from_the_clock(typed, kept):
    form = Measured(Sent(breaths="12", at=typed))
    assert form.validate()
    assert form.at.data == kept


def test_what_no_clock_shows_is_no_time_of_day():
    form = Measured(Sent(breaths="12", at="25:00"))
    assert not form.validate()
    assert form.at.errors == ["Begins must be a time like 09:30"]
