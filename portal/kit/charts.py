"""Charts as numbers: where bars, lines, marks and ticks stand, for the drawing that `components/charts.html` writes.

`bar_chart` and `line_chart` take the labels along the bottom and one `Series` for each bar or line. Whole numbers,
decimals and floats may be mixed; None is a value nobody knows, and leaves a gap.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property

from portal.i18n import _

Number = int | float | Decimal

WIDTH, HEIGHT = 560, 220
TOP, RIGHT, BOTTOM = 14, 8, 30
LETTER = 6.8  # how wide a letter or digit of the axes is at most
ABOUT_TICKS = 4
MOST_LINES, MOST_BARS = 4, 2  # so many shapes of marks and shades of bars there are
BARS_SHARE = 0.76  # of the room of a label; the rest keeps neighbours apart


@dataclass(frozen=True)
class Series:
    """One line, or one bar above each label: what it is called, and a value for each label."""

    label: str
    values: Iterable[Number | None]


@dataclass(frozen=True)
class Tick:
    """A word or number beside an axis: where it stands, and how it reads."""

    at: float
    text: str


@dataclass(frozen=True)
class Mark:
    """Where one value of a line stands."""

    x: float
    y: float


@dataclass(frozen=True)
class Bar:
    """Where one value of a bar chart stands, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Drawn:
    """One series as it is drawn: its number from 1 on, its bars, or its marks and the unbroken runs between them."""

    number: int
    label: str
    bars: list[Bar] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)


def bar_chart(labels: Sequence[str], series: Sequence[Series], unit: str = "") -> "Chart":
    """Bars that stand on zero; one or two beside each other above each label."""
    return Chart("bars", labels, series, unit)


def line_chart(labels: Sequence[str], series: Sequence[Series], unit: str = "") -> "Chart":
    """Lines with marks of different shapes, up to four; the axis begins near the lowest value."""
    return Chart("lines", labels, series, unit)


