"""Volumes: every list and board of a hospital in the morning (p95 under 100 ms), with all rows and with a tenth

The pages find themselves: whatever a module opens without a number in its address, but forms and files.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import thread_time

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.dashboard import signed_in
from benchmarks.measure import Result, opened, p95, portal, spent_by_turns
from portal import clock
from portal.kit.demo import HospitalSize
from portal.provisioning.demo import HOSPITALS
from portal.web_worker import settle

TURNS = 20
OPENS = timedelta(hours=10, minutes=30)
ALL = HOSPITALS[0].size
TENTH = HospitalSize(patients=ALL.patients // 10, staff=ALL.staff // 3)
NOT_LISTS = {"new", "edit", "export", "pick"}


def measure(folder: Path) -> list[Result]:
    """Each page in two hospitals, turn by turn; the slowest first."""
    clock.move(datetime.now(UTC).replace(hour=0, minute=0) + timedelta(days=1) + OPENS - datetime.now(UTC))
    with portal(folder / "tenth") as small:
        client_of_small = signed_in(small, TENTH)
    with portal(folder / "all") as large:
        client_of_large = signed_in(large, ALL)
    settle()
    found = [compared(path, client_of_large, client_of_small) for path in pages_of(large)]
    clock.reset()
    return [result for _slowest, result in sorted(found, key=lambda row: -row[0])]


def pages_of(app: Flask) -> list[str]:
    """The addresses of all lists and boards, and the dashboard with every panel."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in app.extensions["modules"]]
    paths = {rule.rule for rule in rules if "GET" in rule.methods and not rule.arguments}
    return [*sorted(path for path in paths if NOT_LISTS.isdisjoint(path.split("/"))), "/dashboard/?all=1"]


def compared(path: str, large: FlaskClient, small: FlaskClient) -> tuple[float, Result]:
    """A page with all rows against the same page with a tenth of them, after how long the processor worked for it."""
    worked: list[float] = []
    slow, quick = spent_by_turns(TURNS, asker(large, path, worked), asker(small, path, []))
    of_100 = f"(95 of 100: {p95(slow):6.1f} ms, of the processor {p95(worked[1:]):5.1f} ms)"
    return p95(worked[1:]), Result(path, "a tenth", median(slow), median(quick), of_100)


def asker(client: FlaskClient, path: str, worked: list[float]):
    """Opens the page, and notes for how many milliseconds the processor worked: others do not count in that."""

    def ask(turn: int) -> None:
        begun = thread_time()
        opened(client, path, "clinic.localhost")
        worked.append((thread_time() - begun) * 1000)

    return ask
