"""Charts: round ticks, gaps, shapes, and a drawing that is also said in words and numbers."""

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from flask import render_template_string

from portal.kit.charts import MOST_BARS, MOST_LINES, TOP, Series, bar_chart, line_chart, round_ticks

DAYS = ["Mon", "Tue", "Wed"]
SHOWN = '{% import "components/charts.html" as charts %}{{ charts.chart(chart, "pulse", "Pulse of Ann", "Day") }}'


def texts(ticks) -> list[str]:
    """The ticks as they read."""
    return [str(tick) for tick in ticks]


def one(*values) -> list[Series]:
    """One series with these values."""
    return [Series("Pulse", values)]


@pytest.fixture
def drawn(in_app):
    """The markup of a chart."""

    def draw(chart) -> str:
        with in_app.test_request_context():
            return render_template_string(SHOWN, chart=chart)

    return draw


# --- the axis ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "most", "ticks"),
    [
        ("0", "24", ["0", "10", "20", "30"]),
        ("0", "9", ["0", "5", "10"]),
        ("36.1", "39.4", ["36", "37", "38", "39", "40"]),
        ("60", "140", ["60", "80", "100", "120", "140"]),
        ("0", "1234", ["0", "500", "1000", "1500"]),
        ("-7", "12", ["-10", "-5", "0", "5", "10", "15"]),
        ("0.1", "0.3", ["0.10", "0.15", "0.20", "0.25", "0.30"]),
    ],
)
def test_ticks_are_round_and_hold_every_value(least, most, ticks):
    found = round_ticks(Decimal(least), Decimal(most))
    assert [float(tick) for tick in found] == [float(tick) for tick in ticks]
    assert found[0] <= Decimal(least)
    assert found[-1] >= Decimal(most)


@pytest.mark.parametrize("value", ["0", "40", "36.6", "-40", "0.002", "1000000"])
def test_the_axis_of_a_flat_series_has_room_around_it(value):
    found = round_ticks(Decimal(value), Decimal(value))
    assert len(found) >= 2
    assert found[0] <= Decimal(value) <= found[-1]


def test_counts_have_no_half_ticks():
    assert texts(round_ticks(Decimal(0), Decimal(2), is_whole=True)) == ["0", "1", "2"]
    assert [rung.text for rung in bar_chart(DAYS, one(0, 1, 2)).rungs] == ["0", "1", "2"]


def test_ticks_read_with_thousands_apart_and_as_many_places_as_they_need():
    assert line_chart(DAYS, one(1000, 3000, 5000)).rungs[0].text == "1,000"
    assert [rung.text for rung in line_chart(DAYS, one(0.1, 0.2, 0.3)).rungs] == [
        "0.10",
        "0.15",
        "0.20",
        "0.25",
        "0.30",
    ]


def test_bars_stand_on_zero_even_when_all_values_are_high():
    chart = bar_chart(DAYS, one(90, 95, 99))
    assert chart.ticks[0] == 0
    assert {bar.y + bar.height for bar in chart.drawn[0].bars} == {chart.ground}


def test_a_line_uses_the_room_between_its_lowest_and_highest_value():
    assert line_chart(DAYS, one(90, 95, 99)).ticks[0] == 90


def test_a_negative_bar_hangs_from_zero():
    chart = bar_chart(DAYS, one(-5, 0, 5))
    below, flat, above = chart.drawn[0].bars
    assert below.y == chart.ground == above.y + above.height
    assert below.height == above.height > 0
    assert flat.height == 0


# --- where values stand --------------------------------------------------------------------------------------------


def test_whole_numbers_decimals_and_floats_stand_at_the_same_height():
    marks = line_chart(DAYS, one(2, Decimal("2.0"), 2.0)).drawn[0].marks
    assert len({mark.y for mark in marks}) == 1


def test_the_highest_tick_is_at_the_top_and_everything_is_inside_the_drawing():
    chart = bar_chart([str(day) for day in range(31)], [Series(name, range(31)) for name in ("In", "Out")])
    assert chart.rungs[-1].at == TOP
    for series in chart.drawn:
        assert all(chart.left <= bar.x and bar.x + bar.width <= chart.right for bar in series.bars)
        assert all(bar.y >= TOP and bar.y + bar.height <= chart.ground for bar in series.bars)


def test_bars_beside_each_other_do_not_touch():
    first, second = bar_chart(DAYS, [Series("In", (1, 2, 3)), Series("Out", (3, 2, 1))]).drawn
    for place, bar in enumerate(first.bars):
        assert bar.x + bar.width < second.bars[place].x
        if place:
            assert second.bars[place - 1].x + second.bars[place - 1].width < bar.x


def test_a_missing_value_leaves_a_gap_in_the_line_and_no_mark():
    series = line_chart(["a", "b", "c", "d", "e"], one(1, 2, None, 4, 5)).drawn[0]
    assert len(series.marks) == 4
    assert [len(run.split()) for run in series.runs] == [2, 2]


