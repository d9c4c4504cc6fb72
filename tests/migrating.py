"""A command of a newer release on a test's folders; `python -m tests.migrating FOLDER MIGRATIONS SLOWLY ARGUMENT…`.

`SLOWLY` is how many seconds each hospital takes longer, so that a test has time to kill it.
"""

import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from flask.cli import ScriptInfo

from portal import create_app
from portal.provisioning import ledger
from portal.provisioning.fleet import runs, work
from portal.provisioning.migrate import Migrate
from tests import newer
from tests.conftest import make_settings


def slow_down(seconds: float) -> None:
    """Let each hospital take that much longer, in the midst of its transaction."""

    def seed(self, connection, real=Migrate.seed):
        time.sleep(seconds)
        return real(self, connection)

    Migrate.seed = seed


def notice_soon() -> None:
    """Let a process that was killed be missed after four seconds."""
    ledger.LEASE = runs.LEASE = timedelta(seconds=4)
    ledger.BEAT_SECONDS = work.BEATS_EVERY = 1


def main(folder: Path, migrations: Path, slowly: float, *arguments: str) -> None:
    """Run `flask tenant …` as people do, in a process of the newer release."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where whoever began the tests had it ignored
    newer.use(migrations)
    slow_down(slowly)
    notice_soon()
    app = create_app(make_settings(folder))
    app.cli.main(args=["tenant", *arguments], prog_name="flask", obj=ScriptInfo(create_app=lambda: app))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), *sys.argv[4:])
