"""The same tests with everything on PostgreSQL: each test process has a cluster of its own, of Debian’s programs."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from portal.settings import ROOT
from portal.tenancy import control_engine
from portal.tenancy.servers import Server

WANTED = os.environ.get("TESTS_ON") == "postgresql"
QUICK = "-c fsync=off -c full_page_writes=off -c shared_buffers=64MB -c max_connections=300 -c max_wal_size=256MB"
MEMORY = Path("/dev/shm")  # no disk is behind it: a database is made there in a tenth of the time
CONTROL = "control"
PORT = "TESTS_POSTGRES_PORT"  # tells the processes that a test begins where its cluster is
PASSWORDS: dict[str, str] = {}  # of the roles of hospitals that are kept
if WANTED:  # the threads of a test are as many machines, and others use this one
    control_engine.BUSY_SECONDS = 60
    control_engine.POOL |= {"max_overflow": 48, "pool_timeout": 60}
TEMPLATES, AWAY = "template\\_%", "away_"
KEPT_TEMPLATES: set[str] = set()  # of this release; those of others go with the test that made them
OURS = ("hospital\\_%", "build\\_%")
LOOKED_AT_NOW = """
    UPDATE control_tenant SET checked_at = checked_at + since
    FROM (SELECT timezone('utc', now()) - max(checked_at) - interval '1 second' AS since FROM control_tenant) AS seen
"""


class Cluster:
    """A PostgreSQL server of ours, with passwords for every role, that ends with this process."""

    def __init__(self, settings: str = QUICK, locale: str = "--locale=C.UTF-8"):
        place = MEMORY if settings == QUICK and has_room(MEMORY) else None
        self.folder = Path(tempfile.mkdtemp(prefix="portal-postgres-", dir=place))
        self.port = free_port()
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        secret = self.folder / "password"
        secret.write_text("a password of the tests")
        secret.chmod(0o644)
        data = f"-D {self.folder}/data"
        self._run(f"initdb {data} -U owner --pwfile={secret} -A scram-sha-256 -E UTF8 {locale} --no-sync")
        listens = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 {settings}"
        self._run(f"pg_ctl {data} -w -l {self.folder}/log -o '{listens}' start")
        atexit.register(self.stop)

    @property
    def url(self) -> str:
        """Where the cluster is, as its owner."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Where one of its databases is, as the owner of the cluster."""
        return f"postgresql://owner:a%20password%20of%20the%20tests@127.0.0.1:{self.port}/{database}"

    @property
    def number(self) -> int:
        """The server's process, the parent of all its others."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """End the server and remove all of it."""
        atexit.unregister(self.stop)
        self._run(f"pg_ctl -D {self.folder}/data -m immediate stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def execute(self, statement: str | sql.Composable, *values) -> list[tuple]:
        """Run a statement as the owner, outside every hospital."""
        return self.inside("postgres", statement, *values)

    def inside(self, database: str, statement: str | sql.Composable, *values) -> list[tuple]:
        """Run a statement as the owner in one of its databases."""
        with psycopg.connect(self.url_of(database), autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def databases(self, *patterns: str) -> list[str]:
        """The names of the databases that are like one of these."""
        query = "SELECT datname FROM pg_database WHERE datname LIKE ANY(%s) ORDER BY 1"
        return [name for (name,) in self.execute(query, list(patterns))]

    def _run(self, command: str) -> None:
        command = f"umask 077; cd /; PATH={binaries()}:$PATH {command}"
        as_whom = ["su", "postgres", "-s", "/bin/sh", "-c", command] if os.getuid() == 0 else ["sh", "-c", command]
        subprocess.run(as_whom, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def has_room(folder: Path) -> bool:
    """A folder of this machine takes a cluster or two with thirty hospitals: 3 GB."""
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 3 << 30


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@cache
def binaries() -> Path | None:
    """Where the newest server's programs are, None where there are none: Debian keeps them apart, by version."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return folders[-1] if folders else found and Path(found).parent


class Joined(Cluster):
    """The cluster of the test that began this process; it ends with that one."""

    def __init__(self, port: int):
        self.port = port


@cache
def cluster() -> Cluster:
    """The cluster of this test process, in those that it begins too."""
    if PORT in os.environ:
        return Joined(int(os.environ[PORT]))
    made = Cluster()
    os.environ[PORT] = str(made.port)
    return made


