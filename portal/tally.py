"""Numbers that the serving processes of one gunicorn count together, in memory that they share from their start.

No file and no lock between processes: each has a place of its own and only it writes there; whoever is asked for the
numbers adds the places up. A process that takes the place of a dead one goes on counting where that ended.
"""

import mmap
import threading
from bisect import bisect_left
from collections.abc import Iterable, Mapping

PLACES = 32  # of processes that serve at one time, those that end while others begin among them
ROWS = 4096
KEY = 96  # bytes of a row's name, its length first
NUMBERS = 16  # of one row
ROW = KEY + 8 * NUMBERS
PLACE = ROWS * ROW
BETWEEN = "\t"
NAMES = 800  # hospitals that are counted by name; with five kinds of answers each they fit into the rows
OTHERS = "other hospitals"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SUM = len(BOUNDS) + 1
NOW = frozenset({"open_engines", "leases", "connections"})  # figures of the present; all others only grow
ENGINES = "engines"

Key = tuple[str, ...]


class Tally:
    """The numbers of one process, beside those of the others."""

    def __init__(self, memory: mmap.mmap | bytearray | None = None, place: int = 0):
        self._memory = memoryview(bytearray(PLACE) if memory is None else memory)
        begins = place * PLACE
        self._keys = self._memory[begins : begins + ROWS * KEY]
        self._numbers = self._memory[begins + ROWS * KEY : begins + PLACE].cast("d")
        self._lock = threading.Lock()
        self._rows = {key: row for row, key in enumerate(_keys(self._keys))}
        self._names = {key[1] for key in self._rows if key[0] == "hospital"}
        self._before = {name: self._numbers[self._row((ENGINES, name))] for name in self._engine_names()}

    def request(self, state: str, method: str, status: int, seconds: float, hospital: str | None = None) -> None:
        """A request was answered; it is counted by its hospital's name too where one is given."""
        kind = f"{status // 100}xx"
        scope = "platform" if state == "platform" else "hospital"
        with self._lock:
            self._numbers[self._row(("requests", state, _kind_of(method), kind))] += 1
            if state != "static":
                row = self._row(("seconds", scope))
                self._numbers[row + bisect_left(BOUNDS, seconds)] += 1
                self._numbers[row + SUM] += seconds
            if hospital:
                self._numbers[self._row(("hospital", self._name(hospital), kind))] += 1

    def engines(self, figures: Mapping[str, int]) -> None:
        """What this process has open of hospital databases, and has done so far."""
        with self._lock:
            for name, number in figures.items():
                self._numbers[self._row((ENGINES, name))] = self._before.get(name, 0) + number

    def read(self) -> dict[Key, list[float]]:
        """The numbers of all processes together, by the names of their rows."""
        found: dict[Key, list[float]] = {}
        for begins in range(0, len(self._memory), PLACE):
            keys = self._memory[begins : begins + ROWS * KEY]
            numbers = self._memory[begins + ROWS * KEY : begins + PLACE].cast("d")
            for row, key in enumerate(_keys(keys)):
                its = numbers[row * NUMBERS : (row + 1) * NUMBERS].tolist()
                found[key] = [one + other for one, other in zip(its, found.get(key, [0.0] * NUMBERS), strict=True)]
        return found

    def close_all(self) -> None:
        """The process of this place has ended: it has nothing open any more."""
        for name in NOW & {key[1] for key in self._rows if key[0] == ENGINES}:
            self._numbers[self._row((ENGINES, name))] = 0

    def _engine_names(self) -> list[str]:
        return [key[1] for key in self._rows if key[0] == ENGINES and key[1] not in NOW]

    def _name(self, hospital: str) -> str:
        if hospital not in self._names:
            if len(self._names) >= NAMES:
                return OTHERS
            self._names.add(hospital)
        return hospital

    def _row(self, key: Key) -> int:
        """Where the numbers of this row begin; its name is written before its length, so nobody reads half of it."""
        row = self._rows.get(key)
        if row is None:
            row, text = len(self._rows), BETWEEN.join(key).encode()
            self._keys[row * KEY + 1 : row * KEY + 1 + len(text)] = text
            self._keys[row * KEY] = len(text)
            self._rows[key] = row
        return row * NUMBERS


def _keys(memory: memoryview) -> Iterable[Key]:
    for begins in range(0, len(memory), KEY):
        length = memory[begins]
        if not length:
            return
        yield tuple(bytes(memory[begins + 1 : begins + 1 + length]).decode().split(BETWEEN))


def _kind_of(method: str) -> str:
    return "read" if method in ("GET", "HEAD", "OPTIONS") else "write"


class Shared:
    """The memory of one gunicorn, and which of its processes has which place."""

    def __init__(self):
        self.memory = mmap.mmap(-1, PLACES * PLACE)

    def free_place(self, taken: Iterable[int | None]) -> int | None:
        """A place nobody has; None where there are more processes than places."""
        return min(set(range(PLACES)) - set(taken), default=None)

    def at(self, place: int | None) -> Tally:
        """The numbers of the process that has this place; those without one count for themselves."""
        return Tally() if place is None else Tally(self.memory, place)
