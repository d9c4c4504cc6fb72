"""The files in docs/examples name programs that are there, settings that exist and numbers that are really shown."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.settings import Settings
from tests.conftest import ROOT

EXAMPLES = ROOT / "docs" / "examples"
UNITS = sorted(EXAMPLES.glob("*.service"))
HOME = "/opt/portal/"


class Noted(dict):
    """An environment that notes what is asked of it."""

    def __init__(self, *values):
        super().__init__(*values)
        self.names: set[str] = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


def variables() -> dict[str, str]:
    """What the example's file of settings sets."""
    lines = (EXAMPLES / "portal.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def unit(path: Path) -> configparser.ConfigParser:
    """A unit as systemd reads it."""
    read = configparser.ConfigParser(interpolation=None, strict=True, delimiters="=")
    read.optionxform = str
    read.read_string(path.read_text())
    return read


def test_the_settings_of_the_example_are_known_and_can_be_used():
    environ = Noted(variables())
    settings = Settings.from_environ(environ)
    assert set(variables()) <= environ.names
    assert settings.secure
    assert settings.trusted_proxies == 1
    assert settings.metrics_token


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_program_that_is_there_with_files_that_are_there(path):
    service = unit(path)["Service"]
    command = shlex.split(service["ExecStart"])
    if "redis" in path.name:
        assert Path(command[0]).name == "redis-server"
        return
    assert command[0] == f"{HOME}.venv/bin/python"
    assert service["WorkingDirectory"] + "/" == HOME
    assert service["EnvironmentFile"] == "/etc/portal/portal.env"
    for word in command[1:]:
        if word.endswith(".py"):
            assert (ROOT / word).is_file(), word
    if "-m" in command:
        module = command[command.index("-m") + 1]
        asked = subprocess.run(
            [ROOT / ".venv/bin/python", "-m", module, "--help"], capture_output=True, text=True, cwd=ROOT, check=True
        )
        for option in (word for word in command[3:] if word.startswith("--")):
            assert option in asked.stdout, option
        if module == "flask":
            assert re.search(rf"^  {command[-1]} ", asked.stdout, re.MULTILINE)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_understands_the_units(tmp_path):
    for path in UNITS:
        text = path.read_text().replace(HOME, f"{ROOT}/").replace(f"WorkingDirectory={HOME[:-1]}", "")
        text = re.sub(r"ExecStart=\S*redis-server", "ExecStart=/bin/true", text)
        (tmp_path / path.name.replace("@.", "@1.")).write_text(text)
    names = [str(path) for path in tmp_path.iterdir()]
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True)
    ours = [line for line in said.stderr.splitlines() if str(tmp_path) in line or "portal-" in line]
    assert not ours
    (tmp_path / "portal-web.service").write_text("[Service]\nExecStrat=/bin/true\n")
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", names[0].rsplit("/", 1)[0] + "/portal-web.service"],
                          capture_output=True, text=True)  # fmt: skip
    assert "ExecStrat" in said.stderr, "a mistake is really found"


def test_the_proxy_says_who_asks_and_which_host_and_changes_neither():
    text = re.sub(r"#.*", "", (EXAMPLES / "nginx.conf").read_text())
    assert text.count("{") == text.count("}")
    statements = [line.strip() for line in text.splitlines() if line.strip()]
    assert all(line.endswith((";", "{", "}")) for line in statements)
    headers = dict(re.findall(r"proxy_set_header\s+(\S+)\s+(\S+);", text))
    assert headers["Host"] == "$http_host"
    assert headers["X-Forwarded-For"] == "$remote_addr", "what a stranger says of himself is not passed on"
    assert headers["X-Request-ID"] == "$request_id"
    assert "hash $host consistent;" in text


def test_alerts_ask_for_numbers_that_are_there(client):
    shown = set(re.findall(r"^# TYPE (portal_\w+)", client.get("/metrics").text, re.MULTILINE))
    shown |= {"portal_workers", "portal_reaper_age_seconds", "portal_backup_age_seconds"}  # where there are some
    asked = set(
        re.findall(r"portal_\w+", re.sub(r"- (alert|name):.*", "", (EXAMPLES / "portal-alerts.yml").read_text()))
    )
    assert asked
    assert {name.removesuffix("_bucket") for name in asked} <= shown
