"""A request's hospital comes from its Host alone: made plain, refused, or found (D9, security.md 1, 21, 22)."""

import json
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa
from werkzeug.test import create_environ, run_wsgi_app

from portal import create_app
from portal.control.models import Tenant
from portal.extensions import db
from portal.tenancy import registry
from portal.tenancy.hosts import Hosts, MalformedHost
from portal.tenancy.registry import BELIEVED_SECONDS
from tests.clients import PageClient
from tests.conftest import make_hospital, shut

CITY = "city-general.localhost:8000"


@pytest.fixture
def browser(app, hospital) -> PageClient:
    """A browser that nobody is signed in to, on any host it is told."""
    return app.test_client()


def ask(browser, host: str, path: str = "/sign-in", **kwargs):
    """The answer to a request with exactly this Host header."""
    headers = {"Host": host, **kwargs.pop("headers", {})}
    return browser.open(path, headers=headers, base_url="http://localhost:8000", **kwargs)


def ask_server(app, host: str, path: str = "/sign-in"):
    """Status, headers and body for a Host that the test client itself could not read."""
    environ = create_environ(path, "http://localhost:8000")
    environ["HTTP_HOST"] = host.encode().decode("latin-1")
    body, status, headers = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    return status, headers, b"".join(body).decode()


@pytest.fixture
def stranger(app) -> PageClient:
    """A browser without cookies, on a platform without hospitals."""
    return app.test_client(use_cookies=False)


MALFORMED = [
    "", " ", ".", "..", ":8000", "localhost:", "localhost:0", "localhost:99999", "localhost:http",
    "localhost:8000:8000",
    "a.b.localhost", "city-general.localhost..", "city-general.localhost.evil.example", "-x.localhost", "x-.localhost",
    "xn--abc.localhost", "xn--bcher-kva.localhost", "ab--cd.localhost", "_.localhost", "a_b.localhost", ".localhost",
    "evil.example", "localhost.evil.example", "evillocalhost", "city-general.localhost/", "city-general.localhost@evil",
    "city%2dgeneral.localhost", "city general.localhost", "[::1]", "[::1]:8000", "0.0.0.0", "127.0.0.2", "127.1",
    "2130706433", f"{'a' * 64}.localhost", "city-general.localhost#", "café.localhost", "*.localhost",
]  # fmt: skip
UNKNOWN = [
    "nobody.localhost",
    "ab.localhost",
    "www.localhost",
    "admin.localhost",
    "123.localhost",
    f"{'a' * 60}.localhost",
]


@pytest.mark.parametrize("host", MALFORMED, ids=ascii)
def test_a_malformed_host_is_a_bad_request(host, app):
    status, headers, body = ask_server(app, host)
    assert status == "400 Bad Request"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert body == "There is no page at this address. Check the spelling.\n"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("host", UNKNOWN)
def test_an_unknown_hospital_is_not_found(host, stranger):
    for path in ("/", "/sign-in", "/patients/", "/admin/hospitals/", "/nothing-here"):
        answer = ask(stranger, host, path)
        assert answer.status_code == 404
        assert "Hospital not found" in answer.text


def test_the_health_check_answers_on_any_host(app):
    for host in (*MALFORMED, *UNKNOWN, CITY, "localhost:8000", "127.0.0.1:8000"):
        status, _headers, body = ask_server(app, host, "/healthz")
        assert (status, json.loads(body)) == ("200 OK", {"status": "ok"}), host


@pytest.mark.parametrize(
    "host",
    [CITY, "CITY-GENERAL.LOCALHOST:8000", "City-General.localhost.:8000", "city-general.localhost:80"],
)
def test_capitals_a_last_dot_and_a_port_lead_to_the_same_hospital(host, browser):
    answer = ask(browser, host)
    assert answer.status_code == 200
    assert "City General Hospital" in answer.text


