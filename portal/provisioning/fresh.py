"""An empty database for a hospital, built aside under a private name: cloned, stamped, with its administrators."""

import sqlalchemy as sa

from portal.auth.models import ADMIN_ROLE, Group, UserGroup
from portal.auth.models import User as HospitalUser
from portal.clock import now
from portal.control.models import Tenant
from portal.i18n import _
from portal.kit.models import HospitalProfile, Identity, Sequence
from portal.migrations import revisions
from portal.provisioning import template, verify
from portal.provisioning.access import add_mirror
from portal.provisioning.ledger import Ledger
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.databases import catalog
from portal.tenancy.databases.base import Databases


class FreshDatabase:
    """The build that becomes a hospital's first database, or takes the place of the one it has."""

    def __init__(self, tenant: Tenant, generation: str, databases: Databases, build: str, ledger: Ledger):
        self.tenant, self.generation = tenant, generation
        self.administrators = [access.user for access in tenant.access]
        self.databases, self.build, self.ledger = databases, build, ledger
        self.engine = databases.build_engine(build, lasting=True)
        self.is_empty = False

    def copy(self) -> None:
        """Clone the template; without one start from an empty file, which the next step migrates."""
        self.is_empty = not template.has_template(self.databases)
        if self.is_empty:
            self.databases.start(self.build)
        else:
            self.databases.clone(template.template_name(), self.build)

    def set_up_modules(self) -> None:
        """Migrate module after module the first time; after a clone check that each module's tables are there."""
        if self.is_empty:
            template.migrate(self.build, self._module_by_module(), self.databases)
            template.keep(self.build, self.databases)
        with self.engine.connect().execution_options(writing=False) as connection:
            found = set(catalog.table_names(connection))
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

    def check(self) -> verify.Verdict:
        """Open what was built as the site will, and look at everything; raises `ProvisioningProblem` if not Ready."""
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
        return verdict


def mrn_prefix(subdomain: str) -> str:
    """Up to six letters that patients' numbers begin with: the words' first ones, CG for city-general."""
    initials = "".join(word[0] for word in subdomain.split("-") if word[:1].isalpha())
    letters = "".join(char for char in subdomain if char.isalpha())
    return (initials if len(initials) > 1 else letters[:2] or "h").upper()[:6]
