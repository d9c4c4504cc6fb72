"""A portal for many hospitals, each with a database of its own. `create_app` is the table of contents."""

import os
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import cli, context, edge, i18n, logs, queue, request_lines, status
from portal.admin import admin
from portal.again import Portal
from portal.auth import identity
from portal.auth.account import account
from portal.auth.views import auth
from portal.extensions import csrf, db, limiter, login, migrate
from portal.kit.discovery import discover
from portal.metrics import metrics
from portal.migrations import FOLDER
from portal.provisioning.behind import Behind
from portal.record import Actor
from portal.settings import ROOT, Settings
from portal.tally import Tally
from portal.tenancy import control_engine, leases, routing
from portal.tenancy.current import find_current_hospital, is_writing, writes_control
from portal.tenancy.engines import Engines, databases_on
from portal.tenancy.hosts import HostGate, Hosts
from portal.tenancy.names import names_of
from portal.tenancy.registry import Registry
from portal.tenancy.session import TenantSession


def create_app(settings: Settings | None = None) -> Flask:
    """The portal as a WSGI application; raises `SettingsError` or `ModulesRefused` before it serves anybody."""
    settings = settings or Settings.from_environ(os.environ)
    app = Portal(__name__, template_folder=str(ROOT / "templates"))
    app.extensions["settings"] = settings
    app.extensions["tally"] = Tally()
    configure(app, settings)
    logs.install()
    i18n.install(app)

    request_lines.install(app)
    edge.install(app)  # before the others: a request has its number and its hospital before anything refuses it
    routing.install(app)
    bind_extensions(app)
    open_tenancy(app, settings)
    context.install(app)

    app.register_blueprint(auth)
    app.register_blueprint(account)
    app.register_blueprint(admin)
    app.register_blueprint(status.status)
    app.register_blueprint(metrics)
    app.extensions["modules"] = discover()
    for module in app.extensions["modules"].values():
        app.register_blueprint(module.blueprint)
    cli.install(app)

    app.wsgi_app = HostGate(app.wsgi_app, Hosts.of(settings.base_domain, urlsplit(settings.public_url).hostname))
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Flask's own settings."""
    for folder in (settings.instance_dir, settings.hospitals_dir):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    app.config.update(
        SECRET_KEY=settings.kept_secret_key(),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=control_engine.options(sa.make_url(settings.database_url)),
        SESSION_COOKIE_NAME="__Host-session" if settings.secure else "session",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        RATELIMIT_STORAGE_URI=(settings.redis_url or settings.socket_url).replace("unix://", "redis+unix://"),
        RATELIMIT_STORAGE_OPTIONS=queue.impatience(settings.redis_url or settings.socket_url),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_KEY_PREFIX="portal",
    )


def bind_extensions(app: Flask) -> None:
    """Bind the unbound extensions and tell sign-in where people come from."""
    db.init_app(app)
    migrate.init_app(app, db, directory=str(FOLDER))
    csrf.init_app(app)
    limiter.init_app(app)
    login.init_app(app)
    login.user_loader(identity.load)
    login.session_protection = None
    Actor.find_id = staticmethod(identity.hospital_user_id)


def open_tenancy(app: Flask, settings: Settings) -> None:
    """Teach the session where each hospital's database is."""
    secret = settings.kept_secret_key()
    servers = {name: databases_on(server, secret) for name, server in settings.servers.items()}
    engines = Engines(servers, names=lambda subdomain: names_of(subdomain, settings.base_domain))
    app.extensions["engines"] = engines
    app.extensions["registry"] = Registry()
    app.extensions["ask_migration"] = Behind().ask
    with app.app_context():
        control_engine.prepare(db.engine)
        control = {writing: control_engine.of_session(db.engine, writing=writing) for writing in (True, False)}
    app.extensions["control_engines"] = control
    TenantSession.locate = staticmethod(_locate)
    TenantSession.current_uuid = staticmethod(_current_uuid)
    TenantSession.control = staticmethod(_control)


def _locate():
    return leases.held_engine(writing=is_writing())


def _current_uuid() -> str | None:
    hospital = find_current_hospital()
    return hospital and hospital.uuid


def _control():
    return current_app.extensions["control_engines"][writes_control()]