def inside(database: str, statement: str | sql.Composable, *values) -> list[tuple]:
    """Run a statement in a database of this test; one that lets nobody in stays so."""
    try:
        return cluster().inside(database, statement, *values)
    except psycopg.OperationalError as error:
        if "not currently accepting" not in str(error):
            raise
    cluster().execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(database)))
    try:
        return cluster().inside(database, statement, *values)
    finally:
        refuse_everybody(database)


def checksums(database: str) -> dict[str, str]:
    """A digest of all rows of each table."""
    names = inside(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    digest = "SELECT {}, md5(coalesce(string_agg(row::text, ' ' ORDER BY row::text), '')) FROM {} AS row"
    each = [sql.SQL(digest).format(sql.Literal(name), sql.Identifier(name)) for (name,) in sorted(names)]
    return dict(inside(database, sql.SQL(" UNION ALL ").join(each))) if each else {}  # one talk with the server


@cache
def servers() -> dict[str, Server]:
    """The one server all hospitals of the tests are on."""
    return {"default": Server.parse(f"default={cluster().url}", ROOT)}


def sqlalchemy_url(database: str) -> str:
    """Where a database of this test is, for SQLAlchemy."""
    return cluster().url_of(database).replace("postgresql:", "postgresql+psycopg:")


def control_url() -> str:
    """The control database of the test that runs."""
    return sqlalchemy_url(CONTROL)


def make_control() -> None:
    """An empty control database in place of the one that is there."""
    drop(CONTROL)
    copy("template0", CONTROL)


def drop(name: str) -> None:
    """Remove a database, if it is there, whoever is in it."""
    cluster().execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def copy(source: str, name: str) -> None:
    """A copy of a database that nobody is in."""
    names = {"name": sql.Identifier(name), "source": sql.Identifier(source)}
    cluster().execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {source}").format(**names))


def ensure(name: str) -> None:
    """An empty database of this name where there is none."""
    if not cluster().databases(name):
        copy("template0", name)


def refuse_everybody(name: str) -> None:
    """Let nobody into a database from now on."""
    cluster().execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))


def tear(name: str) -> None:
    """Take the columns of the stamp from the catalogue of a database, so that the server itself knows no way in."""
    lost = "DELETE FROM pg_attribute WHERE attrelid = 'core_identity'::regclass AND attnum > 0"
    inside(name, f"SET allow_system_table_mods = on; {lost}")


def trust_rows(name: str, table: str, *statements: str) -> None:
    """Change a table whose foreign keys the server does not look at meanwhile, nor at its rows afterwards."""
    keys = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
    )
    change = sql.SQL("ALTER TABLE {} ").format(sql.Identifier(table))
    for key, text in (found := inside(name, keys, table)):
        inside(name, change + sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(key)))
        statements += (change + sql.SQL(f"ADD CONSTRAINT {{}} {text} NOT VALID").format(sql.Identifier(key)),)
    assert found
    for statement in statements:
        inside(name, statement)


def remove_orphans(name: str) -> None:
    """Leave only rows whose parents are there, and theirs, in a database that has others."""
    deletes = """
        SELECT format('DELETE FROM %1$s AS c WHERE %3$s AND NOT EXISTS (SELECT FROM %2$s AS p WHERE %4$s)',
                      k.conrelid::regclass, k.confrelid::regclass,
                      string_agg(format('c.%I IS NOT NULL', a.attname), ' AND '),
                      string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND '))
          FROM pg_constraint k JOIN LATERAL unnest(k.conkey, k.confkey) AS pair(child, parent) ON true
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.child
          JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.parent
         WHERE k.contype = 'f' GROUP BY k.oid, k.conrelid, k.confrelid
    """
    with psycopg.connect(cluster().url_of(name)) as raw:
        raw.execute("SET session_replication_role = replica")
        every = [statement for (statement,) in raw.execute(deletes)]
        while sum(raw.execute(statement).rowcount for statement in every):
            pass


