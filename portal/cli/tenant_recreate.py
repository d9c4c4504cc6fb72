"""`flask tenant recreate`: an empty database in place of a hospital's, asked for twice (tenancy.md T21, T28)."""

import click
from flask.cli import with_appcontext

from portal.cli.asked import get_tenant
from portal.cli.output import FAILED, USAGE, refuse, show_json
from portal.cli.tenant_backups import is_terminal
from portal.cli.tenant_create import perform_and_show
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _
from portal.provisioning import asking
from portal.provisioning.contents import contents_of
from portal.provisioning.describe import described
from portal.provisioning.steps import ProvisioningProblem


@click.command("recreate")
@click.argument("subdomain")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@with_appcontext
def recreate(subdomain: str, yes: bool, as_json: bool) -> None:
    """Delete everything in a hospital's database and begin with an empty one; a backup is made first."""
    ensure_control()
    tenant = get_tenant(subdomain)
    if not yes:
        _confirm(tenant)
    try:
        operation = asking.request_recreate(tenant)
    except ProvisioningProblem as problem:
        refuse(FAILED, problem.sentence)
    db.session.commit()
    operation_id = operation.id
    worked = perform_and_show(operation_id, quiet=as_json)
    _answer(db.session.get(Operation, operation_id, populate_existing=True), as_json)
    if not worked:
        raise click.exceptions.Exit(FAILED)


def _confirm(tenant: Tenant) -> None:
    """Say what goes, and let its subdomain be typed; ends with 2 where nobody can."""
    contents = contents_of(tenant)
    click.echo(f"{contents.deleted} {contents.words}." if contents.exists else contents.deleted, err=True)
    click.echo(contents.kept, err=True)
    if not is_terminal():
        refuse(USAGE, _("Run it again with --yes."))
    if click.prompt(_("Type {subdomain} to confirm", subdomain=tenant.subdomain)) != tenant.subdomain:
        refuse(USAGE, _("Type {subdomain} exactly as shown", subdomain=tenant.subdomain))


def _answer(operation: Operation, as_json: bool) -> None:
    """What was done, and the way back."""
    reference = operation.backup.reference if operation.backup else None
    if as_json:
        show_json(described(operation.tenant) | {"backup": reference})
    elif reference:
        click.echo(_("Backup {reference}", reference=reference))
        facts = {"subdomain": operation.tenant.subdomain, "reference": reference}
        click.echo(_("To undo: flask tenant restore {subdomain} {reference} --yes", **facts))
