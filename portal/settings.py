"""The settings of one installation, read once from the environment."""

import fcntl
import os
import re
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import sqlalchemy as sa

from portal import redis_server
from portal.tenancy.servers import DEFAULT, KINDS, Server, ServerRefused

ROOT = Path(__file__).resolve().parent.parent
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class SettingsError(Exception):
    """The environment cannot be used; the message lists every problem at once."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("The settings cannot be used:\n" + "\n".join(f"  - {text}" for text in problems))


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides; `from_environ` says all problems at once."""

    port: int
    bind: str
    base_domain: str
    public_url: str
    instance_dir: Path
    hospitals_dir: Path
    servers: dict[str, Server]
    backups_dir: Path
    backup_keep_days: int
    backup_every: int
    database_url: str
    redis_url: str | None
    secret_key: str | None
    trusted_proxies: int
    admin_username: str
    admin_email: str
    admin_password: str | None
    verify_every: int
    request_lines: bool
    metrics_token: str | None
    metrics_by_hospital: bool
    default_timezone: str
    default_currency: str
    default_locale: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raises `SettingsError` that names every wrong one."""
        return _Reader(environ).settings()

    @property
    def secure(self) -> bool:
        """People reach the portal over https (D10: cookies and HSTS follow)."""
        return self.public_url.startswith("https://")

    @property
    def socket_url(self) -> str:
        """Where the embedded Redis listens when no `REDIS_URL` is given."""
        return redis_server.url_of(self.instance_dir / "redis")

    def hospital_url(self, subdomain: str, path: str = "/") -> str:
        """The address people type for a hospital, made from `PUBLIC_URL`, never from a request."""
        parts = urlsplit(self.public_url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{subdomain}.{self.base_domain}{port}{path}"

    def platform_url(self, path: str = "/") -> str:
        """An absolute link to a page of the console."""
        return self.public_url.rstrip("/") + path

    def kept_secret_key(self) -> str:
        """The key that signs sessions: given, or made once and kept beside the control database."""
        return self.secret_key or _kept_secret(self.instance_dir / "secret_key")


class _Reader:
    """Reads and checks one setting after another, collecting problems."""

    def __init__(self, environ: Mapping[str, str]):
        self.environ = environ
        self.problems: list[str] = []

    def settings(self) -> Settings:
        port = self.whole_number("PORT", 8000, 1, 65535)
        instance = self.folder("INSTANCE_DIR", "instance")
        hospitals = self.folder("HOSPITALS_DIR", "hospitals")
        made = Settings(
            port=port,
            bind=self.text("BIND", "127.0.0.1"),
            base_domain=self.base_domain(),
            public_url=self.public_url(port),
            instance_dir=instance,
            hospitals_dir=hospitals,
            servers=self.servers(hospitals),
            backups_dir=self.folder("BACKUPS_DIR", str(hospitals.parent / "backups")),
            backup_keep_days=self.whole_number("BACKUP_KEEP_DAYS", 30, 1, 3650),
            backup_every=self.whole_number("BACKUP_EVERY", 24, 0, 8760),
            database_url=self.database_url(instance),
            redis_url=self.redis_url(),
            secret_key=self.secret("SECRET_KEY"),
            trusted_proxies=self.whole_number("TRUSTED_PROXIES", 0, 0, 10),
            admin_username=self.text("PORTAL_ADMIN_USERNAME", "admin"),
            admin_email=self.email("PORTAL_ADMIN_EMAIL", "admin@portal.test"),
            admin_password=self.admin_password(),
            verify_every=self.whole_number("VERIFY_EVERY", 60, 1, 10_080),
            request_lines=self.yes_or_no("REQUEST_LINES", not sys.stderr.isatty()),
            metrics_token=self.secret("METRICS_TOKEN"),
            metrics_by_hospital=self.yes_or_no("METRICS_BY_HOSPITAL", False),
            default_timezone=self.timezone(),
            default_currency=self.pattern("DEFAULT_CURRENCY", "USD", r"[A-Z]{3}", "three capital letters, like USD"),
            default_locale=self.pattern(
                "DEFAULT_LOCALE", "en-GB", r"[a-z]{2,3}(-[A-Z]{2})?", "a language and a country, like en-GB"
            ),
        )
        if self.problems:
            raise SettingsError(self.problems)
        return made

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def pattern(self, name: str, default: str, pattern: str, wanted: str) -> str:
        value = self.text(name, default)
        if not re.fullmatch(pattern, value):
            self.problems.append(f"{name} must be {wanted}; it is “{value}”")
        return value

    def whole_number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            self.problems.append(f"{name} must be a whole number from {least} to {most}; it is “{value}”")
            return default
        return int(value)

    def folder(self, name: str, default: str) -> Path:
        path = (ROOT / Path(self.text(name, default)).expanduser()).resolve()
        if path.exists() and not path.is_dir():
            self.problems.append(f"{name} must be a folder; {path} is a file")
        return path

    def base_domain(self) -> str:
        value = self.text("BASE_DOMAIN", "localhost").lower().rstrip(".")
        if len(value) > 190 or not all(LABEL.fullmatch(label) for label in value.split(".")):
            self.problems.append(f"BASE_DOMAIN must be a domain name, like hospitals.example; it is “{value}”")
        return value

    def public_url(self, port: int) -> str:
        value = self.text("PUBLIC_URL", f"http://localhost:{port}").rstrip("/")
        parts = urlsplit(value)
        try:
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if not usable or parts.path or parts.query:
            self.problems.append(f"PUBLIC_URL must be like https://portal.example, without a path; it is “{value}”")
            return f"http://localhost:{port}"
        return value

    def database_url(self, instance: Path) -> str:
        value = self.text("DATABASE_URL", f"sqlite:///{instance / 'control.db'}")
        try:
            url = sa.make_url(value)
        except (sa.exc.ArgumentError, ValueError):
            self.problems.append("DATABASE_URL must be an address, like postgresql://user:password@host/portal")
            return value
        if KINDS.get(url.drivername) == "postgresql":
            if not url.database:
                self.problems.append("DATABASE_URL must name a database, like postgresql://user:password@host/portal")
            return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        if not value.startswith("sqlite:///"):
            known = "sqlite:/// or postgresql://"
            self.problems.append(f"DATABASE_URL must start with {known}; it starts with “{value.split(':')[0]}:”")
        return value

    def servers(self, hospitals: Path) -> dict[str, Server]:
        written = self.text("TENANT_SERVERS", f"{DEFAULT}=sqlite:///{hospitals}")
        found: dict[str, Server] = {}
        for text in re.split(r"[;\s]+", written):
            try:
                server = Server.parse(text, ROOT)
            except ServerRefused as error:
                self.problems.append(f"TENANT_SERVERS: {error}")
                continue
            if server.name in found:
                self.problems.append(f"TENANT_SERVERS names {server.name} twice")
            found[server.name] = server
        if DEFAULT not in found:
            self.problems.append(f"TENANT_SERVERS must name a server “{DEFAULT}”")
        return found

    def redis_url(self) -> str | None:
        value = self.text("REDIS_URL", "")
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            self.problems.append("REDIS_URL must start with redis://, rediss:// or unix://")
        return value or None

    def secret(self, name: str) -> str | None:
        value = self.environ.get(name, "")
        if value and len(value) < 16:
            self.problems.append(f"{name} must be 16 characters or more")
        if name == "SECRET_KEY" and not value and self.text("DATABASE_URL", "sqlite").startswith("postgres"):
            self.problems.append("SECRET_KEY must be set with a DATABASE_URL of PostgreSQL, the same on every machine")
        return value or None

    def yes_or_no(self, name: str, default: bool) -> bool:
        value = self.text(name, "yes" if default else "no").lower()
        if value not in ("yes", "no"):
            self.problems.append(f"{name} must be yes or no; it is “{value}”")
        return value == "yes"

    def admin_password(self) -> str | None:
        value = self.environ.get("PORTAL_ADMIN_PASSWORD", "")
        if value and not 12 <= len(value) <= 128:
            self.problems.append("PORTAL_ADMIN_PASSWORD must be 12 to 128 characters")
        return value or None

    def email(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            self.problems.append(f"{name} must be an email address, like name@hospital.example; it is “{value}”")
        return value

    def timezone(self) -> str:
        value = self.text("DEFAULT_TIMEZONE", "UTC")
        if value not in available_timezones():
            self.problems.append(f"DEFAULT_TIMEZONE must be a zone name, like Europe/London; it is “{value}”")
        return value


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            fresh.rename(path)
    return path.read_text().strip()