def spoil_table(name: str, table: str) -> None:
    """Let nobody be able to read the rows of a table of a database any more; the role it is for stays."""
    [(aside,)] = inside(name, "SELECT pg_relation_filepath(%s::regclass)", table)
    role, made = sql.Identifier(name), sql.Identifier(f"damaged_{name}")
    cluster().execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(made, role))  # not yet read
    drop(name)
    [(place, folder)] = cluster().execute(
        "SELECT oid, current_setting('data_directory') FROM pg_database WHERE datname = %s", f"damaged_{name}"
    )
    pages = Path(folder) / "base" / str(place) / Path(aside).name
    pages.write_bytes(os.urandom(pages.stat().st_size))
    cluster().execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(made, role))
    cluster().execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))
    cluster().execute(sql.SQL("GRANT CONNECT ON DATABASE {0} TO {0}").format(role))


def drop_checks(name: str) -> None:
    """Let the tables of a database keep any word, as SQLite does where it is told to ignore what it checks."""
    checks = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
    drop_one = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
    with psycopg.connect(cluster().url_of(name)) as raw:
        for table, check in raw.execute(checks).fetchall():
            raw.execute(drop_one.format(sql.Identifier(*table.split(".")), sql.Identifier(check)))


def forget_templates() -> None:
    """Nobody has made the template of this release yet; after the test it is as it was."""
    for name in cluster().databases(TEMPLATES):
        if name in KEPT_TEMPLATES and not cluster().databases(AWAY + name):
            _rename(name, AWAY + name)
        else:
            _drop_template(name)


def _bring_templates_back() -> None:
    """Have the templates there that the hospitals of the tests were made of, and no others."""
    away = {name.removeprefix(AWAY) for name in cluster().databases(AWAY.replace("_", "\\_") + "%")}
    for name in set(cluster().databases(TEMPLATES)) - (KEPT_TEMPLATES - away):
        _drop_template(name)
    for name in away:
        _rename(AWAY + name, name)


def _rename(name: str, other: str) -> None:
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    cluster().execute(rename.format(sql.Identifier(name), sql.Identifier(other)))


def _drop_template(name: str) -> None:
    cluster().execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(sql.Identifier(name)))
    drop(name)


def keep(count: int) -> None:
    """Put what was made for `portal_with(count)` away, to be copied for each test."""
    for name in cluster().databases("hospital\\_%", CONTROL):
        kept = f"ready_{count}_{name}"
        _rename(name, kept)
        if name == CONTROL:
            KEPT_TEMPLATES.update(cluster().databases(TEMPLATES))
            continue
        revoke = sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(sql.Identifier(kept), sql.Identifier(name))
        cluster().execute(revoke)  # so that a test may remove the role
        PASSWORDS.update(cluster().execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolname = %s", name))


def begin(count: int) -> None:
    """Remove what the test before left, and copy the control database and the hospitals of this one."""
    for name in cluster().databases(*OURS, "unreadable\\_%", CONTROL):
        drop(name)
    _bring_templates_back()
    for role in roles_alone():
        cluster().execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    prefix = f"ready_{count}_"
    for kept in cluster().databases(prefix.replace("_", "\\_") + "%"):
        name = kept.removeprefix(prefix)
        copy(kept, name)
        if name == CONTROL:
            continue
        _make_role(name)
        names = {"name": sql.Identifier(name)}
        cluster().execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
        cluster().execute(sql.SQL("GRANT CONNECT ON DATABASE {name} TO {name}").format(**names))
    with psycopg.connect(cluster().url_of(CONTROL)) as control:
        control.execute(LOOKED_AT_NOW)


def roles_alone() -> set[str]:
    """The roles of hospitals that no database is called like."""
    alone = "SELECT rolname FROM pg_roles WHERE rolname LIKE %s AND rolname NOT IN (SELECT datname FROM pg_database)"
    return {name for (name,) in cluster().execute(alone, OURS[0])}


def shut() -> set[str]:
    """The databases of hospitals that let nobody in, or nobody write."""
    closed = """
        SELECT datname FROM pg_database d LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid
         WHERE datname LIKE %s AND (NOT datallowconn OR 'default_transaction_read_only=on' = ANY (setconfig))
    """
    return {name for (name,) in cluster().execute(closed, OURS[0])}


def _make_role(name: str) -> None:
    """Make a hospital's role again, where the test before removed it."""
    if not cluster().execute("SELECT 1 FROM pg_roles WHERE rolname = %s", name):
        role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE portal_hospital")
        cluster().execute(role.format(sql.Identifier(name), sql.Literal(PASSWORDS[name])))
