"""`flask tenant create`: register a hospital and make its database in this process, without worker or Redis."""

import sys

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from portal.admin.fields import username_problem
from portal.auth.invitations import invite
from portal.auth.passwords import hashed, password_problem
from portal.cli.output import EXISTS, FAILED, USAGE, refuse, show_json
from portal.control.models import Operation, Plan, Tenant, User
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _
from portal.pages.forms import email_problem
from portal.provisioning import operations
from portal.provisioning.describe import described
from portal.provisioning.progress import Progress
from portal.provisioning.registration import (
    NameInUse,
    NewAdministrator,
    Refused,
    Registration,
    is_free,
    register_hospital,
)
from portal.tenancy.names import normalised, subdomain_problem, suggestions
from portal.times import today

WITHOUT_TERMINAL = {
    "name": "Test Hospital",
    "subdomain": "test-hospital",
    "admin_username": "hospital_admin",
    "admin_email": "hospital_admin@hospital.test",
}
MARKS = {"done": "✓", "failed": "✗", "skipped": "–", "waiting": "·", "running": "…"}
QUESTIONS = {
    "name": _("Hospital name"),
    "subdomain": _("Subdomain"),
    "admin_username": _("Administrator’s username"),
    "admin_email": _("Administrator’s email"),
}


@click.command("create")
@click.option("--name", help="The hospital’s name.")
@click.option("--subdomain", help="Its address: letters a to z, numbers and hyphens.")
@click.option("--admin", help="Username of an existing hospital administrator.")
@click.option("--admin-username", help="Username of a new administrator.")
@click.option("--admin-email", help="Email address of the new administrator.")
@click.option("--admin-password", help="Password of the new administrator; without one a link is printed.")
@click.option("--plan", default=None, help="Name of the plan; the first one when left out.")
@click.option("--skip-database", is_flag=True, help="Register the hospital, create its database later.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@with_appcontext
def create(as_json: bool, skip_database: bool, **answers) -> None:
    """Create a hospital with its own database and administrator."""
    ensure_control()
    asked = complete(answers)
    problems = problems_of(asked)
    if problems:
        refuse(USAGE, *problems)
    tenant, operation = _register(asked, not skip_database)
    link = _commit_with_link(tenant, asked)
    tenant_id, operation_id = tenant.id, operation and operation.id
    db.session.commit()
    worked = operation_id is None or perform_and_show(operation_id, quiet=as_json)
    _answer(tenant_id, link, as_json)
    if not worked:
        raise click.exceptions.Exit(FAILED)


def complete(answers: dict) -> dict:
    """Ask for what is missing on a terminal; without one use the test hospital's answers (D24)."""
    asked = dict(answers)
    for key, question in QUESTIONS.items():
        if asked.get(key) or (asked.get("admin") and key.startswith("admin_")):
            continue
        asked[key] = click.prompt(question) if sys.stdin.isatty() else WITHOUT_TERMINAL[key]
    asked["subdomain"] = normalised(asked["subdomain"])
    return asked


def problems_of(asked: dict) -> list[str]:
    """The sentence for every answer that cannot be used, as on the page."""
    problems = [subdomain_problem(asked["subdomain"]), *name_problems(asked["name"])]
    if not asked["admin"]:
        problems.append(username_problem(asked["admin_username"].strip().lower()))
        problems.append(email_problem(asked["admin_email"]))
        if asked["admin_password"]:
            problems.append(password_problem(asked["admin_password"]))
    return [problem for problem in problems if problem]


def name_problems(name: str) -> list[str]:
    """The sentences for what a hospital cannot be called."""
    problems = []
    if not name.strip():
        problems.append(_("Enter the hospital name"))
    if len(name) > 120:
        problems.append(_("Hospital name must be 120 characters or fewer"))
    if not all(char.isprintable() for char in name):
        problems.append(_("Hospital name must not contain line breaks or control characters"))
    return problems


def _register(asked: dict, with_database: bool) -> tuple[Tenant, Operation | None]:
    settings = current_app.extensions["settings"]
    registration = Registration(
        name=asked["name"].strip(),
        subdomain=asked["subdomain"],
        administrator=_administrator(asked),
        plan_id=_plan(asked["plan"]).id,
        starts_on=today(),
        modules=frozenset(current_app.extensions["modules"]),
        timezone=settings.default_timezone,
        currency=settings.default_currency,
        locale=settings.default_locale,
    )
    try:
        return register_hospital(registration, with_database=with_database)
    except NameInUse as error:
        free = suggestions(asked["subdomain"], is_free)
        refuse(EXISTS, error.sentence, _("Available: {names}", names=" ".join(free)))
    except Refused as error:
        refuse(USAGE, error.sentence)


def _administrator(asked: dict) -> NewAdministrator | int:
    if asked["admin"]:
        found = db.session.scalar(sa.select(User.id).where(User.username == asked["admin"].lower()))
        if found is None:
            refuse(USAGE, _("There is no user called “{username}”.", username=asked["admin"]))
        return found
    password = asked["admin_password"]
    return NewAdministrator(
        username=asked["admin_username"].strip(),
        name=asked["admin_username"].strip(),
        email=asked["admin_email"].strip(),
        password_hash=hashed(password) if password else None,
    )


def _plan(name: str | None) -> Plan:
    query = sa.select(Plan).order_by(Plan.position, Plan.id).limit(1)
    plan = db.session.scalar(query.where(Plan.name == name) if name else query)
    if plan is None:
        names = ", ".join(db.session.scalars(sa.select(Plan.name).order_by(Plan.position)))
        refuse(USAGE, _("There is no plan called “{name}”. Plans: {names}", name=name, names=names))
    return plan


def _commit_with_link(tenant: Tenant, asked: dict) -> str | None:
    """An invitation link for a new administrator without a password."""
    if asked["admin"] or asked["admin_password"]:
        return None
    return invite(tenant.access[0].user)


def perform_and_show(operation_id: int, *, quiet: bool = False) -> bool:
    """Carry an operation out here and print its steps; True when it succeeded."""
    operations.finish(operation_id)
    operation = db.session.get(Operation, operation_id, populate_existing=True)
    progress = Progress.of(operation)
    for label, state, seconds, output in progress.steps if not quiet else ():
        took = f" ({seconds:.2f} s)" if seconds is not None else ""
        click.echo(f"{MARKS[state]} {label}{took}{': ' + output if output else ''}")
    if not quiet:
        click.echo(progress.heading, err=operation.state != "succeeded")
    if operation.state != "succeeded":
        click.echo(_("Reference {id}. Details are in the job log.", id=progress.reference), err=True)
    return operation.state == "succeeded"


def _answer(tenant_id: int, link: str | None, as_json: bool) -> None:
    facts = described(db.session.get(Tenant, tenant_id, populate_existing=True))
    if as_json:
        show_json(facts | {"invitation": link})
        return
    click.echo(_("Database {database}", database=facts["database"]))
    click.echo(_("Modules migrated: {ready}", ready=facts["reason"]))
    click.echo(_("Address {url}", url=facts["url"]))
    if link:
        click.echo(_("Invitation for the administrator, good for 24 hours: {link}", link=link))