class Chart:
    """What a drawing and its table need; raises `ValueError` or `TypeError` for what cannot be drawn."""

    width, height, top, right = WIDTH, HEIGHT, TOP, WIDTH - RIGHT

    def __init__(self, kind: str, labels: Sequence[str], series: Sequence[Series], unit: str):
        self.kind, self.labels, self.unit = kind, list(labels), unit
        self.names = [one.label for one in series]
        self.values = [[_exact(value) for value in one.values] for one in series]
        most = MOST_BARS if kind == "bars" else MOST_LINES
        if len(self.names) > most:
            raise ValueError(f"{len(self.names)} series of {kind}: people can tell {most} apart")
        for name, values in zip(self.names, self.values, strict=True):
            if len(values) != len(self.labels):
                raise ValueError(f"“{name}” has {len(values)} values for {len(self.labels)} labels")

    @cached_property
    def known(self) -> list[Decimal]:
        """Every value that somebody knows."""
        return [value for values in self.values for value in values if value is not None]

    @property
    def is_empty(self) -> bool:
        """There is nothing to draw."""
        return not self.known

    @cached_property
    def ticks(self) -> list[Decimal]:
        """The round numbers of the upright axis, the lowest first; all values lie between them."""
        known = [*self.known, Decimal(0)] if self.kind == "bars" else self.known
        is_whole = all(value == value.to_integral_value() for value in known)
        return round_ticks(min(known), max(known), is_whole)

    @property
    def rungs(self) -> list[Tick]:
        """The ticks of the upright axis with their heights."""
        step = (self.ticks[1] - self.ticks[0]).normalize()
        places = max(0, -step.as_tuple().exponent)
        return [Tick(self.height_of(tick), f"{tick:,.{places}f}") for tick in self.ticks]

    @cached_property
    def left(self) -> float:
        """Where the room for the drawing begins, right of the widest number of the axis."""
        return round(max(len(rung.text) for rung in self.rungs) * LETTER + 12, 1)

    def height_of(self, value: Decimal) -> float:
        """How far from the top a value stands."""
        lowest, highest = self.ticks[0], self.ticks[-1]
        room = HEIGHT - TOP - BOTTOM
        return round(TOP + room * float((highest - value) / (highest - lowest)), 1)

    @property
    def ground(self) -> float:
        """How far from the top zero stands, or the lowest number where zero is not on the axis."""
        return self.height_of(min(max(Decimal(0), self.ticks[0]), self.ticks[-1]))

    @property
    def room(self) -> float:
        """How wide the room of one label is."""
        return (self.right - self.left) / len(self.labels)

    def middle_of(self, place: int) -> float:
        """Where the middle of a label's room stands."""
        return self.left + self.room * (place + 0.5)

    @property
    def words(self) -> list[Tick]:
        """The labels along the bottom: as many, from the first on, as stand beside each other."""
        widest = max(len(label) for label in self.labels) * LETTER + 8
        every = max(1, math.ceil(widest / self.room))
        places = range(0, len(self.labels), every)
        return [Tick(round(self.middle_of(place), 1), self.labels[place]) for place in places]

    @property
    def drawn(self) -> list[Drawn]:
        """Every series as it is drawn."""
        draw = self._bars if self.kind == "bars" else self._line
        return [draw(number, name) for number, name in enumerate(self.names, start=1)]

    def _bars(self, number: int, name: str) -> Drawn:
        width = self.room * BARS_SHARE / len(self.names)
        bars = []
        for place, value in enumerate(self.values[number - 1]):
            if value is not None:
                x = self.middle_of(place) + width * (number - 1 - len(self.names) / 2)
                upper, lower = sorted((self.height_of(value), self.ground))
                bars.append(Bar(round(x, 1), upper, round(width * 0.94, 1), round(lower - upper, 1)))
        return Drawn(number, name, bars=bars)

    def _line(self, number: int, name: str) -> Drawn:
        marks = [
            None if value is None else Mark(round(self.middle_of(place), 1), self.height_of(value))
            for place, value in enumerate(self.values[number - 1])
        ]
        return Drawn(number, name, marks=[mark for mark in marks if mark], runs=_runs(marks))

    @property
    def says(self) -> str:
        """The drawing in a sentence, for those who do not see it."""
        return "; ".join(_said(*pair) for pair in zip(self.names, self.values, strict=True))

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The same numbers as a table: each label with its values, empty where nobody knows one."""
        return [
            (label, ["" if values[place] is None else written(values[place]) for values in self.values])
            for place, label in enumerate(self.labels)
        ]


def round_ticks(least: Decimal, most: Decimal, is_whole: bool = False) -> list[Decimal]:
    """Round numbers (1, 2 or 5 with noughts) in even steps from below `least` to above `most`; two at least."""
    span = most - least or abs(most) or Decimal(1)
    step = _round_step(span / ABOUT_TICKS)
    step = max(step, Decimal(1)) if is_whole else step
    first = int((least / step).to_integral_value(ROUND_FLOOR))
    last = int((most / step).to_integral_value(ROUND_CEILING))
    if first == last:
        first, last = first - bool(first), last + 1
    return [step * number for number in range(first, last + 1)]


def _round_step(rough: Decimal) -> Decimal:
    unit = Decimal(1).scaleb(rough.adjusted())
    return next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough)


def _exact(value: Number | None) -> Decimal | None:
    """A value as people wrote it: 0.1 is one tenth, also as a float."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(f"a chart shows numbers, not {value!r}")
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"a chart cannot show {value!r}")
    return exact


def _runs(marks: list[Mark | None]) -> list[str]:
    """The lines between marks that follow each other, as a polyline's points; a gap ends one."""
    runs: list[list[str]] = [[]]
    for mark in marks:
        if mark is None:
            runs.append([])
        else:
            runs[-1].append(f"{mark.x},{mark.y}")
    return [" ".join(run) for run in runs if len(run) > 1]


def _said(name: str, values: list[Decimal | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return _("{name}: nothing recorded", name=name)
    if min(known) == max(known):
        return _("{name}: {value}", name=name, value=written(known[0]))
    words = {"least": written(min(known)), "most": written(max(known)), "last": written(known[-1])}
    return _("{name}: between {least} and {most}, at the end {last}", name=name, **words)


def written(value: Decimal) -> str:
    """A value as people read it: all its places, thousands apart."""
    return f"{value:,f}"
