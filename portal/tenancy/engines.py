"""Engines of hospital databases: opened on first use, checked against the registry, the least used let go."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

import sqlalchemy as sa

from portal.tenancy.current import Hospital
from portal.tenancy.databases.base import DatabaseDamaged, Databases, WrongDatabase
from portal.tenancy.names import HospitalNames

LARGEST = 128


@dataclass
class _Open:
    reading: sa.Engine
    writing: sa.Engine
    generation: str | None
    epoch: int


class Engines:
    """The open hospital databases of this process (tenancy.md T4, T19, T20).

    `names(subdomain)` gives a hospital's names; `servers` maps a placement's name to its databases.
    """

    def __init__(self, servers: dict[str, Databases], names, largest: int = LARGEST):
        self.servers, self.names, self.largest = servers, names, largest
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._lock = threading.Lock()

    def databases(self, server: str = "default") -> Databases:
        """The server of that name; raises LookupError for one the settings do not know."""
        try:
            return self.servers[server]
        except KeyError:
            raise LookupError(f"This installation has no database server called {server!r}.") from None

    def names_of(self, hospital: Hospital) -> HospitalNames:
        """Host, file and database name of a hospital."""
        return self.names(hospital.subdomain)

    def get(self, hospital: Hospital, *, writing: bool) -> sa.Engine:
        """The engine of this hospital; raises `DatabaseMissing`, `DatabaseDamaged` or `WrongDatabase`."""
        with self._lock:
            found = self._open.get(hospital.uuid)
            if found and (found.generation, found.epoch) == (hospital.generation, hospital.epoch):
                self._open.move_to_end(hospital.uuid)
                return found.writing if writing else found.reading
        return self._opened(hospital, writing)

    def _opened(self, hospital: Hospital, writing: bool) -> sa.Engine:
        engine = self.databases(hospital.server).engine(self.names_of(hospital))
        fresh = _Open(
            engine.execution_options(writing=False),
            engine.execution_options(writing=True),
            hospital.generation,
            hospital.epoch,
        )
        try:
            check_stamp(fresh.reading, hospital.uuid, hospital.generation)
        except BaseException:
            engine.dispose()
            raise
        with self._lock:
            let_go = [self._open.pop(hospital.uuid, None)]
            self._open[hospital.uuid] = fresh
            while len(self._open) > self.largest:
                let_go.append(self._open.popitem(last=False)[1])
        for old in filter(None, let_go):
            old.reading.dispose()
        return fresh.writing if writing else fresh.reading

    def forget(self, uuid: str) -> None:
        """Close this process's connections to a hospital."""
        with self._lock:
            found = self._open.pop(uuid, None)
        if found:
            found.reading.dispose()

    def close(self) -> None:
        """Close every connection of this process."""
        for uuid in list(self._open):
            self.forget(uuid)

    def abandon(self) -> None:
        """After a fork: drop what the parent opened without touching its connections (tenancy.md fact 12)."""
        self._lock = threading.Lock()
        for found in self._open.values():
            found.reading.dispose(close=False)
        self._open.clear()

    def __len__(self) -> int:
        return len(self._open)


def check_stamp(engine: sa.Engine, uuid: str, generation: str | None) -> None:
    """Compare a database's identity row with the registry's; raises `WrongDatabase` on any difference."""
    found = read_stamp(engine)
    if found != (uuid, generation):
        raise WrongDatabase(f"stamped {found}, the registry says {(uuid, generation)}")


def read_stamp(engine: sa.Engine) -> tuple[str, str] | None:
    """The identity row `(tenant uuid, generation)`, or None where there is none; raises `DatabaseDamaged`."""
    try:
        with engine.connect() as connection:
            row = connection.execute(sa.text("SELECT tenant_uuid, generation FROM core_identity")).first()
    except sa.exc.OperationalError as error:
        if "no such table" in str(error.orig):
            return None
        raise DatabaseDamaged(str(error.orig)) from error
    except (sa.exc.DatabaseError, UnicodeDecodeError) as error:
        raise DatabaseDamaged(str(error)) from error
    return tuple(row) if row else None
