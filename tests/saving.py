"""Saves rows in City General one after another; `python -m tests.saving FOLDER`.

Each line it prints is the number of a row and what became of it: `saved`, `closed`, or the name of another error.
"""

import sys
import threading
import time
from pathlib import Path

from portal import create_app
from portal.extensions import db
from portal.kit.models import Sequence
from portal.tenancy.current import TenantGone, in_hospital
from portal.tenancy.databases.base import DatabaseMissing, WrongDatabase
from tests.conftest import make_settings


def save(app, number: int) -> str:
    """Save one row as a request would: the registry is believed for a second."""
    hospital = app.extensions["registry"].find("city-general")
    try:
        with app.app_context(), in_hospital(hospital):
            db.session.add(Sequence(id=1000 + number, name=f"staff-{number}", width=6, value=0))
            db.session.commit()
    except (TenantGone, WrongDatabase, DatabaseMissing):
        return "closed"
    except Exception as error:
        return type(error).__name__
    return "saved"


def main(folder: Path) -> None:
    """Save until told to stop."""
    app = create_app(make_settings(folder))
    ended = threading.Event()
    print("ready", flush=True)
    sys.stdin.readline()
    print("saving", flush=True)
    threading.Thread(target=lambda: (sys.stdin.readline(), ended.set()), daemon=True).start()
    number = 0
    while not ended.is_set():
        number += 1
        with app.app_context():
            outcome = save(app, number)
        print(number, outcome, flush=True)
        time.sleep(0.01)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
