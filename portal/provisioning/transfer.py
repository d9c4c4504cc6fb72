"""A hospital’s rows on their way to another server: into a fresh build there, and proved to be the same."""

from collections.abc import Callable

import sqlalchemy as sa

from portal.extensions import db
from portal.i18n import _
from portal.kit.models import Identity
from portal.provisioning import schema, template
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.databases import catalog, loading, rows
from portal.tenancy.databases.base import Databases
from portal.tenancy.databases.catalog import COLUMNS, TABLES
from portal.tenancy.databases.rows import Proof, RowRefused
from portal.tenancy.session import TENANT

Proofs = dict[str, Proof]


def tables() -> list[sa.Table]:
    """Every table of a hospital, as this release has them."""
    return sorted(db.metadatas[TENANT].tables.values(), key=lambda table: table.name)


def begin(on: Databases, build: str) -> None:
    """Begin a build as an empty hospital of this release; what is expected of it is known from then on."""
    on.clone(template.ensure_template(on), build)
    schema.expected_entries(on.build_engine(build).dialect.name)


def refuse_unknown(engine: sa.Engine) -> None:
    """Raise `ProvisioningProblem` where a database holds what this release knows nothing of: it would stay behind."""
    with engine.connect() as connection:
        differences = schema.compare(connection, catalog.entries_in(connection))
    for name in differences.names("extra", TABLES, COLUMNS):
        raise ProvisioningProblem(_("The database holds {name}, which this release does not know.", name=name))


def fill(source: sa.Engine, target: sa.Engine, stamp: str, heard: Callable[[int], None] = lambda done: None) -> Proofs:
    """Copy every row into a build that was begun, all or none; answers with the proof of what was read.

    `stamp` becomes its generation. Raises `ProvisioningProblem` for a row that the other database cannot keep.
    """
    written, proofs = {Identity.__table__.c.generation: stamp}, {}
    with source.connect() as here, target.connect() as there:
        try:
            with loading.loading(there):
                loading.empty(there, tables())
                for done, table in enumerate(tables()):
                    heard(done)
                    proofs[table.name] = rows.write(there, table, rows.read(here, table, written))
                loading.go_on_counting(there, loading.last_numbers(here))
        except RowRefused as error:
            sentence = _("A row of {table} does not fit the other database: {why}.", table=error.table, why=error.why)
            raise ProvisioningProblem(sentence) from error
    return proofs


def read_again(target: sa.Engine, stamp: str) -> Proofs:
    """The proof of what a filled database holds."""
    written = {Identity.__table__.c.generation: stamp}
    with target.connect() as there:
        return {table.name: rows.proof_of(there, table, written) for table in tables()}


def compare(read: Proofs, found: Proofs) -> None:
    """Raise `ProvisioningProblem` where one table differs."""
    for name, proof in read.items():
        other = found.get(name, Proof(0, ""))
        if proof.rows != other.rows:
            facts = {"table": name, "here": proof.rows, "there": other.rows}
            raise ProvisioningProblem(_("{table} has {here} rows here and {there} on the other server.", **facts))
        if proof != other:
            raise ProvisioningProblem(_("{table} does not hold the same on the other server.", table=name))
