"""One command runs every process, and nothing is left when it stops."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

import click
import pytest
import redis
from rq import Queue

from portal import redis_server
from portal.cli.up import check_address_is_free
from portal.supervisor import Child, Supervisor, start_tied
from tests.processes import ROOT, is_alive, processes_with, wait_until
from tests.small_portal import long_job


class SmallPortal:
    """A running `tests.small_portal`, and a look at its processes."""

    def __init__(self, folder):
        self.folder, self.socket = folder, redis_server.socket_path(folder).with_name("web.sock")
        self.process = self.start()
        self.redis_pid, self.web, self.worker = map(int, self.process.stdout.readline().split())
        self.redis = redis.Redis.from_url(redis_server.url_of(folder / "redis"), socket_timeout=2)
        self.queue = Queue("portal", connection=self.redis)

    def start(self):
        return subprocess.Popen(
            [sys.executable, "-m", "tests.small_portal", str(self.folder), str(self.socket)],
            cwd=ROOT,
            env={**os.environ, "TESTED_FOLDER": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def serving_pid(self):
        """Ask the web which process answers; None while none does."""
        with closing(http.client.HTTPConnection("localhost", timeout=2)) as connection:
            with closing(socket.socket(socket.AF_UNIX)) as connection.sock:
                try:
                    connection.sock.connect(str(self.socket))
                    connection.request("GET", "/healthz")
                    return json.load(connection.getresponse())["pid"]
                except (OSError, http.client.HTTPException):
                    return None

    def redis_answers(self):
        try:
            return self.redis.ping()
        except redis.RedisError:
            return False

    def start_a_long_job(self):
        """The process that does it (RQ's work-horse)."""
        wait_until(self.redis_answers)
        self.queue.enqueue(long_job, str(self.folder))
        return int(wait_until(lambda: (path := self.folder / "job").exists() and path.read_text()))

    def says(self, line):
        """It prints this line sooner or later (the worker may speak in between)."""
        return any(said.strip() == line for said in self.process.stdout)

    def says_that(self, beginning):
        """It prints a line that begins so, sooner or later."""
        return any(said.startswith(beginning) for said in self.process.stdout)

    def living(self):
        return processes_with(str(self.folder))

    def close(self):
        self.process.kill()
        wait_until(lambda: not self.living())
        self.process.communicate()
        self.redis.close()


@pytest.fixture
def portal(tmp_path):
    small = SmallPortal(tmp_path)
    yield small
    small.close()


def test_a_killed_supervisor_leaves_no_process_behind(portal):
    horse, serving = portal.start_a_long_job(), wait_until(portal.serving_pid)
    living = portal.living()
    assert {portal.process.pid, portal.redis_pid, portal.web, serving, portal.worker, horse} <= set(living)
    portal.process.kill()
    wait_until(lambda: not portal.living(), seconds=5)


def test_ctrl_c_stops_everything_in_good_order(portal):
    wait_until(portal.serving_pid)
    portal.process.send_signal(signal.SIGINT)
    assert portal.says("stopping")
    assert portal.process.wait(15) == 0
    assert portal.living() == []


@pytest.mark.parametrize("victim", ["web", "worker", "redis_pid"])
def test_a_killed_child_starts_again(portal, victim):
    wait_until(portal.serving_pid)
    name = victim.removesuffix("_pid").replace("redis", "Redis")
    os.kill(getattr(portal, victim), signal.SIGKILL)
    assert portal.says_that(f"{name} ended (signal SIGKILL); starting it again")  # at once where it was slow to serve
    assert is_alive(portal.start_a_long_job())
    assert wait_until(portal.serving_pid)


def test_a_killed_worker_takes_its_job_along(portal):
    horse = portal.start_a_long_job()
    os.kill(portal.worker, signal.SIGKILL)
    wait_until(lambda: not is_alive(horse), seconds=5)


def test_a_second_start_on_the_same_folder_is_refused_with_one_sentence(portal):
    second = portal.start()
    said, _nothing = second.communicate(timeout=15)
    assert second.returncode == 1
    assert said.count("\n") == 1
    assert f"already runs on {portal.folder} (process {portal.process.pid})" in said
    assert is_alive(portal.web)


def test_a_child_that_keeps_ending_is_tried_ever_more_slowly():
    said = []
    with Supervisor([Child("web", lambda: start_tied(["false"]))], said.append) as supervisor:
        supervisor.run(seconds=2.5)
    pauses = [float(line.split()[-2]) for line in said]
    assert said[0] == "web ended (exit code 1); starting it again in 0.2 s"
    assert pauses == [0.2, 0.4, 0.8, 1.6][: len(pauses)]
    assert len(pauses) >= 3


def test_a_child_that_will_not_end_is_killed(monkeypatch):
    monkeypatch.setattr("portal.supervisor.SECONDS_TO_STOP", 0.3)
    stubborn = Child("worker", lambda: start_tied(["sh", "-c", "trap '' TERM; echo; sleep 60 & wait; wait"]))
    with Supervisor([stubborn]) as supervisor:
        supervisor.run(seconds=0.5)
        pid = stubborn.process.pid
        assert is_alive(pid)
    assert not is_alive(pid)


def test_a_taken_port_is_one_sentence_with_the_cure():
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(click.ClickException) as refusal:
            check_address_is_free("127.0.0.1", port)
    assert refusal.value.message.startswith(f"Port {port} is taken by another program: set PORT")
    check_address_is_free("127.0.0.1", port)


def test_an_address_of_another_machine_is_one_sentence():
    with pytest.raises(click.ClickException, match=r"BIND is not an address of this machine: 192\.0\.2\.1"):
        check_address_is_free("192.0.2.1", 8000)


def test_wrong_settings_are_one_message_and_no_traceback(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "up"],
        cwd=ROOT,
        env={**os.environ, "INSTANCE_DIR": str(tmp_path), "PORT": "many", "REDIS_URL": "http://redis"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert run.returncode == 1
    assert run.stderr.splitlines()[0] == "The settings cannot be used:"
    assert [line.split()[1] for line in run.stderr.splitlines()[1:]] == ["PORT", "REDIS_URL"]
