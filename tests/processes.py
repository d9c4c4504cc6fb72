"""Looking at real processes in tests."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from portal.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def environ_of(settings: Settings) -> dict[str, str]:
    """The environment in which another process is the portal of these settings."""
    kept = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
    urls = {name: one.url.render_as_string(hide_password=False) for name, one in settings.servers.items()}
    servers = (f"{name}={url.replace(' ', '%20')}" for name, url in urls.items())
    return kept | {
        "INSTANCE_DIR": str(settings.instance_dir),
        "HOSPITALS_DIR": str(settings.hospitals_dir),
        "BACKUPS_DIR": str(settings.backups_dir),
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "TENANT_SERVERS": ";".join(servers),
    }


def is_alive(pid: int) -> bool:
    """The process exists and is not just waiting to be reaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def wait_until(holds: Callable[[], object], seconds: float = 15):
    """What `holds` returns once that is true; fails when it never is."""
    deadline = time.monotonic() + seconds
    while not (result := holds()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return result


def processes_with(mark: str) -> list[int]:
    """The living processes with `mark` in their environment or command line, whoever their parents are."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                about = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in about and is_alive(int(folder.name)):
                found.append(int(folder.name))
    return found
