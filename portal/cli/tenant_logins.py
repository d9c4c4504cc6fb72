"""`flask tenant logins`: the hospitals' roles for a pooler that shall let them in."""

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from portal.cli.output import USAGE, refuse
from portal.control.models import Tenant
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _


@click.command("logins")
@click.argument("server", default="default")
@with_appcontext
def logins(server: str) -> None:
    """Print the file of logins of a PgBouncer before this PostgreSQL SERVER; what it holds are no passwords."""
    ensure_control()
    settings, engines = current_app.extensions["settings"], current_app.extensions["engines"]
    if server not in settings.servers or settings.servers[server].kind != "postgresql":
        refuse(USAGE, _("{server} is no PostgreSQL server of this installation.", server=server))
    here = sa.select(Tenant.subdomain).where(Tenant.server == server, Tenant.generation.is_not(None))
    subdomains = db.session.scalars(here.order_by(Tenant.subdomain)).all()
    db.session.rollback()
    for subdomain in subdomains:
        click.echo(engines.databases(server).server.login(engines.names(subdomain).database))
