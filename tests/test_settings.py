"""The environment decides everything, and a wrong one is refused in one message that names every problem."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.settings import ROOT, Settings, SettingsError

WRONG = {
    "PORT": "eight thousand",
    "BASE_DOMAIN": "not a domain",
    "PUBLIC_URL": "ftp://portal.example",
    "DATABASE_URL": "oracle://somewhere",
    "REDIS_URL": "http://redis",
    "SECRET_KEY": "short",
    "BACKUP_KEEP_DAYS": "0",
    "TRUSTED_PROXIES": "-1",
    "PORTAL_ADMIN_EMAIL": "nobody",
    "PORTAL_ADMIN_PASSWORD": "short",
    "DEFAULT_TIMEZONE": "Europe/Nowhere",
    "DEFAULT_CURRENCY": "dollars",
    "DEFAULT_LOCALE": "English",
}


def problems_of(**environ: str) -> list[str]:
    """The sentences that refuse this environment."""
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ(environ)
    return refusal.value.problems


def test_an_empty_environment_has_a_default_for_everything():
    settings = Settings.from_environ({})
    assert (settings.port, settings.bind, settings.base_domain) == (8000, "127.0.0.1", "localhost")
    assert settings.public_url == "http://localhost:8000"
    assert settings.hospitals_dir == ROOT / "hospitals"
    assert settings.instance_dir == ROOT / "instance"
    assert (settings.backups_dir, settings.backup_keep_days) == (ROOT / "backups", 30)
    assert settings.database_url == f"sqlite:///{ROOT / 'instance' / 'control.db'}"
    assert (settings.redis_url, settings.secret_key, settings.admin_password) == (None, None, None)
    assert settings.trusted_proxies == 0
    assert not settings.secure


def test_empty_values_count_as_unset():
    assert Settings.from_environ(dict.fromkeys(WRONG, "")) == Settings.from_environ({})


def test_every_problem_is_in_the_one_message():
    problems = problems_of(**WRONG)
    assert len(problems) == len(WRONG)
    message = str(SettingsError(problems))
    assert message.startswith("The settings cannot be used:\n")
    for name in WRONG:
        assert f"  - {name} must" in message


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_setting_is_refused_on_its_own(name):
    (problem,) = problems_of(**{name: WRONG[name]})
    assert problem.startswith(f"{name} must")


@pytest.mark.parametrize("name", ["SECRET_KEY", "PORTAL_ADMIN_PASSWORD"])
def test_a_refusal_does_not_show_a_secret(name):
    assert "swordfish" not in problems_of(**{name: "swordfish"})[0]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_control_database_may_be_on_a_postgresql_server(scheme):
    environ = {"DATABASE_URL": f"{scheme}://portal:sword%20fish@db.example/portal", "SECRET_KEY": "x" * 16}
    url = sa.make_url(Settings.from_environ(environ).database_url)
    assert (url.drivername, url.password, url.database) == ("postgresql+psycopg", "sword fish", "portal")


def test_a_control_database_on_a_server_needs_a_key_that_every_machine_has():
    (problem,) = problems_of(DATABASE_URL="postgresql://db.example/portal")
    assert problem == "SECRET_KEY must be set with a DATABASE_URL of PostgreSQL, the same on every machine"


@pytest.mark.parametrize("address", ["postgresql://db.example", "postgresql://db.example:port/portal", "nowhere"])
def test_an_address_that_names_no_control_database_is_refused_with_an_example(address):
    problem, *_others = problems_of(DATABASE_URL=address)
    assert problem.endswith("like postgresql://user:password@host/portal")


def test_the_password_in_a_database_address_is_not_shown():
    assert "swordfish" not in problems_of(DATABASE_URL="mysql://portal:swordfish@db/portal")[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80.5"),
        ("PORT", "٨٠"),
        ("BASE_DOMAIN", "-a.example"),
        ("BASE_DOMAIN", "a..example"),
        ("PUBLIC_URL", "portal.example"),
        ("PUBLIC_URL", "https://portal.example/console"),
        ("PUBLIC_URL", "https://portal.example:port"),
        ("PUBLIC_URL", "https://"),
        ("TRUSTED_PROXIES", "11"),
        ("HOSPITALS_DIR", __file__),
        ("BACKUPS_DIR", __file__),
        ("PORTAL_ADMIN_PASSWORD", "x" * 129),
    ],
)
def test_values_at_the_edge_are_refused(name, value):
    (problem,) = problems_of(**{name: value})
    assert problem.startswith(f"{name} must")


def test_links_come_from_the_public_url():
    settings = Settings.from_environ(
        {"PUBLIC_URL": "https://portal.example:8443/", "BASE_DOMAIN": "Hospitals.Example."}
    )
    assert settings.secure
    assert settings.platform_url("/admin/") == "https://portal.example:8443/admin/"
    assert settings.hospital_url("city", "/patients/") == "https://city.hospitals.example:8443/patients/"


def test_the_port_is_part_of_the_default_address():
    assert Settings.from_environ({"PORT": "9001"}).public_url == "http://localhost:9001"


def test_folders_may_be_relative_to_the_portal_or_anywhere(tmp_path):
    settings = Settings.from_environ({"INSTANCE_DIR": "kept", "HOSPITALS_DIR": str(tmp_path / "files")})
    assert settings.instance_dir == ROOT / "kept"
    assert settings.hospitals_dir == tmp_path / "files"
    assert settings.database_url == f"sqlite:///{ROOT / 'kept' / 'control.db'}"


def keeper(folder: Path, **environ: str) -> Settings:
    """Settings that keep their secrets in this folder."""
    return Settings.from_environ({"INSTANCE_DIR": str(folder / "instance"), **environ})


def test_a_given_secret_key_is_used_and_not_written_anywhere(tmp_path):
    settings = keeper(tmp_path, SECRET_KEY="a key of sixteen letters")
    assert settings.kept_secret_key() == "a key of sixteen letters"
    assert not (tmp_path / "instance").exists()


def test_a_secret_key_is_made_once_and_only_this_user_may_read_it(tmp_path):
    key = keeper(tmp_path).kept_secret_key()
    assert len(key) >= 48
    assert keeper(tmp_path).kept_secret_key() == key
    kept = tmp_path / "instance" / "secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text() == key


def test_processes_that_start_together_agree_on_the_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _number: keeper(tmp_path).kept_secret_key(), range(32)))
    assert len(keys) == 1
    assert not list((tmp_path / "instance").glob("*.new"))


def test_two_installations_have_different_keys(tmp_path):
    assert keeper(tmp_path / "a").kept_secret_key() != keeper(tmp_path / "b").kept_secret_key()
