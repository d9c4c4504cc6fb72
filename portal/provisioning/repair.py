"""Finishing an Incomplete database: only what is missing is added, and every row stays (tenancy.md T7)."""

import sqlalchemy as sa

from portal.i18n import _
from portal.kit import seed
from portal.migrations import current_revision, head, revisions, upgrade
from portal.provisioning import template, verify
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.session import TENANT


def bring_to_head(engine: sa.Engine) -> None:
    """Run the migrations a database lacks; one that this release does not know is left alone."""
    with engine.connect() as connection:
        found = current_revision(TENANT, connection)
        connection.rollback()
        if found == head(TENANT):
            return
        if found not in dict(revisions(TENANT)):
            raise ProvisioningProblem(_("The database is at revision {found}, which is not known here.", found=found))
        upgrade(TENANT, connection)


def add_missing_tables(connection: sa.Connection) -> dict[str, list[str]]:
    """Add the tables that are not there, as the template has them; answers with what each module got.

    Raises `ProvisioningProblem` for a missing column: its values cannot be made up.
    """
    found = verify.columns_by_table(connection)
    absent = {name: verify.absent(tables, found) for name, tables in verify.expected_tables().items()}
    wanted = {table for tables in absent.values() for table in tables}
    columns = sorted(name for name in wanted if "." in name)
    if columns:
        raise ProvisioningProblem(_("The column {column} is missing and cannot be added.", column=columns[0]))
    for statement in _statements(wanted):
        connection.exec_driver_sql(statement)
    if wanted:
        seed.seed_reference(connection, template.modules())
    return {name: tables for name, tables in absent.items() if tables}


def _statements(tables: set[str]) -> list[str]:
    """How the template makes these tables and their indexes."""
    query = "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'table' DESC, rowid"
    with template.template_engine().connect() as connection:
        return [sql for table, sql in connection.exec_driver_sql(query) if table in tables]
