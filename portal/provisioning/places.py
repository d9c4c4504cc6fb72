"""Where a hospital's database is: the server that has it, and the names it goes by there."""

import sqlalchemy as sa
from flask import current_app

from portal.control.models import Tenant
from portal.i18n import _
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.databases.base import DatabaseDamaged, Databases
from portal.tenancy.engines import read_stamp
from portal.tenancy.names import HospitalNames


def databases_of(tenant: Tenant | sa.Row) -> Databases:
    """The server this hospital was placed on."""
    return current_app.extensions["engines"].databases(tenant.server)


def names_of(tenant: Tenant | sa.Row) -> HospitalNames:
    """Host, file and database name of this hospital."""
    return names_at(tenant.subdomain)


def names_at(subdomain: str) -> HospitalNames:
    """Host, file and database name of whichever hospital has this subdomain."""
    return current_app.extensions["engines"].names(subdomain)


def stamp_at(databases: Databases, names: HospitalNames) -> tuple[str, str] | None:
    """Whose database is under a name; None where there is none, or none that can be read."""
    if not databases.exists(names):
        return None
    try:
        return read_stamp(databases.looking_engine(names))
    except DatabaseDamaged:
        return None


def belongs_to_nobody(names: HospitalNames) -> ProvisioningProblem:
    """What is raised where the name of a database is taken, and no hospital of the registry has it."""
    return ProvisioningProblem(
        _("A database called {name} is there already and belongs to nobody.", name=names.database)
    )
