"""`flask demo`: two hospitals with believable records, and a table of who can sign in."""

import time

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.auth.passwords import temporary_password
from portal.cli.output import EXISTS, FAILED, USAGE, refuse
from portal.first_start import ensure_control
from portal.i18n import _
from portal.logs import for_people
from portal.provisioning import demo as demonstration
from portal.provisioning.demo import Account, DemoHospital
from portal.provisioning.registration import NameInUse, Refused
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.databases.base import DatabaseDamaged, DatabaseMissing, WrongDatabase

NOT_THERE = (DatabaseDamaged, DatabaseMissing, WrongDatabase)
HEADINGS = Account(_("Address"), _("Role"), _("Username"), _("Password"))


@click.command("demo")
@click.option("--yes", is_flag=True, help="Also on a portal that people reach over https.")
@with_appcontext
def demo(yes: bool) -> None:
    """Add two hospitals with invented people; run again, it adds nothing."""
    if current_app.extensions["settings"].secure and not yes:
        refuse(USAGE, _("This portal is reached over https, so it may be in use. If you want the demonstration "
                        "hospitals on it, run this again with --yes."))  # fmt: skip
    for_people()
    ensure_control()
    password = temporary_password()
    accounts = [account for wanted in demonstration.HOSPITALS for account in _make(wanted, password)]
    if accounts:
        click.echo(_("\nWho can sign in (the password is made up now, and shown only this once):\n"))
        click.echo(_table(accounts))
    else:
        click.echo(_("Nothing was added. Their password was shown when they were made; without it, make a new link "
                     "for a hospital’s administrator on the management page."))  # fmt: skip


def _make(wanted: DemoHospital, password: str) -> list[Account]:
    """Make one hospital and say so, or why not."""
    started = time.monotonic()
    try:
        accounts = demonstration.make(wanted, password)
    except NameInUse as error:
        refuse(EXISTS, error.sentence)
    except Refused as error:
        refuse(USAGE, error.sentence)
    except ProvisioningProblem as error:
        refuse(FAILED, error.sentence)
    except NOT_THERE:
        refuse(FAILED, _("The database of {name} cannot be opened.", name=wanted.name))
    facts = {"name": wanted.name, "patients": f"{wanted.size.patients:,}", "staff": wanted.size.staff}
    if accounts:
        took = f"{time.monotonic() - started:.1f}"
        click.echo(_("{name}: {patients} patients and {staff} staff in {took} s.", **facts, took=took))
    else:
        click.echo(_("{name} is there already.", name=wanted.name))
    return accounts


def _table(accounts: list[Account]) -> str:
    rows = [(row.url, row.role, row.username, row.password) for row in (HEADINGS, *accounts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                     for row in rows)  # fmt: skip
