"""Asking for the works that cannot be taken back with a click, in the caller's one transaction."""

from portal.control.models import Operation, Tenant
from portal.i18n import _
from portal.provisioning import operations
from portal.provisioning.registration import NameInUse, Refused, is_free
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
    active = operations.find_active(tenant.id)
    is_asked = active is not None and active.details == details
    if not is_asked and not is_free(subdomain):
        raise NameInUse("subdomain", taken_sentence(subdomain))
    told = {"from": tenant.subdomain, "to": subdomain}
    return operations.request_only(tenant, "rename", requested_by, action="rename_hospital", details=details, told=told)


def request_delete(tenant: Tenant, requested_by: int | None = None) -> Operation:
    """Ask for a hospital to be deleted; raises `ProvisioningProblem` while there is other work. The caller commits."""
    return operations.request_only(tenant, "delete", requested_by, action="delete_hospital")
