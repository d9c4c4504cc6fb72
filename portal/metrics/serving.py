"""What the serving processes of this gunicorn have counted: requests, how long they took, open databases."""

from collections.abc import Iterator
from itertools import accumulate

from flask import current_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.utils import floatToGoString

from portal.tally import BOUNDS, ENGINES, NOW, SUM

Rows = dict[tuple[str, ...], list[float]]


class Serving:
    """The numbers of all serving processes together."""

    def collect(self) -> Iterator[Metric]:
        """The families of these numbers."""
        tally = current_app.extensions["tally"]
        tally.engines(current_app.extensions["engines"].figures())
        rows = tally.read()
        yield _counted(rows, "requests", "portal_requests", "Requests", ["hospital", "method", "status"])
        yield _took(rows)
        if current_app.extensions["settings"].metrics_by_hospital:
            words = "Requests to a hospital, by its name"
            yield _counted(rows, "hospital", "portal_hospital_requests", words, ["hospital", "status"])
        yield from _engines(rows)


def _counted(rows: Rows, prefix: str, name: str, words: str, labels: list[str]) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for key in sorted(rows):
        if key[0] == prefix:
            family.add_metric(key[1:], rows[key][0])
    return family


def _took(rows: Rows) -> Metric:
    words = "Seconds until the answer to a request was ready"
    family = HistogramMetricFamily("portal_request_seconds", words, labels=["scope"])
    bounds = [*map(floatToGoString, BOUNDS), "+Inf"]
    for key in sorted(rows):
        if key[0] == "seconds":
            numbers = rows[key]
            family.add_metric(key[1:], list(zip(bounds, accumulate(numbers[:SUM]), strict=True)), numbers[SUM])
    return family


def _engines(rows: Rows) -> Iterator[Metric]:
    """What is open of hospital databases now, and what has been opened, found and let go so far."""
    for key in sorted(rows):
        if key[0] == ENGINES:
            family = GaugeMetricFamily if key[1] in NOW else CounterMetricFamily
            words = f"Databases of hospitals in the serving processes: {key[1].replace('_', ' ')}"
            yield family(f"portal_engines_{key[1].removesuffix('_engines')}", words, value=rows[key][0])
