"""Creating a hospital's database: built aside under a private name, checked, and only then published."""

import errno
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from portal.auth.models import ADMIN_ROLE, Group, UserGroup
from portal.auth.models import User as HospitalUser
from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.i18n import _
from portal.kit.models import HospitalProfile, Identity, Sequence
from portal.migrations import revisions
from portal.provisioning import template, verify
from portal.provisioning.access import add_mirror
from portal.provisioning.ledger import Ledger
from portal.provisioning.steps import BUILD, CHECK, GRANT, MODULES, RESERVE, ProvisioningProblem
from portal.tenancy.engines import read_stamp
from portal.tenancy.names import names_of


class Create:
    """One attempt to create a database. `run` may be repeated after a kill at any moment and ends in the same place."""

    def __init__(self, operation: Operation, ledger: Ledger, build: str):
        self.tenant: Tenant = operation.tenant
        self.administrators = [access.user for access in self.tenant.access]
        self.generation = UUID(operation.reference).hex
        self.ledger, self.build = ledger, build
        self.names = names_of(self.tenant.subdomain, current_app.extensions["settings"].base_domain)
        self.databases = current_app.extensions["engines"].databases(self.tenant.server)
        self.is_published = False
        self.is_fresh = False

    def run(self) -> dict:
        """Do every step; answers with the registry's new values for the hospital."""
        self.ledger.begin(RESERVE.name)
        if self.reserve():
            return self.adopt()
        self.ledger.begin(BUILD.name)
        self.copy()
        self.ledger.begin(MODULES.name)
        self.set_up_modules()
        self.ledger.begin(GRANT.name)
        self.stamp_and_grant()
        self.ledger.begin(CHECK.name)
        return self.check_and_publish()

    def undo(self) -> None:
        """Leave nothing half-made behind."""
        if not self.is_published:
            self.databases.discard(self.build)

    def reserve(self) -> bool:
        """True when an earlier attempt published this hospital's database already; another owner's is refused."""
        if not self.databases.exists(self.names):
            return False
        engine = self.databases.engine(self.names)
        try:
            stamp = read_stamp(engine)
        finally:
            engine.dispose()
        if stamp is None or stamp[0] != self.tenant.uuid:
            raise ProvisioningProblem(
                _("A database called {name} is there already and belongs to nobody.", name=self.names.database)
            )
        self.generation = stamp[1]
        return True

    def adopt(self) -> dict:
        """Put a database into use that was finished before its executor was killed, or that is in use already."""
        self.is_published = True
        self.ledger.begin(MODULES.name)
        self.ledger.module_states(verify.expected_tables())
        self.ledger.begin(CHECK.name)
        return self.registered(verify.examine(self.names, self.tenant.uuid, self.generation, self.tenant.server))

    def copy(self) -> None:
        """Clone the template; without one start from an empty file, which the next step migrates."""
        self.is_fresh = not template.has_template()
        if self.is_fresh:
            self.databases.start(self.build)
        else:
            self.databases.clone(template.template_name(), self.build)

    def set_up_modules(self) -> None:
        """Migrate module after module the first time; after a clone check that each module's tables are there."""
        if self.is_fresh:
            template.migrate(self.build, self._module_by_module())
            template.keep(self.build)
        with self.databases.build_engine(self.build).connect() as connection:
            found = verify.columns_by_table(connection)
        for name, tables in verify.expected_tables().items():
            if not tables <= found.keys():
                self.ledger.module = name
                raise ProvisioningProblem(_("Tables are missing from the template."))
        self.ledger.module_states(verify.expected_tables())

    def _module_by_module(self):
        """A listener that records each module as its last migration ends."""
        order = revisions("tenant")
        last = {module: revision for revision, module in order}
        following = {
            revision: order[place + 1][1] if place + 1 < len(order) else None
            for place, (revision, _m) in enumerate(order)
        }
        self.ledger.module_states([], order[0][1])

        def heard(revision: str) -> None:
            self.ledger.module_states([m for m, end in last.items() if end == revision], following[revision])

        return heard

    def stamp_and_grant(self) -> None:
        """Write whose database this is, how the hospital presents itself, and its administrators, in one go."""
        with self.databases.build_engine(self.build).begin() as connection:
            connection.execute(
                sa.insert(Identity).values(
                    id=1, tenant_uuid=self.tenant.uuid, generation=self.generation, created_at=now()
                )
            )
            connection.execute(sa.insert(HospitalProfile).values(self._profile()))
            connection.execute(sa.insert(Sequence).values(name="mrn", width=6, value=0, period="none", period_key=""))
            for administrator in self.administrators:
                add_mirror(connection, administrator)

    def _profile(self) -> dict:
        tenant = self.tenant
        copied = ("name", "address", "phone", "email", "timezone", "currency", "locale")
        prefix = "".join(word[0] for word in tenant.subdomain.split("-") if word).upper()
        return {
            **{name: getattr(tenant, name) for name in copied},
            "id": 1,
            "mrn_prefix": (prefix if len(prefix) > 1 else tenant.subdomain[:2].upper())[:6],
            "created_at": now(),
            "updated_at": now(),
            "version": 1,
        }

    def check_and_publish(self) -> dict:
        """Open what was built as the site will, look at everything, and give it its name."""
        engine = self.databases.build_engine(self.build).execution_options(writing=False)
        verdict = verify.examine_engine(engine, self.tenant.uuid, self.generation)
        if verdict.status != "ready":
            raise ProvisioningProblem(verdict.reason)
        with engine.connect() as connection:
            query = (
                sa.select(sa.func.count())
                .select_from(HospitalUser)
                .join(UserGroup, UserGroup.user_id == HospitalUser.id)
                .join(Group, Group.id == UserGroup.group_id)
                .where(Group.name == ADMIN_ROLE, HospitalUser.is_active)
            )
            if self.administrators and connection.scalar(query) != len(self.administrators):
                raise ProvisioningProblem(_("The administrator’s account is not in the database."))
        self.databases.publish(self.build, self.names)
        self.is_published = True
        return self.registered(verdict)

    def registered(self, verdict: verify.Verdict) -> dict:
        """The registry's values for a database that is in use from now on."""
        return {
            **verdict.values(),
            "checked_at": now(),
            "generation": self.generation,
            "epoch": Tenant.epoch + 1,
        }


def reason_of(error: BaseException) -> str:
    """What people can be told of an error, or nothing."""
    if isinstance(error, ProvisioningProblem):
        return error.sentence
    number = getattr(error, "errno", None) or getattr(getattr(error, "orig", None), "errno", None)
    if number == errno.ENOSPC or "disk is full" in str(error):
        return _("The disk is full.")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _("The hospitals folder cannot be written to.")
    if number in (errno.EMFILE, errno.ENFILE):
        return _("Too many files are open.")
    return ""
