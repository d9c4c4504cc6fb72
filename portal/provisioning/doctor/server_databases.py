"""The databases and roles of a PostgreSQL server against the registry."""

from collections.abc import Iterator
from functools import partial

import psycopg
import sqlalchemy as sa
from psycopg import sql

from portal.control.models import Operation, Tenant
from portal.i18n import _
from portal.provisioning import template
from portal.provisioning.doctor.finding import ERROR, NOTE, WARNING, Finding, NotNow, mending
from portal.provisioning.doctor.own import differing, lost
from portal.provisioning.doctor.scene import UNSAID, YOUNG_SECONDS, Scene
from portal.tenancy.names import PREFIX
from portal.types import new_uuid

SET_ASIDE = _("It gets the name {aside}, under which nobody uses it; nothing is deleted.")
LIKE_HOSPITALS = PREFIX.replace("_", "\\_") + "%"
NAMED = "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY 1"
OPEN = """
    SELECT datname, datallowconn, EXISTS (
        SELECT 1 FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
         WHERE s.setdatabase = d.oid AND r.rolname = d.datname
           AND 'default_transaction_read_only=on' = ANY (s.setconfig))
      FROM pg_database d WHERE datname LIKE %s
"""
ALONE = """
    SELECT rolname FROM pg_roles WHERE rolname LIKE %s
       AND NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = rolname) ORDER BY 1
"""


def _rows(scene: Scene, query: str, *values) -> list[tuple]:
    with scene.databases.server.connected() as server:
        return server.execute(query, values).fetchall()


def of_hospitals(scene: Scene) -> Iterator[Finding]:
    """Each hospital's database: there, open to its role, its own, and the one the platform created."""
    found = {name: rest for name, *rest in _rows(scene, OPEN, LIKE_HOSPITALS)}
    for tenant in scene.here.values():
        name = f"{PREFIX}{tenant.subdomain}"
        if tenant.id in scene.busy or tenant.mode == "deleted":
            continue
        if name in found:
            yield from _open_as_it_should_be(scene, tenant, name, *found[name])
            stamp = scene.stamp(name)
            if stamp not in (UNSAID, (tenant.uuid, tenant.generation)):
                set_aside = partial(_aside, scene, name, tenant.subdomain, tenant.id)
                yield differing(scene, tenant, name, stamp, set_aside)
        elif tenant.generation is not None:
            yield lost(tenant)


def _open_as_it_should_be(scene: Scene, tenant: Tenant, name: str, is_open: bool, only_read: bool) -> Iterator[Finding]:
    """Work that was killed while it kept others away has left the database so."""
    database, facts = sql.Identifier(name), {"name": tenant.name}
    if not is_open:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(database)
        yield Finding(
            "closed-by-server", ERROR, tenant.subdomain,
            _("The server lets nobody into the database of {name}.", **facts), _("It lets people in again."),
            partial(_order, scene, "closed-by-server", tenant, allow),
        )  # fmt: skip
    if only_read:
        reset = sql.SQL("ALTER ROLE {} IN DATABASE {} RESET default_transaction_read_only").format(database, database)
        yield Finding(
            "read-only-by-server", ERROR, tenant.subdomain,
            _("The server lets nobody change the database of {name}, and no work needs that.", **facts),
            _("It lets people change it again."),
            partial(_order, scene, "read-only-by-server", tenant, reset),
        )  # fmt: skip


def of_nobody(scene: Scene) -> Iterator[Finding]:
    """Databases under names that no hospital of this server has."""
    for (name,) in _rows(scene, NAMED, LIKE_HOSPITALS):
        if name.removeprefix(PREFIX) not in scene.names:
            sentence = _("The database {database} of the server {server} belongs to no hospital.",
                         database=name, server=scene.server)  # fmt: skip
            yield _aside(scene, name, name, None, "database-of-nobody", sentence)


def _aside(scene: Scene, name: str, subject: str, tenant_id: int | None, kind: str, sentence: str) -> Finding:
    aside = f"aside_{name.removeprefix(PREFIX)[:40]}_{new_uuid()[:8]}"
    mend = partial(_set_aside, scene, kind, name, aside, tenant_id)
    return Finding(kind, WARNING, subject, sentence, SET_ASIDE.format(aside=aside), mend)


def _set_aside(scene: Scene, kind: str, name: str, aside: str, tenant_id: int | None) -> None:
    server = scene.databases.server
    with mending(kind, name, tenant_id) as connection:
        subdomain = name.removeprefix(PREFIX)
        here = sa.select(Tenant.id).where(Tenant.subdomain == subdomain, Tenant.server == scene.server)
        if connection.scalar(here) != tenant_id:
            raise NotNow
        with server.connected() as raw:
            server.refuse_people(raw, name)
            server.rename(raw, name, aside)


def _order(scene: Scene, kind: str, tenant: Tenant, statement: sql.Composable) -> None:
    with mending(kind, tenant.subdomain, tenant.id), scene.databases.server.connected() as server:
        server.execute(statement)


def builds(scene: Scene) -> Iterator[Finding]:
    """What dead workers were building."""
    for name in scene.databases.builds():
        if name not in scene.builds and scene.databases.age(name) > YOUNG_SECONDS:
            yield Finding(
                "build-left", NOTE, name,
                _("{file} on {server} was being built by a worker that is dead.", file=name, server=scene.server),
                _("It is removed; it was never a hospital’s database."),
                partial(scene.databases.discard, name),
            )  # fmt: skip


def templates(scene: Scene) -> Iterator[Finding]:
    """Templates of other releases."""
    for (name,) in _rows(scene, NAMED, "template\\_%"):
        if name != template.template_name():
            yield Finding(
                "template-old", NOTE, name,
                _("{file} on {server} is the template of another release.", file=name, server=scene.server),
                _("It is removed; that release would make it again."),
                partial(_remove_template, scene, name),
            )  # fmt: skip


def _remove_template(scene: Scene, name: str) -> None:
    with scene.databases.server.connected() as server:
        server.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(sql.Identifier(name)))
    scene.databases.discard(name)


def roles(scene: Scene) -> Iterator[Finding]:
    """Roles whose database is not there."""
    for (name,) in _rows(scene, ALONE, LIKE_HOSPITALS):
        if name.removeprefix(PREFIX) not in scene.names:
            yield Finding(
                "role-alone", NOTE, name,
                _("The role {role} of the server {server} has no database.", role=name, server=scene.server),
                _("It is removed."),
                partial(_remove_role, scene, name),
            )  # fmt: skip


def _remove_role(scene: Scene, name: str) -> None:
    held = sa.select(Operation.id).join(Operation.tenant).where(
        Operation.active_key.is_not(None), Tenant.subdomain == name.removeprefix(PREFIX)
    )  # fmt: skip
    with mending("role-alone", name) as connection, scene.databases.server.connected() as server:
        if connection.scalar(held) is not None:
            raise NotNow
        try:
            server.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg.errors.DependentObjectsStillExist:
            raise NotNow from None
