"""The first thing a request meets: its Host, made plain or refused, before anything of Flask runs (D9)."""

import re
from dataclasses import dataclass

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
PORT = re.compile(r"[0-9]{1,5}")
SUBDOMAIN_KEY = "portal.subdomain"

METRICS = "/metrics"  # a page of the console that asks by itself who may read it
HEALTHY = b'{"status": "ok"}\n'
MALFORMED = b"There is no page at this address. Check the spelling.\n"


class MalformedHost(ValueError):
    """The Host header names neither the platform nor one label under the base domain."""


@dataclass(frozen=True)
class Hosts:
    """The hosts this installation answers to."""

    base_domain: str
    platform: frozenset[str]

    @classmethod
    def of(cls, base_domain: str, public_host: str) -> "Hosts":
        """Loopback addresses, the base domain and the public host are the platform's own."""
        return cls(base_domain, frozenset({"127.0.0.1", "localhost", base_domain, public_host}))

    def read(self, header: str, scheme: str) -> tuple[str, str | None]:
        """The plain host (with a port that is not the scheme's own) and the subdomain, or None for the platform.

        Raises `MalformedHost` for everything else, also for `xn--` labels, whose URLs Werkzeug cannot write.
        """
        name, colon, port = header.lower().partition(":")
        if colon and not (PORT.fullmatch(port) and 0 < int(port) < 65536):
            raise MalformedHost(header)
        name = name.removesuffix(".")
        plain = name if port in ("", {"http": "80", "https": "443"}.get(scheme)) else f"{name}:{port}"
        if name in self.platform:
            return plain, None
        label = name.removesuffix(f".{self.base_domain}")
        if label == name or not LABEL.fullmatch(label) or label[2:4] == "--":
            raise MalformedHost(header)
        return plain, label


class HostGate:
    """WSGI middleware: normalises Host, answers `/healthz` on any host, refuses malformed ones with 400.

    Numbers are the console's on every host that is no hospital's.
    """

    def __init__(self, wsgi_app, hosts: Hosts):
        self.wsgi_app, self.hosts = wsgi_app, hosts

    def __call__(self, environ, start_response):
        if environ.get("PATH_INFO") == "/healthz":
            return _plain(start_response, "200 OK", HEALTHY, "application/json")
        try:
            host, subdomain = self.hosts.read(environ.get("HTTP_HOST", ""), environ["wsgi.url_scheme"])
        except MalformedHost:
            if environ.get("PATH_INFO") == METRICS:  # Prometheus asks each machine by an address of its own
                environ["HTTP_HOST"], environ[SUBDOMAIN_KEY] = self.hosts.base_domain, None
                return self.wsgi_app(environ, start_response)
            return _plain(start_response, "400 Bad Request", MALFORMED, "text/plain; charset=utf-8")
        environ["HTTP_HOST"] = host
        environ[SUBDOMAIN_KEY] = subdomain
        return self.wsgi_app(environ, start_response)


def _plain(start_response, status: str, body: bytes, kind: str):
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ]
    start_response(status, headers)
    return [body]
