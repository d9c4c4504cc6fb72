"""`flask tenant …`: the management page's work without a browser, in the same words."""

import click
from flask.cli import AppGroup

from portal.cli.asked import get_tenant, known_tenants
from portal.cli.output import FAILED, refuse, show_json
from portal.cli.tenant_backups import backup, list_backups, restore
from portal.cli.tenant_careful import clone, delete, rename
from portal.cli.tenant_create import create, perform_and_show
from portal.cli.tenant_doctor import doctor
from portal.cli.tenant_logins import logins
from portal.cli.tenant_migrate import migrate, status
from portal.cli.tenant_modes import maintenance, read_only, resume, suspend
from portal.cli.tenant_move import move
from portal.cli.tenant_recreate import recreate
from portal.control.models import Tenant
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _
from portal.logs import for_people
from portal.provisioning import TenantDatabaseManager, asking, seen
from portal.provisioning.describe import described
from portal.provisioning.modes import NAMES
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.current import in_hospital
from portal.tenancy.registry import get_hospital

tenant = AppGroup(
    "tenant", callback=for_people, help="Create, list, check, suspend, maintain, back up and restore hospitals."
)
COMMANDS = (
    create, suspend, resume, maintenance, read_only, backup, list_backups, restore, recreate, rename, move, clone,
    delete, doctor, migrate, status, logins,
)  # fmt: skip
for command in COMMANDS:
    tenant.add_command(command)
tenant.add_command(delete, "drop")
as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")

LABELS = {"ready": _("Ready"), "incomplete": _("Incomplete"), "missing": _("Missing/Error"), "unknown": _("Unknown")}


@tenant.command("list")
@as_json
def list_tenants(as_json: bool) -> None:
    """List every hospital with its status."""
    ensure_control()
    rows = [described(row) for row in db.session.scalars(known_tenants().order_by(Tenant.subdomain))]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        mode = f" ({NAMES[row['mode']]})" if row["mode"] != "active" else ""
        click.echo(f"{row['subdomain']:<30} {LABELS[row['status']]:<14} {row['name']}{mode}")
    if not rows:
        click.echo(_("There are no hospitals yet. Create one with “flask tenant create”."))


@tenant.command("show")
@click.argument("subdomain")
@as_json
def show(subdomain: str, as_json: bool) -> None:
    """Show what is known of one hospital."""
    ensure_control()
    facts = described(get_tenant(subdomain, deleted=True))
    if as_json:
        show_json(facts)
        return
    for key, value in facts.items():
        if key not in ("operation", "findings"):
            click.echo(f"{key.replace('_', ' '):<16} {', '.join(value) if isinstance(value, list) else value}")


@tenant.command("verify")
@click.argument("subdomains", nargs=-1, required=True)
@as_json
def verify(subdomains: tuple[str, ...], as_json: bool) -> None:
    """Look at hospitals' databases now; ends with 4 when one is not Ready."""
    ensure_control()
    found = {}
    for subdomain in subdomains:
        get_tenant(subdomain)
        found[subdomain] = TenantDatabaseManager.verify_hospital_database(subdomain)
    if as_json:
        show_json([described(get_tenant(subdomain)) for subdomain in subdomains])
    else:
        for subdomain, verdict in found.items():
            click.echo(f"{subdomain}: {LABELS[verdict.status]}. {verdict.reason}")
            show_findings(get_tenant(subdomain))
    if any(verdict.status != "ready" for verdict in found.values()):
        raise click.exceptions.Exit(FAILED)


def show_findings(found: Tenant) -> None:
    """What the look saw, as the record shows it."""
    facts, whole = seen.facts_of(found), seen.whole_of(found)
    if whole:
        facts.append((_("Every page and reference"), whole[0]))
    for label, words in facts:
        click.echo(f"  {label + ':':<26}{words}")
    for line in seen.lines_of(found):
        click.echo(f"  {line.text}")


@tenant.command("create-database")
@click.argument("subdomain")
def create_database(subdomain: str) -> None:
    """Create the database of a hospital that has none; safe on one that has."""
    ensure_control()
    try:
        operation = asking.request_create(get_tenant(subdomain))
    except ProvisioningProblem as problem:
        refuse(FAILED, problem.sentence)
    db.session.commit()
    if not perform_and_show(operation.id):
        raise click.exceptions.Exit(FAILED)


@tenant.command("run", context_settings={"ignore_unknown_options": True})
@click.argument("subdomain")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def run(context: click.Context, subdomain: str, command: tuple[str, ...]) -> None:
    """Run another flask command inside a hospital: flask tenant run city-general -- shell."""
    ensure_control()
    get_tenant(subdomain)
    db.session.rollback()
    flask = context.find_root()
    with in_hospital(get_hospital(subdomain)):
        flask.command.main(args=list(command), prog_name="flask", obj=flask.obj, standalone_mode=False)