def test_a_missing_value_is_no_bar_but_zero_is_one():
    assert len(bar_chart(DAYS, one(1, None, 0)).drawn[0].bars) == 2


def test_one_point_is_a_mark_without_a_line():
    chart = line_chart(["now"], one(72))
    series = chart.drawn[0]
    assert (len(series.marks), series.runs) == (1, [])
    assert chart.left < series.marks[0].x < chart.right


def test_as_many_labels_are_written_as_stand_beside_each_other():
    chart = bar_chart([f"{day} November" for day in range(1, 31)], one(*range(30)))
    words = chart.words
    assert words[0].text == "1 November"
    widths = [later.at - earlier.at for earlier, later in pairwise(words)]
    assert min(widths) > len("30 November") * 6
    assert len(bar_chart(DAYS, one(1, 2, 3)).words) == 3


# --- what cannot be drawn ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["7", True, object()])
def test_only_numbers_are_drawn(value):
    with pytest.raises(TypeError, match="numbers"):
        line_chart(["now"], one(value))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_a_number_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match="cannot show"):
        line_chart(["now"], one(value))


def test_every_label_has_its_value():
    with pytest.raises(ValueError, match="2 values for 3 labels"):
        bar_chart(DAYS, one(1, 2))


def test_more_series_than_people_can_tell_apart_are_refused():
    for draw, most in ((bar_chart, MOST_BARS), (line_chart, MOST_LINES)):
        assert draw(DAYS, [Series(str(number), (1, 2, 3)) for number in range(most)])
        with pytest.raises(ValueError, match="apart"):
            draw(DAYS, [Series(str(number), (1, 2, 3)) for number in range(most + 1)])


# --- the drawing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chart", [bar_chart([], one()), line_chart(DAYS, one(None, None, None)), bar_chart(DAYS, [])])
def test_nothing_to_draw_says_so(drawn, chart):
    markup = drawn(chart)
    assert "Nothing to show" in markup
    assert "<svg" not in markup


def test_the_drawing_has_a_title_and_a_description_that_it_names(drawn):
    markup = drawn(line_chart(DAYS, one(60, 72, 66), unit="beats/min"))
    ids = re.search(r'role="img" aria-labelledby="(\S+) (\S+)"', markup)
    assert f'<title id="{ids[1]}">Pulse of Ann (beats/min)</title>' in markup
    assert f'<desc id="{ids[2]}">Pulse: between 60 and 72, at the end 66. The table has every number.</desc>' in markup


def test_the_same_numbers_stand_in_a_table(drawn):
    markup = drawn(line_chart(DAYS, one(Decimal("37.50"), None, 1200)))
    rows = re.findall(r'<tr><th scope="row">(\w+)</th><td class="n">(.*?)</td></tr>', markup)
    said = [(day, re.sub("<[^>]+>", "", value)) for day, value in rows]
    assert said == [("Mon", "37.50"), ("Tue", "Not recorded"), ("Wed", "1,200")]
    assert '<caption class="vh">Pulse of Ann</caption>' in markup
    assert '<th scope="col">Day</th><th scope="col" class="n">Pulse</th>' in markup


def test_a_zero_in_the_table_is_a_zero(drawn):
    assert '<td class="n">0</td>' in drawn(bar_chart(DAYS, one(0, 1, 2)))


def test_each_line_has_a_mark_of_its_own_shape_and_the_key_shows_it(drawn):
    names = ["Pulse", "Systolic", "Temperature", "Oxygen"]
    markup = drawn(line_chart(DAYS, [Series(name, (1, 2, 3)) for name in names]))
    key, drawing = markup.split("</ul>")[0], markup.split("</ul>")[1]
    assert re.findall(r"</svg>(\w+)</li>", key) == names
    for number in range(1, 5):
        assert key.count(f'class="m{number}"') == 1
        assert drawing.count(f'class="m{number}"') == 3
    shapes = set(re.findall(r"(?:<circle|m-?\d[^\"]*z)", drawing))
    assert len(shapes) == len(names)


def test_the_key_of_a_single_bar_would_say_what_the_title_says(drawn):
    assert 'class="key"' not in drawn(bar_chart(DAYS, one(1, 2, 3)))
    assert 'class="key"' in drawn(bar_chart(DAYS, [Series("In", (1, 2, 3)), Series("Out", (1, 2, 3))]))


def test_what_a_series_is_called_is_text_and_never_markup(drawn):
    markup = drawn(bar_chart(["<b>"], [Series("<i>", [1])]))
    assert "<i>" not in markup
    assert "<b>" not in markup


def test_a_flat_series_is_said_with_its_one_value(in_app):
    assert line_chart(DAYS, one(5, 5, 5)).says == "Pulse: 5"
    assert line_chart(DAYS, [Series("Pulse", (None,) * 3), Series("Other", (1, 1, 1))]).says == (
        "Pulse: nothing recorded; Other: 1"
    )
