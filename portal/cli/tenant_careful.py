"""`flask tenant rename|clone|delete`: what cannot be taken back with a click, in the page’s words (T28)."""

import click
from flask.cli import with_appcontext

from portal.cli import tenant_backups
from portal.cli.asked import find_tenant, get_tenant
from portal.cli.output import EXISTS, FAILED, USAGE, refuse
from portal.cli.tenant_create import name_problems, perform_and_show
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _
from portal.provisioning import careful
from portal.provisioning.contents import contents_of
from portal.provisioning.delete import kept_backup
from portal.provisioning.registration import NameInUse, Refused, is_free
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.names import normalised, subdomain_problem, suggestions
from portal.times import day

yes_option = click.option("--yes", is_flag=True, help="Do not ask, also while the hospital is in use.")


@click.command("rename")
@click.argument("subdomain")
@click.argument("new_subdomain", metavar="NEW")
@yes_option
@with_appcontext
def rename(subdomain: str, new_subdomain: str, yes: bool) -> None:
    """Give a hospital another address; everybody signs in anew there."""
    ensure_control()
    tenant, wanted = get_tenant(subdomain), normalised(new_subdomain)
    check_free(wanted)
    confirm(tenant, yes, _("This ends the present address of {name}.", name=tenant.name))
    perform(lambda: careful.request_rename(tenant, wanted), wanted)


@click.command("clone")
@click.argument("subdomain")
@click.argument("new_subdomain", metavar="NEW")
@click.option("--name", help="The new hospital’s name.")
@click.option("--sends-messages", is_flag=True, help="Let the copy send messages, as its source does.")
@with_appcontext
def clone(subdomain: str, new_subdomain: str, name: str | None, sends_messages: bool) -> None:
    """Make a new hospital that is a copy of another one, with its people, records and documents."""
    ensure_control()
    source, wanted = get_tenant(subdomain), normalised(new_subdomain)
    begun = find_tenant(wanted)
    details = begun and careful.begun_clone(begun)
    if details and details["source"] == source.id:
        perform(lambda: careful.request_clone_again(begun, details), wanted)
        return
    check_free(wanted, *name_problems(name or ""))
    perform(lambda: careful.request_clone(source, name.strip(), wanted, neutralise=not sends_messages), wanted)


@click.command("delete")
@click.argument("subdomain")
@yes_option
@with_appcontext
def delete(subdomain: str, yes: bool) -> None:
    """Back a hospital up and delete it; “flask tenant restore” brings it back for a time."""
    ensure_control()
    tenant = get_tenant(subdomain)
    facts = {"name": tenant.name, "words": contents_of(tenant).words}
    confirm(tenant, yes, _("This deletes {name} and everything in its database ({words}).", **facts))
    perform(lambda: careful.request_delete(tenant))
    tenant = get_tenant(subdomain, deleted=True)
    made = kept_backup(tenant)
    if made:
        facts = {"subdomain": subdomain, "reference": made.reference, "day": day(tenant.kept_until)}
        click.echo(_("Bring it back until {day} with “flask tenant restore {subdomain} {reference} --yes”.", **facts))


def check_free(subdomain: str, *others: str) -> None:
    """End the command where an answer cannot be used, before anything is asked."""
    problems = [problem for problem in (subdomain_problem(subdomain), *others) if problem]
    if problems:
        refuse(USAGE, *problems)


def confirm(tenant: Tenant, yes: bool, means: str) -> None:
    """Go on only with `--yes`, or once the subdomain was typed on a terminal; never so while the hospital is in use."""
    if yes:
        return
    if tenant.mode == "active" and tenant.generation is not None:
        refuse(USAGE, _("{name} is in use. Put it into maintenance first, or run this again with --yes.",
                        name=tenant.name))  # fmt: skip
    let_type(tenant, means)


def let_type(tenant: Tenant, means: str) -> None:
    """Say what the work means and let the subdomain be typed; ends the command where nobody can."""
    if not tenant_backups.is_terminal():
        refuse(USAGE, means + " " + _("Run it again with --yes."))
    if click.prompt(_("Type {subdomain} to confirm", subdomain=tenant.subdomain)) != tenant.subdomain:
        refuse(USAGE, _("Type {subdomain} exactly as shown", subdomain=tenant.subdomain))


def perform(request, wanted: str = "") -> Operation:
    """Ask for the work, commit, carry it out here and print its steps; ends the command where it does not work."""
    try:
        operation = request()
    except NameInUse as error:
        refuse(EXISTS, error.sentence, _("Available: {names}", names=" ".join(suggestions(wanted, is_free))))
    except Refused as error:
        refuse(USAGE, error.sentence)
    except ProvisioningProblem as error:
        refuse(FAILED, error.sentence)
    db.session.commit()
    operation_id = operation.id
    if not perform_and_show(operation_id):
        raise click.exceptions.Exit(FAILED)
    return db.session.get(Operation, operation_id, populate_existing=True)
