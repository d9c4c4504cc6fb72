"""`flask user …`: people of the platform, for when nobody can sign in yet."""

import click
from flask.cli import AppGroup

from portal.auth.passwords import hashed, password_problem
from portal.cli.output import USAGE, refuse
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _
from portal.logs import for_people
from portal.pages.forms import email_problem
from portal.provisioning.registration import Refused, new_user

user = AppGroup("user", callback=for_people, help="People of the platform.")


@user.command("create-superuser")
@click.option("--username", prompt=True)
@click.option("--email", prompt=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def create_superuser(username: str, email: str, password: str) -> None:
    """Add a superuser."""
    ensure_control()
    problem = email_problem(email) or password_problem(password)
    if problem:
        refuse(USAGE, problem)
    kept = hashed(password)
    try:
        new_user(username, username, email, "superuser", kept)
    except Refused as error:
        refuse(USAGE, error.sentence)
    db.session.commit()
    click.echo(_("{username} may sign in now.", username=username.lower()))
