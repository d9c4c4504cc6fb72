"""The fields of forms: an hour that a clock skips or repeats, what nobody touched, texts of several lines."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from wtforms import Form

from portal.kit import day_bounds
from portal.kit.forms import DayAndTime, Paragraph
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
