"""Looks into City General again and again over pooled connections; `python -m tests.swapped FOLDER`.

Each line it prints is when it asked, the value it read or `refused`, and the status of the hospital's first page.
"""

import sys
import threading
import time
from pathlib import Path

import sqlalchemy as sa

from portal import create_app
from portal.tenancy.current import TenantGone
from portal.tenancy.databases.base import DatabaseMissing, WrongDatabase
from portal.tenancy.registry import Registry
from tests.conftest import make_settings

VALUE = sa.text("SELECT value FROM core_sequence WHERE name = 'mrn'")


def look(app, registry: Registry) -> str:
    """What the hospital's own engine reads now, as a request would get it."""
    hospital = registry.find("city-general")
    try:
        with app.extensions["engines"].get(hospital, writing=False).connect() as connection:
            return str(connection.scalar(VALUE))
    except (WrongDatabase, DatabaseMissing, TenantGone):
        return "refused"


def main(folder: Path) -> None:
    """Look until told to stop."""
    app = create_app(make_settings(folder))
    ended, browser = threading.Event(), app.test_client()
    with app.app_context():
        look(app, app.extensions["registry"])
    print("ready", flush=True)
    sys.stdin.readline()
    print("looking", flush=True)
    threading.Thread(target=lambda: (sys.stdin.readline(), ended.set()), daemon=True).start()
    is_last = False
    while not is_last:
        is_last = ended.is_set()  # one more look after it was told to stop, however busy the machine is
        at = time.time()
        with app.app_context():
            value = look(app, app.extensions["registry"])
        status = browser.get("/", base_url="http://city-general.localhost:8000").status_code
        print(at, value, status, flush=True)
        time.sleep(0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