def test_a_redirect_names_no_host(browser):
    for host, path in ((CITY, "/"), (CITY, "/patients/"), ("localhost:8000", "/"), ("localhost", "/admin/")):
        assert ask(browser, host, path).location.startswith("/"), (host, path)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1", "127.0.0.1:8000"])
def test_the_platforms_own_hosts_lead_to_the_console(host, browser):
    assert "Platform console" in ask(browser, host).text


@pytest.mark.parametrize(
    ("scheme", "header", "plain"),
    [
        ("http", "localhost:80", "localhost"),
        ("https", "localhost:443", "localhost"),
        ("http", "localhost:443", "localhost:443"),
        ("https", "localhost:80", "localhost:80"),
        ("http", "Localhost.:8000", "localhost:8000"),
    ],
)
def test_only_the_schemes_own_port_is_left_out(scheme, header, plain):
    assert Hosts.of("localhost", "localhost").read(header, scheme) == (plain, None)


def test_a_base_domain_of_several_labels_takes_one_more():
    hosts = Hosts.of("hospitals.example.org", "portal.example.org")
    assert hosts.read("city.hospitals.example.org", "https")[1] == "city"
    assert hosts.read("portal.example.org", "https")[1] is None
    for header in ("city.example.org", "a.b.hospitals.example.org", "city.hospitals.example.org.evil", "localhost.org"):
        with pytest.raises(MalformedHost):
            hosts.read(header, "https")


CLAIMS = {
    "X-Forwarded-Host": "lakeside.localhost:8000",
    "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Server": "lakeside.localhost",
    "X-Original-Host": "lakeside.localhost",
    "X-Host": "lakeside.localhost",
    "X-Tenant": "lakeside",
    "X-Hospital": "lakeside",
    "Forwarded": "host=lakeside.localhost;proto=https",
    "X-HTTP-Host-Override": "lakeside.localhost",
    "X-Rewrite-URL": "http://lakeside.localhost/",
}


@pytest.mark.parametrize("header", CLAIMS)
def test_no_header_but_host_chooses_the_hospital(header, app, two_hospitals):
    answer = ask(app.test_client(), CITY, headers={header: CLAIMS[header]})
    assert "City General Hospital" in answer.text
    assert "Lakeside" not in answer.text


@pytest.mark.parametrize("path", ["/sign-in?tenant=lakeside", "/sign-in?hospital=lakeside&subdomain=lakeside"])
def test_no_parameter_or_cookie_chooses_the_hospital(path, app, two_hospitals):
    answer = ask(app.test_client(), CITY, path, headers={"Cookie": "tenant=lakeside; hospital=lakeside"})
    assert "City General Hospital" in answer.text
    assert "Lakeside" not in answer.text


def rules_of(app, scope: str) -> list[str]:
    """Every address of the blueprints that exist on this kind of host only, parameters filled in."""
    found = []
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
        if getattr(blueprint, "scope", "both") == scope:
            values = dict.fromkeys(rule.arguments, 1 if "int:" in rule.rule else "city-general")
            found.append(app.url_map.bind("x").build(rule.endpoint, values, method=next(iter(rule.methods - {"HEAD"}))))
    return sorted(set(found))


def test_the_console_does_not_exist_on_a_hospitals_host(app, hospital):
    addresses = rules_of(app, "platform")
    assert "/admin/hospitals/" in addresses
    for path in addresses:
        answers = [ask(app.test_client(), CITY, path, method=method) for method in ("GET", "POST")]
        assert {answer.status_code for answer in answers} <= {404, 405}, path


def test_the_modules_do_not_exist_on_the_platforms_hosts(app, hospital):
    addresses = rules_of(app, "hospital")
    assert "/patients/" in addresses
    for path in addresses:
        for host in ("localhost:8000", "127.0.0.1:8000"):
            answers = [ask(app.test_client(), host, path, method=method) for method in ("GET", "POST")]
            assert {answer.status_code for answer in answers} <= {404, 405}, path


