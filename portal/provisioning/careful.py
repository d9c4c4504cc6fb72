"""Asking for the works that cannot be taken back with a click, in the caller's one transaction."""

import sqlalchemy as sa
from flask import current_app

from portal.auth.audit import audit_platform
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.provisioning import asking
from portal.provisioning.registration import NameInUse, Refused, hospitals_by_server, is_free, register_copy
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.names import subdomain_problem, taken_sentence


def request_rename(tenant: Tenant, subdomain: str, requested_by: int | None = None) -> Operation:
    """Ask for a new address; the same sentences as when a hospital is created. The caller commits.

    Raises `Refused` for what cannot be a subdomain or is taken, and `ProvisioningProblem` while there is other work.
    """
    problem = subdomain_problem(subdomain)
    if problem:
        raise Refused("subdomain", problem)
    if subdomain == tenant.subdomain:
        raise Refused("subdomain", _("This is its present subdomain. Choose a different one"))
    details = {"before": tenant.subdomain, "subdomain": subdomain}
    active = asking.find_active(tenant.id)
    is_asked = active is not None and active.details == details
    if not is_asked and not is_free(subdomain):
        raise NameInUse("subdomain", taken_sentence(subdomain))
    told = {"from": tenant.subdomain, "to": subdomain}
    return asking.request_only(tenant, "rename", requested_by, action="rename_hospital", details=details, told=told)


def request_move(tenant: Tenant, server: str, requested_by: int | None = None) -> Operation:
    """Ask for the hospital's database to be moved to another server. The caller commits.

    Raises `Refused` for a server that is not known, full, or the present one, and `ProvisioningProblem` where there is
    nothing to move or other work is under way.
    """
    servers = current_app.extensions["settings"].servers
    if server not in servers:
        raise Refused("server", _("There is no server called {server}.", server=server))
    if tenant.generation is None:
        raise ProvisioningProblem(_("{name} has no database to move.", name=tenant.name))
    active = asking.find_active(tenant.id)
    before = active.details["before"] if active is not None and active.kind == "move" else tenant.server
    if active is None and server == tenant.server:
        raise Refused("server", _("{name} is on this server already.", name=tenant.name))
    if active is None and servers[server].is_full(hospitals_by_server().get(server, 0)):
        facts = {"server": server, "most": servers[server].most}
        raise Refused("server", _("{server} is full: it holds {most} hospitals at most.", **facts))
    details = {"before": before, "server": server, "subdomain": tenant.subdomain}
    told = {"from": before, "to": server}
    return asking.request_only(tenant, "move", requested_by, action="move_hospital", details=details, told=told)


def request_clone(
    source: Tenant, name: str, subdomain: str, *, neutralise: bool = True, requested_by: int | None = None
) -> Operation:
    """Register a new hospital and ask for a copy of this one's database for it. The caller commits.

    The name was checked. Raises `Refused` for what cannot be a subdomain or is taken, and `ProvisioningProblem` where
    there is nothing to copy.
    """
    problem = subdomain_problem(subdomain)
    if problem:
        raise Refused("subdomain", problem)
    if source.generation is None:
        raise ProvisioningProblem(_("{name} has no database to copy.", name=source.name))
    tenant = register_copy(source, name, subdomain, is_neutralised=neutralise)
    return request_clone_again(tenant, {"source": source.id, "neutralise": neutralise}, requested_by)


def request_clone_again(tenant: Tenant, details: dict, requested_by: int | None = None) -> Operation:
    """Ask for the copy once more, for a hospital that has none yet. The caller commits."""
    told = {"from": db.session.get_one(Tenant, details["source"]).subdomain}
    return asking.request_only(tenant, "clone", requested_by, action="clone_hospital", details=details, told=told)


def begun_clone(tenant: Tenant) -> dict | None:
    """What the copy was to be made of, for a hospital that was to begin as one and has no database yet; or None."""
    query = sa.select(Operation.details).where(Operation.tenant_id == tenant.id, Operation.kind == "clone")
    return db.session.scalar(query.order_by(Operation.id.desc()).limit(1)) if tenant.generation is None else None


def end_neutralised(tenant: Tenant) -> bool:
    """Let a copy for trying things out send messages from now on; False where it does already. The caller commits."""
    if not tenant.is_neutralised:
        return False
    tenant.is_neutralised = False
    tenant.epoch = Tenant.epoch + 1
    audit_platform("end_neutralised", tenant=tenant)
    return True


def request_delete(tenant: Tenant, requested_by: int | None = None) -> Operation:
    """Ask for a hospital to be deleted; raises `ProvisioningProblem` while there is other work. The caller commits."""
    return asking.request_only(tenant, "delete", requested_by, action="delete_hospital")
