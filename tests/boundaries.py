"""Which points of an operation the tests kill it at, in rounds that run beside each other."""

import pytest

from tests import on_postgres


def rounds(seams: str, count: int, on_server: tuple[int, int] = (1, 1)) -> list:
    """Every so-manieth point from each of the first ones on: seams, first point, step.

    On a server there are few, since work that is built aside there is seen by nobody, and each takes seconds: there
    is one round, of all of them or of those that `on_server` says.
    """
    if on_postgres.WANTED:
        return [pytest.param(seams, *on_server, id=seams)]
    return [pytest.param(seams, first, count, id=f"{seams}-{first}") for first in range(1, count + 1)]


#: Between the pages of a file that are copied while others write to it.
PAGES = [pytest.param("pages", first, 2, id=f"pages-{first}", marks=pytest.mark.sqlite) for first in (1, 2)]


def fewest(of_files: int, on_server: int) -> int:
    """What a round comes to at least, so that a test whose points are gone fails."""
    return on_server if on_postgres.WANTED else of_files
