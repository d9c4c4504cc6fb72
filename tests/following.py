"""A process that asks for pages and does jobs of a hospital; `python -m tests.following FOLDER`.

Each line of its input is a path, answered with the status of that page, or `job`, answered `done` or `gone`.
"""

import sys
from pathlib import Path

from portal import create_app
from portal.kit import outbox
from portal.tenancy.current import TenantGone
from tests.conftest import make_settings


def answer(app, asked: str) -> str:
    """What the hospital city-general answers this process."""
    if asked != "job":
        return str(app.test_client().get(asked, base_url="http://city-general.localhost:8000").status_code)
    try:
        with app.app_context():
            outbox.deliver("city-general")
    except TenantGone:
        return "gone"
    return "done"


def main(folder: Path) -> None:
    """Answer the lines of the input, one after another."""
    app = create_app(make_settings(folder))
    print("ready", flush=True)
    for line in sys.stdin:
        print(answer(app, line.strip()), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
