"""`/metrics` on the console: what Prometheus reads, from this machine or with `METRICS_TOKEN`.

Numbers of requests and of open databases are those of this gunicorn; hospitals, operations, backups and the queue are
the whole installation's, so one machine of several is enough for those. No hospital's database is opened.
"""

import hmac
from ipaddress import ip_address

from flask import Blueprint, abort, current_app, make_response, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from portal.metrics.installation import Installation
from portal.metrics.serving import Serving

metrics = Blueprint("metrics", __name__)
metrics.scope = "platform"
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


@metrics.get("/metrics")
def show():
    """Everything that is counted and seen, as Prometheus reads it."""
    if not may_read():
        abort(404)
    registry = CollectorRegistry(auto_describe=False)
    for part in (Serving(), Installation()):
        registry.register(part)
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    answer = make_response(encode(registry))
    answer.content_type = kind
    return answer


def may_read() -> bool:
    """The token was given, or it is this machine that asks, and nobody through it."""
    settings = current_app.extensions["settings"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if settings.metrics_token and hmac.compare_digest(given, settings.metrics_token.encode()):
        return True
    if not settings.trusted_proxies and any(name in request.headers for name in FORWARDED):
        return False  # a proxy that the settings do not know passed it on: who asks is not known
    return _is_loopback(request.remote_addr)


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
