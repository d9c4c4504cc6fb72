"""The Redis that comes with the portal."""

import subprocess
import sys

import pytest
import redis

from portal import redis_server
from portal.redis_server import RedisUnavailable
from tests.processes import ROOT, is_alive, wait_until


@pytest.fixture
def server(tmp_path):
    started = redis_server.start(tmp_path / "redis")
    yield started
    started.stop()


def client(server) -> redis.Redis:
    return redis.Redis.from_url(server.url, socket_timeout=2)


def test_it_answers_on_a_private_unix_socket_as_soon_as_start_returns(server, tmp_path):
    with client(server) as connection:
        assert connection.ping()
    socket = tmp_path / "redis" / "redis.sock"
    assert server.url == f"unix://{socket}"
    assert socket.stat().st_mode & 0o077 == 0
    assert (tmp_path / "redis").stat().st_mode & 0o077 == 0


def test_it_listens_on_no_port_and_never_drops_what_it_holds(server):
    with client(server) as connection:
        kept = connection.config_get("port", "maxmemory-policy", "appendonly", "save")
    assert kept == {"port": "0", "maxmemory-policy": "noeviction", "appendonly": "yes", "save": ""}


def test_what_it_holds_outlives_it(tmp_path):
    for round_number in (1, 2):
        server = redis_server.start(tmp_path)
        with client(server) as connection:
            assert connection.incr("starts") == round_number
        server.stop()


def test_a_second_server_on_the_same_folder_is_refused(server, tmp_path, monkeypatch):
    monkeypatch.setattr(redis_server, "SECONDS_TO_STOP", 0.2)
    with pytest.raises(RedisUnavailable, match="Another Redis server already uses"):
        redis_server.start(tmp_path / "redis")
    with client(server) as connection:
        assert connection.ping()


def test_a_folder_with_a_long_path_gets_a_short_private_socket(tmp_path):
    folder = tmp_path / ("long" * 25) / "redis"
    server = redis_server.start(folder)
    socket = redis_server.socket_path(folder)
    try:
        with client(server) as connection:
            assert connection.config_get("dir")["dir"] == str(folder)
        assert len(str(socket)) <= redis_server.LONGEST_SOCKET_PATH
        assert socket.parent.stat().st_mode & 0o077 == 0
        assert redis_server.url_of(folder) == server.url
    finally:
        server.stop()
        socket.unlink(missing_ok=True)
        socket.parent.rmdir()


def test_a_socket_folder_that_may_be_somebody_elses_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = tmp_path / ("long" * 25)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    redis_server.socket_path(folder).parent.symlink_to(elsewhere)
    with pytest.raises(RedisUnavailable, match="belongs to somebody else"):
        redis_server.start(folder)


def test_without_a_program_the_sentence_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RedisUnavailable, match="set REDIS_URL"):
        redis_server.start(tmp_path)


def test_a_program_on_the_path_is_preferred(monkeypatch, tmp_path):
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", {"redis-server": str(program)}.get)
    assert redis_server.find_binary() == program


def test_a_server_that_cannot_start_gives_its_own_reason(tmp_path):
    (tmp_path / "appendonlydir").write_text("a file where the server wants a folder")
    with pytest.raises(RedisUnavailable, match=r"did not start: .*append"):
        redis_server.start(tmp_path)


def test_it_ends_with_a_process_that_was_killed(tmp_path):
    script = (
        "import sys, time\nfrom portal import redis_server\n"
        "print(redis_server.start(sys.argv[1]).process.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        pid = int(starter.stdout.readline())
        assert is_alive(pid)
        starter.kill()
    wait_until(lambda: not is_alive(pid))
    redis_server.start(tmp_path).stop()  # and leaves the folder free
