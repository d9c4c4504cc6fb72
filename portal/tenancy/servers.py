"""The servers of hospital databases that an installation has, as `TENANT_SERVERS` names them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
DEFAULT = "default"
KINDS = {"sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql", "postgresql+psycopg": "postgresql"}


class ServerRefused(ValueError):
    """What stands for a server cannot be used; the message says why."""


@dataclass(frozen=True)
class Server:
    """A folder of SQLite files, or a PostgreSQL server.

    New hospitals come to the servers in proportion to their `weight`; 0 takes none, and none takes more than `most`.
    """

    name: str
    url: sa.URL
    weight: int = 1
    most: int | None = None

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return KINDS[self.url.drivername]

    @classmethod
    def parse(cls, text: str, root: Path) -> "Server":
        """`name=url`, with `weight` and `most` as options of the URL; raises `ServerRefused`.

        A SQLite URL names a folder, from `root` where it is relative.
        """
        name, _equals, address = (part.strip() for part in text.partition("="))
        if not NAME.fullmatch(name):
            raise ServerRefused(f"a server is written as name=url, with a name like north-1; it is “{text}”")
        try:
            url = sa.make_url(address)
        except (sa.exc.ArgumentError, ValueError):
            raise ServerRefused(f"the address of {name} cannot be read") from None
        if url.drivername not in KINDS:
            raise ServerRefused(f"{name} must be a sqlite:// folder or a postgresql:// server")
        options = {key: _whole(name, key, url.query.get(key)) for key in ("weight", "most") if key in url.query}
        url = url.difference_update_query(["weight", "most"])
        if KINDS[url.drivername] == "sqlite":
            if not url.database:
                raise ServerRefused(f"{name} names no folder; write sqlite:///folder")
            url = url.set(database=str((root / url.database).resolve()))
        return cls(name, url, **options)


def _whole(name: str, key: str, value: str | tuple[str, ...]) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,6}", value):
        raise ServerRefused(f"{key} of {name} must be a whole number")
    return int(value)


def choose(servers: Mapping[str, Server], counts: Mapping[str, int]) -> str | None:
    """The server that the next hospital comes to: the emptiest for its weight; None where all are full.

    `counts` says how many hospitals each has.
    """
    open_ones = [
        one for one in servers.values() if one.weight and (one.most is None or counts.get(one.name, 0) < one.most)
    ]
    chosen = min(open_ones, key=lambda one: (counts.get(one.name, 0) / one.weight, one.name != DEFAULT), default=None)
    return chosen and chosen.name
