"""The public Python API: what `flask tenant` does, for scripts. Every method needs an application context."""

import sqlalchemy as sa

from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.provisioning import operations, verify
from portal.provisioning.steps import ProvisioningProblem


class TenantDatabaseManager:
    """Creates and checks the databases of registered hospitals, in this process."""

    @classmethod
    def create_hospital_database(cls, subdomain: str) -> Operation:
        """Create the database of a registered hospital and wait for it; again on a finished one changes nothing.

        Raises LookupError for an unknown subdomain and `ProvisioningProblem` when it did not work.
        """
        tenant = cls._tenant(subdomain)
        operation = operations.request(tenant, "create")
        db.session.commit()
        operation_id = operation.id
        operations.finish(operation_id)
        operation = db.session.get(Operation, operation_id, populate_existing=True)
        if operation.state != "succeeded":
            raise ProvisioningProblem(operation.error or f"the operation is {operation.state}")
        return operation

    @classmethod
    def verify_hospital_database(cls, subdomain: str) -> verify.Verdict:
        """Look at the hospital's database now and keep what was seen; raises LookupError for an unknown subdomain."""
        tenant = cls._tenant(subdomain)
        values = operations.verified_values(tenant)
        db.session.execute(sa.update(Tenant).where(Tenant.id == tenant.id).values(values))
        db.session.commit()
        return verify.Verdict(**{name: value for name, value in values.items() if name != "checked_at"})

    @staticmethod
    def _tenant(subdomain: str) -> Tenant:
        tenant = db.session.scalar(sa.select(Tenant).where(Tenant.subdomain == subdomain))
        if tenant is None:
            raise LookupError(f"There is no hospital with the subdomain {subdomain!r}.")
        return tenant
