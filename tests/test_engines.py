"""The engine cache: what it has open is counted."""

import pytest

from portal.tenancy.engines import Engines


@pytest.fixture
def engines(in_app) -> Engines:
    """The open databases of this process, none yet."""
    found = in_app.extensions["engines"]
    found.close()
    return found


def test_what_is_open_and_what_was_done_is_counted(engines, two_hospitals):
    engines.close()
    before = engines.figures()
    for hospital in (*two_hospitals, *two_hospitals):
        lease = engines.lease(hospital)
        assert engines.figures()["leases"] == 1
        engines.end(lease)
    after = engines.figures()
    assert (after["open_engines"], after["connections"], after["leases"]) == (2, 2, 0)
    assert {name: after[name] - before[name] for name in ("opened", "hits")} == {"opened": 2, "hits": 2}