def test_a_page_of_the_other_kind_of_host_is_missing_before_anybody_is_asked_to_sign_in(app, hospital):
    assert ask(app.test_client(), CITY, "/admin/hospitals/").status_code == 404
    assert ask(app.test_client(), "localhost", "/admin/hospitals/").status_code == 303
    assert ask(app.test_client(), "localhost", "/patients/").status_code == 404
    assert ask(app.test_client(), CITY, "/patients/").status_code == 303


def test_a_hospital_that_another_process_created_is_served_within_a_second(app, settings):
    browser = app.test_client()
    assert ask(browser, "lakeside.localhost").status_code == 404
    other = create_app(settings)
    try:
        make_hospital(other, "lakeside", "Lakeside Clinic")
    finally:
        shut(other)
    deadline = time.monotonic() + BELIEVED_SECONDS + 0.5
    while (answer := ask(browser, "lakeside.localhost")).status_code == 404:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert answer.status_code == 200
    assert "Lakeside Clinic" in answer.text


def test_busy_hospitals_are_read_anew_together(app, two_hospitals, monkeypatch, count_queries):
    known, moment = app.extensions["registry"], [0.0]
    monkeypatch.setattr(registry.time, "monotonic", lambda: moment[0])

    def asked(*subdomains: str) -> int:
        with app.app_context(), count_queries() as statements:
            assert all(known.find(subdomain) for subdomain in subdomains)
        return len(statements)

    known.forget()
    assert asked("city-general", "lakeside", "city-general") == 2
    moment[0] = BELIEVED_SECONDS
    assert asked("city-general", "lakeside") == 1
    moment[0] *= 2
    assert asked("lakeside", "city-general") == 1
    moment[0] *= 2
    assert asked("lakeside") == 1
    moment[0] *= 2
    assert asked("lakeside") == 1
    assert asked("city-general") == 1, "nobody had asked for it meanwhile, so nobody else read it"


def change(app, **values) -> None:
    """Change the registry's row of city-general, as another process would."""
    with app.app_context():
        db.session.execute(sa.update(Tenant).where(Tenant.subdomain == "city-general").values(**values))
        db.session.commit()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"mode": "suspended"}, "This hospital’s access is paused."),
        ({"mode": "maintenance"}, "City General Hospital is being maintained."),
        ({"generation": None}, "City General Hospital is not set up yet."),
    ],
    ids=["suspended", "in maintenance", "without a database"],
)
def test_a_hospital_that_cannot_be_served_says_so_within_a_second(values, sentence, app, hospital, client_with):
    browser = client_with("patients.view")
    assert browser.get("/patients/").status_code == 200
    change(app, **values, epoch=Tenant.epoch + 1)
    deadline = time.monotonic() + BELIEVED_SECONDS + 0.5
    while (answer := browser.get("/patients/")).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert sentence in answer.text
    for path in ("/", "/sign-in", "/nothing-here"):
        assert browser.get(path).status_code == 503
    assert browser.post("/patients/new", data={"first_name": "Leila"}).status_code == 503


def test_a_hospital_without_a_database_is_not_set_up_yet(app):
    make_hospital(app)
    change(app, generation=None)
    app.extensions["registry"].forget()
    assert "is not set up yet" in ask(app.test_client(), CITY).text


class TestBehindProxies:
    """X-Forwarded headers count only where the settings name a proxy."""

    FORGED = {"X-Forwarded-Host": "city-general.localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.9.8.7"}

    def ask_through(self, settings, **changes):
        app = create_app(replace(settings, **changes))
        try:
            return ask(app.test_client(), "localhost:8000", headers=self.FORGED)
        finally:
            shut(app)

    def test_without_a_proxy_forwarded_headers_change_nothing(self, hospital, settings):
        answer = self.ask_through(settings)
        assert "Platform console" in answer.text
        assert "Strict-Transport-Security" not in answer.headers

    def test_behind_one_proxy_they_name_the_host_and_the_scheme(self, hospital, settings):
        answer = self.ask_through(settings, trusted_proxies=1)
        assert "City General Hospital" in answer.text
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
