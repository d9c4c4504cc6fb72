"""The servers of hospital databases that an installation has, as `TENANT_SERVERS` names them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
DEFAULT = "default"
LEAST_CONNECTIONS = 16
KINDS = {"sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql", "postgresql+psycopg": "postgresql"}


class ServerRefused(ValueError):
    """What stands for a server cannot be used; the message says why."""


@dataclass(frozen=True)
class Server:
    """A folder of SQLite files, or a PostgreSQL server.

    New hospitals come to the servers in proportion to their `weight`; 0 takes none, and none takes more than `most`.
    Each process has as many `connections` to it as that, `through` the pooler at this host and port where there is one.
    The pooler's file of `logins` is kept for it.
    """

    name: str
    url: sa.URL
    weight: int = 1
    most: int | None = None
    connections: int | None = None
    through: tuple[str, int] | None = None
    logins: Path | None = None

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return KINDS[self.url.drivername]

    def is_full(self, count: int) -> bool:
        """It holds as many hospitals as it may."""
        return self.most is not None and count >= self.most

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
        options = {key: read(name, key, url.query.get(key)) for key, read in OPTIONS.items() if key in url.query}
        url = url.difference_update_query(OPTIONS)
        if KINDS[url.drivername] == "sqlite" and {"through", "logins"} & set(options):
            raise ServerRefused(f"{name} is a folder; nothing stands between it and the portal")
        if KINDS[url.drivername] == "sqlite":
            if not url.database:
                raise ServerRefused(f"{name} names no folder; write sqlite:///folder")
            url = url.set(database=str((root / url.database).resolve()))
        return cls(name, url, **options)


def _whole(name: str, key: str, value: str | tuple[str, ...]) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,6}", value):
        raise ServerRefused(f"{key} of {name} must be a whole number")
    return int(value)


def _connections(name: str, key: str, value: str | tuple[str, ...]) -> int:
    count = _whole(name, key, value)
    if count < LEAST_CONNECTIONS:
        raise ServerRefused(f"{key} of {name} must be {LEAST_CONNECTIONS} or more: a process has eight threads")
    return count


def _address(name: str, key: str, value: str | tuple[str, ...]) -> tuple[str, int]:
    host, _colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port):
        raise ServerRefused(f"{key} of {name} must be a host and a port, like pooler:6432")
    return host, int(port)


def _file(name: str, key: str, value: str | tuple[str, ...]) -> Path:
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise ServerRefused(f"{key} of {name} must be the whole path of a file")
    return Path(value)


OPTIONS = {"weight": _whole, "most": _whole, "connections": _connections, "through": _address, "logins": _file}


def choose(servers: Mapping[str, Server], counts: Mapping[str, int]) -> str | None:
    """The server that the next hospital comes to: the emptiest for its weight; None where all are full.

    `counts` says how many hospitals each has.
    """
    open_ones = [one for one in servers.values() if one.weight and not one.is_full(counts.get(one.name, 0))]
    chosen = min(open_ones, key=lambda one: (counts.get(one.name, 0) / one.weight, one.name != DEFAULT), default=None)
    return chosen and chosen.name
