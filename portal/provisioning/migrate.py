"""One hospital brought to the newest revision while people are in it: all of it, or as it was (tenancy.md T15)."""

import time
from collections.abc import Callable

import sqlalchemy as sa
import structlog

from portal.control.models import Operation, Tenant
from portal.i18n import _
from portal.kit import seed
from portal.migrations import CommittedTooSoon, current_revision, head, revisions
from portal.provisioning import repair, template, verify
from portal.provisioning.failures import MIGRATED, NOTHING, reason_of
from portal.provisioning.ledger import Ledger, LostLease
from portal.provisioning.places import databases_of, names_of
from portal.provisioning.steps import CHECK, MIGRATE, SAVE, ProvisioningProblem
from portal.tenancy import releases
from portal.tenancy.databases.base import WrongDatabase
from portal.tenancy.databases.errors import is_busy
from portal.tenancy.engines import check_every_change, check_every_connection, read_stamp
from portal.tenancy.session import TENANT

log = structlog.get_logger(__name__)
TRIES, PAUSE_SECONDS = 3, 0.5
LOCK_SECONDS = 5  # on a server: whoever waits for a table keeps everybody waiting who comes after
LONGEST = 200
TELLS_OF_ROWS = "22"  # the class of PostgreSQL's errors that quote a value


class Migrate:
    """One attempt to migrate a database. `run` may be repeated after a kill at any moment and ends in the same place.

    Everything is one transaction that has the write lock from its beginning. SQLite's present state is copied within
    it, for a migration that ends the transaction it runs in; no other needs the copy.
    """

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant: Tenant = operation.tenant
        self.ledger, self.build = ledger, build
        self.databases = databases_of(self.tenant)
        self.names = names_of(self.tenant)
        self.left = NOTHING  # what a failure at this moment leaves behind
        self.is_saved = False
        self.found: str | None = None
        self.done: list[str] = []  # the revisions that ran in this try

    def run(self) -> dict:
        """Do every step; answers with the registry's new values for the hospital."""
        self.ledger.begin(SAVE.name)
        if self.databases.has_log(self.names):  # one that another database left must not be written into this one
            read_stamp(self.databases.looking_engine(self.names))
        engine = self.databases.changing_engine(self.names)
        check_every_connection(engine, self.tenant)
        check_every_change(engine, self.tenant)
        try:
            self.found = self._revision(engine)
            if self.found != head(TENANT):
                self._patiently(lambda: self.migrate(engine))
        except WrongDatabase as error:
            raise ProvisioningProblem(_("The database is not the one the platform created.")) from error
        finally:
            engine.dispose()
        self.ledger.begin(CHECK.name)
        self.undo()
        values = verify.verified_values(self.tenant)
        if self.left == MIGRATED and values["status"] in ("incomplete", "missing"):
            raise ProvisioningProblem(values["reason"])
        newest = head(TENANT)  # which it is at, also where nobody can look just now
        return {"revision": newest, "serves_from": releases.serves_from(newest)} | values

    def undo(self) -> None:
        """Nobody needs the copy any more."""
        if self.is_saved:
            self.databases.discard(self.build)

    def _revision(self, engine: sa.Engine) -> str | None:
        with engine.connect().execution_options(writing=False) as connection:
            return current_revision(TENANT, connection)

    def _patiently(self, work: Callable[[], None]) -> None:
        """Try again where others are in the way for a moment."""
        for attempt in range(1, TRIES + 1):
            try:
                work()
                return
            except sa.exc.DBAPIError as error:
                if not is_busy(error.orig):
                    raise
                log.warning("database_busy", attempt=attempt, error=str(error.orig))
                if attempt == TRIES:
                    raise ProvisioningProblem(_("The database is busy. Try again in a moment.")) from error
                time.sleep(PAUSE_SECONDS * attempt)

    def migrate(self, engine: sa.Engine) -> None:
        """Run what is missing, add what it takes with it; what fails leaves the database as it was."""
        self.done = []
        try:
            added = repair.complete(engine, self.seed, begun=self.save, on_step=self.done.append)
        except CommittedTooSoon as error:
            self._put_back()
            raise self._refused(str(error)) from error
        except (LostLease, WrongDatabase):
            raise
        except Exception as error:
            cause = error.__cause__ if isinstance(error, ProvisioningProblem) and error.__cause__ else error
            if is_busy(getattr(cause, "orig", cause)) or reason_of(cause):
                raise
            raise self._refused(_words(cause)) from error
        self.left = MIGRATED
        self.ledger.say(added.sentences)

    def save(self, connection: sa.Connection) -> None:
        """Copy the present state, which nobody can change any more; an attempt that lost its lease ends here."""
        if connection.dialect.name == "sqlite":
            self.is_saved = True
            self.databases.copy(self.names, self.build)
        else:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(LOCK_SECONDS * 1000)}")
        self.ledger.begin(MIGRATE.name)

    def seed(self, connection: sa.Connection) -> None:
        """What a new hospital begins with and this one lacks; and new tables are the hospital's to read and write."""
        seed.seed_reference(connection, template.modules())
        self.databases.grant_rows(connection)
        self.ledger.beat()  # the last moment at which an attempt that lost its lease can leave everything as it was

    def _put_back(self) -> None:
        if self.is_saved:
            self.databases.overwrite(self.build, self.names, self.ledger.beat)

    def _refused(self, why: str) -> ProvisioningProblem:
        """Which revision it was, and why, in a sentence."""
        known = [revision for revision, _module in revisions(TENANT)]
        pending = known[known.index(self.found) + 1 :]
        revision = pending[min(len(self.done), len(pending) - 1)]
        sentence = _("Revision {revision} did not work: {why}.", revision=revision, why=why.rstrip("."))
        return ProvisioningProblem(sentence)


def _words(error: Exception) -> str:
    """The first line of what a database or a migration says, but nothing that may quote what people typed."""
    said = getattr(error, "orig", error)
    quotes = (getattr(said, "sqlstate", None) or "").startswith(TELLS_OF_ROWS)
    if quotes or not isinstance(error, (sa.exc.DBAPIError, RuntimeError)) or not str(said):
        return type(said).__name__
    return str(said).splitlines()[0][:LONGEST]
