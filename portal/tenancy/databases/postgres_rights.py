"""What a hospital’s role may do in its database: read and write rows, and change no table (tenancy.md T24)."""

import psycopg
from psycopg import sql

EVERY_HOSPITAL = "portal_hospital"  # what all hospitals' roles may do inside their databases
MAY_USE = """
    WITH wanted AS (
        SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY (%(tables)s))
    SELECT has_schema_privilege('public', 'USAGE')
       AND (SELECT bool_and(has_table_privilege(oid, verb))
              FROM wanted, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS verb)
       AND (SELECT coalesce(bool_and(has_sequence_privilege(d.objid, 'USAGE')), true)
              FROM wanted JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = wanted.oid
              JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
             WHERE d.classid = 'pg_class'::regclass)
"""


def grant_rows(connection: psycopg.Connection) -> None:
    """Every hospital's role may read and write the rows of a database it may connect to, and change no table."""
    role = sql.Identifier(EVERY_HOSPITAL)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('portal roles'))")
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (EVERY_HOSPITAL,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
        for statement in (
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
        ):
            connection.execute(sql.SQL(statement).format(role))


def may_use(connection: psycopg.Connection, tables: list[str]) -> bool:
    """Whoever is connected may read and write the rows of these tables, as far as they are there."""
    return connection.execute(MAY_USE, {"tables": tables}).fetchone()[0]
