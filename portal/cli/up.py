"""`flask up`: the whole portal with one command, and nothing left when it stops."""

import errno
import http.client
import os
import socket
import sys
from contextlib import ExitStack

import click
from flask import Flask
from flask.cli import ScriptInfo, pass_script_info

from portal import redis_server
from portal.i18n import _
from portal.migrations import Unmarked
from portal.settings import ROOT, Settings
from portal.supervisor import AlreadyRunning, Child, Supervisor, only_one, start_tied

SECONDS_TO_ANSWER = 60
TRIES_TO_START = 3
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask, not where to listen


@click.command("up")
@pass_script_info
def up(info: ScriptInfo) -> None:
    """Run the whole portal here until Ctrl-C."""
    app = info.load_app()
    settings = app.extensions["settings"]
    try:
        with only_one(settings.instance_dir / "up.lock"):
            check_address_is_free(settings.bind, settings.port)
            run(settings, prepare(app))
    except (AlreadyRunning, redis_server.RedisUnavailable, Unmarked) as error:
        raise click.ClickException(str(error)) from None
    click.echo(_("Stopped."))


def check_address_is_free(bind: str, port: int) -> None:
    """Say now, in one sentence, why gunicorn could not listen there."""
    problems = {
        errno.EADDRINUSE: _(
            "Port {port} is taken by another program: set PORT to a free one, for example PORT={other}.",
            port=port,
            other=port + 1 if port < 65535 else 8000,
        ),
        errno.EACCES: _("Only root may listen on port {port}: set PORT to 1024 or more.", port=port),
    }
    try:
        with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((bind, port))
    except OSError as error:
        sentence = problems.get(error.errno) or _("BIND is not an address of this machine: {bind}", bind=bind)
        raise click.ClickException(sentence) from None


def prepare(app: Flask) -> str | None:
    """Bring the control database up to date; the superuser's password if one was just made up."""
    from portal import first_start  # needs the application's models, which `flask up --help` does not

    click.echo(_("Preparing the control database …"))
    return first_start.prepare(app)


def run(settings: Settings, password: str | None) -> None:
    """Run Redis, web, worker and reaper until told to stop."""
    with ExitStack() as promises:
        if password:  # a password that was made is shown, whatever happens next
            promises.callback(click.echo, sign_in_text(settings.admin_username, password))
        with Supervisor(children(settings), click.echo) as supervisor:
            web = next(child for child in supervisor.children if child.name == "web")
            supervisor.run(lambda: answers(settings) or web.failures >= TRIES_TO_START, SECONDS_TO_ANSWER)
            if not supervisor.is_stopping and not answers(settings):
                raise click.ClickException(_("The web server does not answer; the lines above say why."))
            click.echo(addresses_text(settings))
            promises.close()
            click.echo(_("Press Ctrl-C to stop it."))
            supervisor.run()
            click.echo(_("Stopping …"))


def children(settings: Settings) -> list[Child]:
    """What runs, in the order it starts."""
    env = {**os.environ, "REDIS_URL": settings.redis_url or redis_server.url_of(redis_directory(settings))}
    host = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
    python = [sys.executable, "-m"]
    commands = {
        "web": [*python, "gunicorn", "--config", "gunicorn.conf.py", "--bind", f"{host}:{settings.port}"],
        "worker": [sys.executable, "worker.py"],
        "reaper": [*python, "flask", "--app", "wsgi", "reap"],
    }
    started = [
        Child(name, lambda command=command: start_tied(command, env=env, cwd=ROOT))
        for name, command in commands.items()
    ]
    if settings.redis_url:
        click.echo(_("Starting web, worker and reaper, with the Redis that REDIS_URL names …"))
        return started
    click.echo(_("Starting Redis, web, worker and reaper …"))
    redis = Child("Redis", lambda: redis_server.start(redis_directory(settings)).process, stops_last=True)
    return [redis, *started]


def redis_directory(settings: Settings):
    """Where the embedded Redis keeps what it must not forget."""
    return settings.instance_dir / "redis"


def answers(settings: Settings) -> bool:
    """The web says it is well."""
    host = EVERY_ADDRESS.get(settings.bind, settings.bind)
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def addresses_text(settings: Settings) -> str:
    """Where to go now."""
    return _(
        "\nThe portal is ready.\n\n  Management page   {console}\n  A hospital        {hospital}\n",
        console=settings.platform_url("/admin/"),
        hospital=settings.hospital_url("<subdomain>"),
    )


def sign_in_text(username: str, password: str) -> str:
    """Who may sign in, told once."""
    return _(
        "  Sign in as        {username}\n  Password          {password}   (shown only this once)\n",
        username=username,
        password=password,
    )
