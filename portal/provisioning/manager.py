"""The public Python API: what `flask tenant` does, for scripts. Every method needs an application context."""

import sqlalchemy as sa

from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.provisioning import asking, backups, careful, operations, verify, watch
from portal.provisioning.modes import CHANGES, LONGEST_REASON, change_mode
from portal.provisioning.registration import register_copy
from portal.provisioning.steps import ProvisioningProblem


class TenantDatabaseManager:
    """Creates, checks, backs up and restores hospitals' databases and changes their modes, in this process."""

    @classmethod
    def create_hospital_database(cls, subdomain: str) -> Operation:
        """Create the database of a registered hospital and wait for it; again on a finished one changes nothing.

        Raises LookupError for an unknown subdomain and `ProvisioningProblem` when it did not work.
        """
        return cls._finished(asking.request_create(cls._tenant(subdomain)))

    @classmethod
    def migrate_hospital_database(cls, subdomain: str) -> Operation:
        """Bring the hospital's database to this release's revision, or leave it as it is, and wait for it.

        Raises LookupError for an unknown subdomain and `ProvisioningProblem` when it did not work.
        """
        return cls._finished(asking.request_only(cls._tenant(subdomain), "migrate", None, action="migrate_database"))

    @classmethod
    def backup_hospital_database(cls, subdomain: str) -> Backup:
        """Back the hospital's database up while it is in use, and wait for it.

        Raises LookupError for an unknown subdomain and `ProvisioningProblem` when it did not work.
        """
        operation = asking.request_backup(cls._tenant(subdomain))
        cls._finished(operation)
        return db.session.scalar(sa.select(Backup).where(Backup.reference == backups.reference_of(operation.build)))

    @classmethod
    def restore_hospital_database(
        cls, subdomain: str, reference: str, *, new_subdomain: str | None = None, new_name: str | None = None
    ) -> Operation:
        """Restore a backup into the hospital it was made of, or into a new one, and wait for it.

        What is there now is backed up first. Raises LookupError for an unknown hospital or backup, `NameInUse` for a
        new subdomain that is taken and `ProvisioningProblem` when it did not work.
        """
        tenant = cls._tenant(subdomain)
        backup = backups.get_backup(tenant, reference)
        if new_subdomain is not None:
            tenant = register_copy(tenant, new_name or tenant.name, new_subdomain)
        return cls._finished(asking.request_restore(tenant, backup))

    @classmethod
    def recreate_hospital_database(cls, subdomain: str) -> Operation:
        """Delete everything in the hospital's database, begin with an empty one, and wait for it.

        The hospital is closed meanwhile, and everybody in it is signed out. What was there is backed up first: that is
        the `backup` of the answer, which `restore_hospital_database` brings back. Raises LookupError for an unknown
        subdomain and `ProvisioningProblem` when it did not work, or other work is under way.
        """
        return cls._finished(asking.request_recreate(cls._tenant(subdomain)))

    @classmethod
    def rename_hospital(cls, subdomain: str, new_subdomain: str) -> Operation:
        """Give the hospital a new subdomain, and its database the name that goes with it, and wait for it.

        Raises LookupError for an unknown subdomain, `Refused` for a new one that cannot be had and
        `ProvisioningProblem` when it did not work.
        """
        return cls._finished(careful.request_rename(cls._tenant(subdomain), new_subdomain))

    @classmethod
    def move_hospital(cls, subdomain: str, server: str) -> Operation:
        """Move the hospital's database to another server of the settings, and wait for it.

        What was compared and measured is in the answer's `details["moved"]`. Raises LookupError for an unknown
        subdomain, `Refused` for a server that it cannot come to and `ProvisioningProblem` when it did not work.
        """
        return cls._finished(careful.request_move(cls._tenant(subdomain), server))

    @classmethod
    def clone_hospital(cls, subdomain: str, new_subdomain: str, new_name: str, *, neutralise: bool = True) -> Operation:
        """Make a new hospital that is a copy of this one, and wait for it; a neutralised one sends no messages.

        Raises LookupError for an unknown subdomain, `Refused` for a new one that cannot be had and
        `ProvisioningProblem` when it did not work.
        """
        source = cls._tenant(subdomain)
        return cls._finished(careful.request_clone(source, new_name, new_subdomain, neutralise=neutralise))

    @classmethod
    def delete_hospital(cls, subdomain: str) -> Operation:
        """Back the hospital up and delete it, and wait for that; restoring the backup brings it back for a time.

        Raises LookupError for an unknown subdomain and `ProvisioningProblem` when it did not work.
        """
        return cls._finished(careful.request_delete(cls._tenant(subdomain)))

    @classmethod
    def verify_hospital_database(cls, subdomain: str) -> verify.Verdict:
        """Look at the hospital's database now, thoroughly; raises LookupError for an unknown subdomain.

        What was seen is kept, unless other work on the hospital began or ended meanwhile: that knows better.
        """
        tenant_id = cls._tenant(subdomain).id
        db.session.rollback()
        return watch.look_at(tenant_id, thorough=True)

    @classmethod
    def suspend_hospital(cls, subdomain: str, reason: str = "") -> bool:
        """Let nobody in and end every session; False where it was so already.

        This and what follows raise LookupError for an unknown subdomain, and `ProvisioningProblem` while other work on
        the hospital is under way or another mode has to end first.
        """
        return cls._change(subdomain, "suspend", reason)

    @classmethod
    def resume_hospital(cls, subdomain: str) -> bool:
        """Let people in again."""
        return cls._change(subdomain, "resume")

    @classmethod
    def start_maintenance(cls, subdomain: str, sentence: str = "") -> bool:
        """Close the hospital for a while; its staff read the sentence."""
        return cls._change(subdomain, "start-maintenance", sentence)

    @classmethod
    def end_maintenance(cls, subdomain: str) -> bool:
        """Open the hospital again."""
        return cls._change(subdomain, "end-maintenance")

    @classmethod
    def make_read_only(cls, subdomain: str, reason: str = "") -> bool:
        """Let everything be looked up and nothing be saved."""
        return cls._change(subdomain, "make-read-only", reason)

    @classmethod
    def make_writable(cls, subdomain: str) -> bool:
        """Let people save again; a hospital whose agreement and grace ended stays read-only."""
        return cls._change(subdomain, "make-writable")

    @classmethod
    def _change(cls, subdomain: str, name: str, reason: str = "") -> bool:
        changed = change_mode(cls._tenant(subdomain), CHANGES[name], reason[:LONGEST_REASON])
        db.session.commit()
        return changed

    @staticmethod
    def _finished(operation: Operation) -> Operation:
        db.session.commit()
        operation_id = operation.id
        operations.finish(operation_id)
        operation = db.session.get(Operation, operation_id, populate_existing=True)
        if operation.state != "succeeded":
            raise ProvisioningProblem(operation.error or f"the operation is {operation.state}")
        return operation

    @staticmethod
    def _tenant(subdomain: str) -> Tenant:
        tenant = db.session.scalar(sa.select(Tenant).where(Tenant.subdomain == subdomain))
        if tenant is None:
            raise LookupError(f"There is no hospital with the subdomain {subdomain!r}.")
        return tenant
