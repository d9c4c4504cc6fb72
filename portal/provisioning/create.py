"""Creating a hospital's database: built aside under a private name, checked, and only then published."""

from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from portal.auth.models import ADMIN_ROLE, Group, UserGroup
from portal.auth.models import User as HospitalUser
from portal.clock import now
from portal.control.models import Operation, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.kit.models import HospitalProfile, Identity, Sequence
from portal.migrations import revisions
from portal.provisioning import repair, schema, template, verify
from portal.provisioning.access import add_mirror
from portal.provisioning.failures import FINISHED, KEPT, NOTHING, REMOVED
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
        self.engine = self.databases.build_engine(build, lasting=True)
        self.left = NOTHING  # what a failure at this moment leaves behind
        self.is_fresh = False

    def run(self) -> dict:
        """Do every step; answers with the registry's new values for the hospital."""
        self.ledger.begin(RESERVE.name)
        if self.reserve():
            return self.adopt()
        self.ledger.begin(BUILD.name)
        self.left = REMOVED
        self.copy()
        self.ledger.begin(MODULES.name)
        self.set_up_modules()
        self.ledger.begin(GRANT.name)
        self.stamp_and_grant()
        self.ledger.begin(CHECK.name)
        return self.check_and_publish()

    def undo(self) -> None:
        """Leave nothing half-made behind."""
        self.engine.dispose()
        if self.left == REMOVED:
            self.databases.discard(self.build)

    def reserve(self) -> bool:
        """True when this hospital's database is there already: in use, or just published by an attempt that died."""
        if not self.databases.exists(self.names):
            return False
        stamp = read_stamp(self.databases.looking_engine(self.names))
        if stamp is None or stamp[0] != self.tenant.uuid:
            raise ProvisioningProblem(
                _("A database called {name} is there already and belongs to nobody.", name=self.names.database)
            )
        if stamp[1] != self.tenant.generation and stamp[1] not in self._unfinished():
            raise ProvisioningProblem(_("The database is not the one the platform created."))
        self.generation = stamp[1]
        return True

    def _unfinished(self) -> set[str]:
        """The generations of this hospital's operations that ended before the registry heard of their database."""
        query = sa.select(Operation.reference).where(
            Operation.tenant_id == self.tenant.id,
            Operation.kind.in_(("create", "restore")),
            Operation.state != "succeeded",
        )
        with db.engine.connect().execution_options(writing=False) as connection:
            return {UUID(reference).hex for reference in connection.scalars(query)}

    def adopt(self) -> dict:
        """Keep the database that is there and add only what it lacks; then it is in use (tenancy.md T7)."""
        self.left = KEPT if self.generation == self.tenant.generation else FINISHED
        self.ledger.begin(MODULES.name)
        verdict = self._examined()
        if verdict.status == "incomplete":
            self.complete()
            verdict = self._examined()
        if verdict.status != "ready":
            raise ProvisioningProblem(verdict.reason)
        self.ledger.module_states(verify.expected_tables())
        self.ledger.begin(CHECK.name)
        return self.registered(verdict)

    def _examined(self) -> verify.Verdict:
        return verify.examine(self.names, self.tenant.uuid, self.generation, self.tenant.server, thorough=True)

    def complete(self) -> None:
        """Run the migrations that are missing, add the tables, indexes and triggers that are, and say which."""
        engine = self.databases.engine(self.names)
        try:
            added = repair.complete(engine, self.seed)
        finally:
            engine.dispose()
        if added.sentences:
            self.ledger.say(added.sentences)

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
        with self.engine.connect().execution_options(writing=False) as connection:
            found = {entry.name for entry in schema.entries_in(connection)}
        expected = verify.expected_tables()
        for name, tables in expected.items():
            if not tables <= found:
                self.ledger.module = name
                raise ProvisioningProblem(_("Tables are missing from the template."))
        self.ledger.module_states(expected)

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
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(Identity).values(
                    id=1, tenant_uuid=self.tenant.uuid, generation=self.generation, created_at=now()
                )
            )
            self.seed(connection)

    def seed(self, connection: sa.Connection) -> None:
        """The rows every hospital starts with, where they are not there yet."""
        if connection.scalar(sa.select(HospitalProfile.id)) is None:
            connection.execute(sa.insert(HospitalProfile).values(self._profile()))
        if connection.scalar(sa.select(Sequence.id).where(Sequence.name == "mrn")) is None:
            connection.execute(sa.insert(Sequence).values(name="mrn", width=6, value=0, period="none", period_key=""))
        for administrator in self.administrators:
            add_mirror(connection, administrator)

    def _profile(self) -> dict:
        tenant = self.tenant
        copied = ("name", "address", "phone", "email", "timezone", "currency", "locale")
        return {
            **{name: getattr(tenant, name) for name in copied},
            "id": 1,
            "mrn_prefix": mrn_prefix(tenant.subdomain),
            "created_at": now(),
            "updated_at": now(),
            "version": 1,
        }

    def check_and_publish(self) -> dict:
        """Open what was built as the site will, look at everything, and give it its name."""
        engine = self.engine.execution_options(writing=False)
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
        self.engine.dispose()
        self.ledger.beat()  # an attempt that lost its lease publishes nothing
        self.databases.publish(self.build, self.names)
        self.left = FINISHED
        return self.registered(verdict)

    def registered(self, verdict: verify.Verdict) -> dict:
        """The registry's values for a database that is in use from now on."""
        return {
            **verdict.values(),
            "checked_at": now(),
            "generation": self.generation,
            "epoch": Tenant.epoch + 1,
        }


def mrn_prefix(subdomain: str) -> str:
    """Up to six letters that patients' numbers begin with: the words' first ones, CG for city-general."""
    initials = "".join(word[0] for word in subdomain.split("-") if word[:1].isalpha())
    letters = "".join(char for char in subdomain if char.isalpha())
    return (initials if len(initials) > 1 else letters[:2] or "h").upper()[:6]
