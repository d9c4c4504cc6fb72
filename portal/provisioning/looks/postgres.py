"""A PostgreSQL server looks after pages, indexes and references itself: it is asked to read them."""

from contextlib import AbstractContextManager, nullcontext

import sqlalchemy as sa

from portal.provisioning.findings import DAMAGED, MOST_NAMES, SOUND
from portal.tenancy.databases.errors import tells_of_damage

MINE_TO_READ = """
    SELECT relname FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege(oid, 'SELECT')
     ORDER BY relname
"""
UNCHECKED = """
    SELECT t.relname, f.relname,
           string_agg(format('c.%%I IS NOT NULL', a.attname), ' AND '),
           string_agg(format('p.%%I = c.%%I', b.attname, a.attname), ' AND ')
      FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
      JOIN LATERAL unnest(k.conkey, k.confkey) AS pair(child, parent) ON true
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = pair.child
      JOIN pg_attribute b ON b.attrelid = f.oid AND b.attnum = pair.parent
     WHERE k.contype = 'f' AND NOT k.convalidated AND t.relnamespace = 'public'::regnamespace
     GROUP BY k.oid, t.relname, f.relname ORDER BY t.relname
"""


def only_reading(connection: sa.Connection) -> AbstractContextManager[None]:
    """The engine for looking reads only, whatever happens."""
    return nullcontext()


def is_whole(connection: sa.Connection) -> bool:
    """What a server has just restored is whole."""
    return True


def space_found(connection: sa.Connection) -> dict[str, int]:
    """The bytes of all; what of them nothing uses the server keeps to itself."""
    return {"size": connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar()}


def quick_look(connection: sa.Connection) -> str:
    """The catalogue can be read."""
    connection.exec_driver_sql("SELECT 1 FROM pg_class LIMIT 1").scalar()
    return SOUND


def whole_look(connection: sa.Connection, found: dict) -> None:
    """Every row can be read; rows without their parent are where the server was told not to look for it."""
    quoted = connection.dialect.identifier_preparer.quote_identifier
    try:
        names = connection.exec_driver_sql(MINE_TO_READ).scalars()
        reads = ", ".join(f"(SELECT count(row::text) FROM {quoted(name)} AS row)" for name in names)  # noqa: S608 of the catalogue
        connection.exec_driver_sql(f"SELECT {reads}")
    except sa.exc.DBAPIError as error:
        if not tells_of_damage(error.orig):
            raise
        found |= {"file": DAMAGED, "lines": [str(error.orig).splitlines()[0][:200]]}
        return
    found["file"] = SOUND
    for table, target, has_one, is_it in connection.exec_driver_sql(UNCHECKED).all()[:MOST_NAMES]:
        parent = f"(SELECT FROM {quoted(target)} p WHERE {is_it})"
        query = f"SELECT count(*) FROM {quoted(table)} c WHERE {has_one} AND NOT EXISTS {parent}"  # noqa: S608 of the catalogue
        count = connection.exec_driver_sql(query).scalar()
        if count:
            found["orphans"][table] = found["orphans"].get(table, 0) + count
