"""`flask tenant suspend | resume | maintenance | read-only`: a hospital's mode without a browser (tenancy.md T28)."""

import click
from flask.cli import with_appcontext

from portal.cli.asked import get_tenant
from portal.cli.output import USAGE, refuse, show_json
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _
from portal.provisioning.describe import described
from portal.provisioning.modes import CHANGES, LONGEST_REASON, change_mode
from portal.provisioning.steps import ProvisioningProblem

subdomain = click.argument("subdomain")
as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@click.command("suspend")
@subdomain
@click.option("--reason", default="", help="Why; kept in the audit.")
@click.option("--off", is_flag=True, help="Resume the hospital, as “flask tenant resume” does.")
@as_json
@with_appcontext
def suspend(subdomain: str, reason: str, off: bool, as_json: bool) -> None:
    """Let nobody into a hospital, and end every session."""
    _change(subdomain, "resume" if off else "suspend", reason, as_json)


@click.command("resume")
@subdomain
@as_json
@with_appcontext
def resume(subdomain: str, as_json: bool) -> None:
    """Let people into a suspended hospital again."""
    _change(subdomain, "resume", "", as_json)


@click.command("maintenance")
@subdomain
@click.option("--reason", default="", help="The sentence that the hospital’s staff read.")
@click.option("--off", is_flag=True, help="End the maintenance.")
@as_json
@with_appcontext
def maintenance(subdomain: str, reason: str, off: bool, as_json: bool) -> None:
    """Close a hospital for a while; who is signed in stays so."""
    _change(subdomain, "end-maintenance" if off else "start-maintenance", reason, as_json)


@click.command("read-only")
@subdomain
@click.option("--reason", default="", help="Why; kept in the audit.")
@click.option("--off", is_flag=True, help="Let people save again.")
@as_json
@with_appcontext
def read_only(subdomain: str, reason: str, off: bool, as_json: bool) -> None:
    """Let everything in a hospital be looked up, and nothing be saved."""
    _change(subdomain, "make-writable" if off else "make-read-only", reason, as_json)


def _change(subdomain: str, name: str, reason: str, as_json: bool) -> None:
    """Change the mode and say so; ends with 2 where it cannot be changed now."""
    ensure_control()
    if len(reason) > LONGEST_REASON:
        refuse(USAGE, _("Reason must be {most} characters or fewer", most=LONGEST_REASON))
    found = get_tenant(subdomain)
    try:
        change_mode(found, CHANGES[name], reason)
    except ProvisioningProblem as problem:
        refuse(USAGE, problem.sentence)
    db.session.commit()
    if as_json:
        show_json(described(found))
    else:
        click.echo(CHANGES[name].done.format(name=found.name))
