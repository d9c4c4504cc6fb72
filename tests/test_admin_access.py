"""No page of the console without a sign-in and a role, and none of it on a hospital's host."""

import pytest

from portal.tenancy.names import RESERVED, subdomain_problem

SAMPLE = {
    "subdomain": "city-general",
    "user_id": "1",
    "plan_id": "1",
    "reference": "3f09a1bc",
    "ids": "1,2",
    "name": "suspend",
    "batch": "3f09a1bc",
    "operation": "3f09a1bc",
    "run": "3f09a1bc",
    "act": "pause",
}


def console_rules(app) -> list:
    """Every route of the console."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]


def path_of(rule) -> str:
    """An address that this route answers."""
    return "".join(SAMPLE[text] if is_name else text for is_name, text in rule._trace).partition("|")[2]


def test_each_page_states_the_role_it_needs(app):
    unguarded = [
        rule.endpoint for rule in console_rules(app) if not hasattr(app.view_functions[rule.endpoint], "needs")
    ]

    assert not unguarded, f"put @needs(…) on {unguarded}"


def test_a_stranger_is_asked_to_sign_in_and_learns_nothing(app, client, hospital):
    for rule in console_rules(app):
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(path_of(rule), method=method)
            assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in"), rule


def test_the_console_does_not_exist_on_a_hospitals_host(app, hospital):
    browser = app.test_client(hospital=hospital)

    for rule in console_rules(app):
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert browser.open(path_of(rule), method=method).status_code == 404, rule


def test_no_hospital_can_be_named_like_a_page_of_the_console(app):
    segments = {rule.rule.split("/")[3] for rule in console_rules(app) if rule.rule.startswith("/admin/hospitals/")}
    pages = {segment for segment in segments if segment and not segment.startswith("<")}

    assert pages == {"bulk", "new", "poll", "subdomain"}
    assert pages <= RESERVED
    assert all(subdomain_problem(page) for page in pages)


@pytest.mark.parametrize("path", ["/admin/hospitals/", "/admin/hospitals/poll?ids=1"])
def test_a_fragment_never_holds_the_sign_in_page(client, path):
    answer = client.get(path, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")


def test_reading_the_console_writes_nothing(app, signed_in, settings, hospital):
    signed_in.page("/admin/hospitals/")
    file = settings.instance_dir / "control.db"

    def content() -> tuple[bytes, bytes]:
        wal = file.with_name("control.db-wal")
        return file.read_bytes(), wal.read_bytes() if wal.exists() else b""

    before = content()
    for rule in console_rules(app):
        if "GET" in rule.methods:
            asked = rule.arguments & {"batch", "operation", "reference", "run"}
            expected = (404,) if asked else (200, 204, 302)  # no work was asked for here
            assert signed_in.get(path_of(rule)).status_code in expected, rule
    assert content() == before
