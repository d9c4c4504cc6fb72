"""A PgBouncer in transaction mode, of Debian’s package, in front of a cluster of the tests."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from tests import on_postgres

PROGRAM = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
SETTINGS = """
[databases]
* = host=127.0.0.1 port={server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
logfile = {folder}/pgbouncer.log
auth_type = scram-sha-256
auth_file = {folder}/logins
admin_users = owner, watcher
pool_mode = transaction
max_client_conn = 4000
default_pool_size = 2
server_idle_timeout = {idle}
server_login_retry = 1
query_wait_timeout = 10
log_connections = 0
log_disconnections = 0
"""


class Bouncer:
    """A PgBouncer of ours that ends with this process. `logins` is the file in which it finds the hospitals' roles."""

    def __init__(self, cluster: on_postgres.Cluster, idle: int = 60):
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pgbouncer-"))
        self.port, self.logins = on_postgres.free_port(), self.folder / "logins"
        self.logins.write_text('"watcher" "watcher"\n"owner" "a password of the tests"\n')
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(SETTINGS.format(server=cluster.port, port=self.port, folder=self.folder, idle=idle))
        as_whom = ["-u", "postgres"] if os.getuid() == 0 else []
        if as_whom:
            for path in (self.folder, self.logins, settings):
                shutil.chown(path, "postgres")
        self._process = subprocess.Popen([PROGRAM, "-q", *as_whom, settings], stderr=subprocess.DEVNULL)
        atexit.register(self.stop)
        while not self._answers() and self._process.poll() is None:
            time.sleep(0.02)

    @property
    def number(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def options(self) -> str:
        """What stands behind a server's address in TENANT_SERVERS."""
        return f"through=127.0.0.1:{self.port}&logins={self.logins}"

    def show(self, what: str) -> list[tuple]:
        """What PgBouncer says of itself: `pools`, `servers`, `clients`."""
        where = f"host=127.0.0.1 port={self.port} dbname=pgbouncer user=watcher password=watcher"
        with psycopg.connect(where, autocommit=True, prepare_threshold=None) as connection:
            return psycopg.ClientCursor(connection).execute(f"SHOW {what}").fetchall()

    def stop(self) -> None:
        """End it and remove all of it."""
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
