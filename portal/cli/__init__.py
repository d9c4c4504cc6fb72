"""The command line: `flask tenant …`, `flask user …`, `flask module …`, `flask up`,
`flask demo`, `flask reap`, `flask check`.
"""

from flask import Flask

from portal.cli.check import check
from portal.cli.demo import demo
from portal.cli.module import module
from portal.cli.reap import reap
from portal.cli.tenant import tenant
from portal.cli.up import up
from portal.cli.user import user


def install(app: Flask) -> None:
    """Add the portal's commands to `flask`."""
    for command in (tenant, user, module, up, demo, reap, check):
        app.cli.add_command(command)
