"""The servers of hospital databases: what the settings may say of them, and which one a new hospital comes to."""

from dataclasses import replace
from pathlib import Path

import pytest

from portal.provisioning import operations
from portal.provisioning.registration import Refused
from portal.settings import Settings, SettingsError
from portal.tenancy.servers import Server, ServerRefused, choose
from tests.conftest import create_app, shut
from tests.provisioned import register, seen_tenant

ROOT = Path("/srv/portal")


def servers(*written: str) -> dict[str, Server]:
    """The servers that are written so."""
    return {one.name: one for one in (Server.parse(text, ROOT) for text in written)}


def test_a_folder_and_a_server_are_read_with_their_weights():
    own, north = servers("default=sqlite:///data?most=500", "north=postgresql://u:p@db1/postgres?weight=3").values()
    assert (own.kind, own.url.database, own.weight, own.most) == ("sqlite", "/srv/portal/data", 1, 500)
    assert (north.kind, north.url.host, north.weight, north.most) == ("postgresql", "db1", 3, None)
    assert "weight" not in str(north.url)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("postgresql://db1/postgres", "written as name=url"),
        ("North=sqlite:///data", "written as name=url"),
        ("north=nowhere", "cannot be read"),
        ("north=postgresql://db1:port/x", "cannot be read"),
        ("north=mysql://db1/x", "must be a sqlite:// folder or a postgresql:// server"),
        ("north=sqlite://", "names no folder"),
        ("north=sqlite:///data?weight=-1", "weight of north must be a whole number"),
        ("north=sqlite:///data?most=1&most=2", "most of north must be a whole number"),
    ],
)
def test_what_cannot_be_a_server_is_said(text, sentence):
    with pytest.raises(ServerRefused, match=sentence):
        Server.parse(text, ROOT)


def test_the_settings_name_each_server_once_and_always_a_default():
    environ = {"SECRET_KEY": "a key that only tests use"}
    assert list(Settings.from_environ(environ).servers) == ["default"]
    wrong = {"TENANT_SERVERS": "a=sqlite:///x a=sqlite:///y b=nowhere"}
    with pytest.raises(SettingsError) as error:
        Settings.from_environ(environ | wrong)
    assert error.value.problems == [
        "TENANT_SERVERS names a twice",
        "TENANT_SERVERS: the address of b cannot be read",
        "TENANT_SERVERS must name a server “default”",
    ]


def test_the_emptiest_server_for_its_weight_is_chosen_and_a_full_one_never():
    known = servers("default=sqlite:///a?most=2", "big=sqlite:///b?weight=3", "closed=sqlite:///c?weight=0")
    chosen, counts = [], dict.fromkeys(known, 0)
    for _hospital in range(8):
        chosen.append(choose(known, counts))
        counts[chosen[-1]] += 1
    assert counts == {"default": 2, "big": 6, "closed": 0}
    assert chosen[0] == "default"
    assert choose(servers("default=sqlite:///a?most=2"), {"default": 2}) is None


@pytest.mark.sqlite
def test_new_hospitals_are_spread_over_the_servers_and_live_there(settings, tmp_path):
    two = servers(f"default=sqlite:///{tmp_path}/hospitals?most=1", f"second=sqlite:///{tmp_path}/more?most=1")
    app = create_app(replace(settings, servers=two))
    with app.app_context():
        for subdomain, server in (("first-house", "default"), ("next-house", "second")):
            tenant_id, operation_id = register(subdomain)
            assert operations.perform(operation_id)
            tenant = seen_tenant(tenant_id)
            assert (tenant.server, tenant.status) == (server, "ready")
        with pytest.raises(Refused, match="Every database server is full"):
            register("third-house")
    shut(app)
    assert {path.name for path in (tmp_path / "more").glob("hospital_*.db")} == {"hospital_next-house.db"}
