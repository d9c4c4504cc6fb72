"""`flask tenant move`: another server for a hospital's database, with the proof that nothing is lost (T28)."""

import click
from flask.cli import with_appcontext

from portal.cli.asked import get_tenant
from portal.cli.output import FAILED, USAGE, refuse, show_json
from portal.cli.tenant_careful import let_type
from portal.cli.tenant_create import perform_and_show
from portal.control.models import Operation
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _
from portal.provisioning import careful
from portal.provisioning.backups import reference_of
from portal.provisioning.registration import Refused
from portal.provisioning.steps import ProvisioningProblem


@click.command("move")
@click.argument("subdomain")
@click.option("--to", "server", required=True, help="A server of TENANT_SERVERS.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON: each table's rows and checksum.")
@with_appcontext
def move(subdomain: str, server: str, yes: bool, as_json: bool) -> None:
    """Move a hospital's database to another server; it can be read meanwhile, and nothing is saved in it."""
    ensure_control()
    tenant = get_tenant(subdomain)
    if not yes:
        let_type(tenant, _("Nothing can be saved in {name} while it is moved.", name=tenant.name))
    try:
        operation = careful.request_move(tenant, server)
    except Refused as error:
        refuse(USAGE, error.sentence)
    except ProvisioningProblem as error:
        refuse(FAILED, error.sentence)
    db.session.commit()
    operation_id = operation.id
    worked = perform_and_show(operation_id, quiet=as_json)
    if as_json:
        show_json(_told(db.session.get(Operation, operation_id, populate_existing=True)))
    if not worked:
        raise click.exceptions.Exit(FAILED)


def _told(operation: Operation) -> dict:
    """What was moved, compared and measured; why not, where it did not work."""
    facts = {"hospital": operation.tenant.subdomain, "server": operation.tenant.server, "state": operation.state}
    facts |= {"from": operation.details["before"], "to": operation.details["server"], "error": operation.error}
    return facts | {"backup": operation.build and reference_of(operation.build)} | operation.details.get("moved", {})
