"""What a command is about: the hospital it names, or a sentence and exit code 2."""

import sys

import sqlalchemy as sa

from portal.cli.output import USAGE, refuse
from portal.control.models import Tenant
from portal.extensions import db
from portal.i18n import _


def find_tenant(subdomain: str) -> Tenant | None:
    """The hospital as it is now, or None."""
    query = sa.select(Tenant).where(Tenant.subdomain == subdomain)
    return db.session.scalar(query.execution_options(populate_existing=True))


def get_tenant(subdomain: str) -> Tenant:
    """The hospital; ends the command with 2 where there is none."""
    found = find_tenant(subdomain)
    if found is None:
        refuse(USAGE, _("There is no hospital with the subdomain “{subdomain}”.", subdomain=subdomain))
    return found


def is_terminal() -> bool:
    """Somebody is there to be asked."""
    return sys.stdin.isatty()
