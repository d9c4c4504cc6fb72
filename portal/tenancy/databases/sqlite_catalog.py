"""The definitions of a SQLite database: `sqlite_master` keeps them as they were written."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

TABLE_NAMES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"


def entries_in(connection: sa.Connection) -> Iterable[tuple[str, str, str, str]]:
    """Kind, name, table and text of each definition."""
    query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%'"
    return connection.exec_driver_sql(f"{query} ESCAPE '!'").all()


def columns_in(connection: sa.Connection) -> Iterable[tuple[str, str, str]]:
    """Table, column and shape of each column."""
    return connection.exec_driver_sql("""
        SELECT t.name, c.name, upper(c.type) || iif(c."notnull" OR c.pk, ' NOT NULL', '')
        FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table'
    """).all()


def rules_in(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Table and words of each key."""
    unique = """
        SELECT t.name, l.name, i.name FROM sqlite_master t JOIN pragma_index_list(t.name) l
        JOIN pragma_index_info(l.name) i WHERE t.type = 'table' AND l.origin <> 'c' ORDER BY l.name, i.seqno
    """
    foreign = """
        SELECT t.name, k."from", k."table" FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) k
        WHERE t.type = 'table'
    """
    together = defaultdict(list)
    for table, key, column in connection.exec_driver_sql(unique):
        together[table, key].append(column)
    for (table, _key), columns in together.items():
        yield table, f"unique ({', '.join(columns)})"
    for table, column, target in connection.exec_driver_sql(foreign):
        yield table, f"foreign key ({column}) to {target}"
