"""The definitions of a PostgreSQL database, put together from its catalogue so that they read alike wherever the
migrations were the same. A trigger that was switched off is there and does nothing, and triggers keep foreign keys.
"""

import re
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

DUMPED = re.compile(r"\(ARRAY\[((?:\('(?:[^']|'')*'::character varying\)::text(?:, )?)+)\]\)")
DUMPED_WORD = re.compile(r"\(('(?:[^']|'')*'::character varying)\)::text")
TABLE_NAMES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
TABLES = r"""
    SELECT 'table', c.relname, c.relname, concat_ws(E'\n-- then\n',
      (SELECT string_agg(format('CREATE SEQUENCE %I', s.relname), E'\n-- then\n' ORDER BY s.relname)
         FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.deptype = 'a'),
      format('CREATE TABLE %I (%s)', c.relname, concat_ws(', ',
        (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                || coalesce(' DEFAULT ' || pg_get_expr(v.adbin, v.adrelid), '')
                || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY a.attnum)
           FROM pg_attribute a LEFT JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        (SELECT string_agg(format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), ', ' ORDER BY k.conname)
           FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'x')))),
      (SELECT string_agg(format('ALTER SEQUENCE %I OWNED BY %I.%I', s.relname, c.relname, a.attname), E'\n-- then\n'
                         ORDER BY s.relname)
         FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.deptype = 'a'),
      (SELECT string_agg(format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, k.conname,
                                pg_get_constraintdef(k.oid))
                         || CASE WHEN EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = k.oid
                                                  AND g.tgenabled NOT IN ('O', 'A'))
                                 THEN ' -- switched off' ELSE '' END,
                         E'\n-- then\n' ORDER BY k.conname)
         FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'))
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
OTHERS = r"""
    SELECT 'view', c.relname, c.relname, format('CREATE VIEW %I AS %s', c.relname, pg_get_viewdef(c.oid))
      FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'
    UNION ALL
    SELECT 'index', i.relname, t.relname,
           pg_get_indexdef(i.oid) || CASE WHEN x.indisvalid THEN '' ELSE ' -- not finished' END
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
     WHERE t.relnamespace = 'public'::regnamespace
       AND i.oid NOT IN (SELECT k.conindid FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT 'trigger', g.tgname, t.relname,
           replace(pg_get_functiondef(g.tgfoid), 'CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION')
           || E'\n-- then\n' || pg_get_triggerdef(g.oid)
           || CASE WHEN g.tgenabled IN ('O', 'A') THEN '' ELSE ' -- switched off' END
      FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
     WHERE NOT g.tgisinternal AND t.relnamespace = 'public'::regnamespace
"""
COLUMNS = """
    SELECT c.relname, a.attname,
           upper(format_type(a.atttypid, a.atttypmod)) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
           || coalesce(' DEFAULT ' || pg_get_expr(v.adbin, v.adrelid), '')
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_attrdef v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""
RULES = """
    SELECT t.relname, k.contype, f.relname, string_agg(a.attname, ', ' ORDER BY p.place)
      FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid LEFT JOIN pg_class f ON f.oid = k.confrelid
      JOIN LATERAL unnest(k.conkey) WITH ORDINALITY p(number, place) ON true
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = p.number
     WHERE t.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f')
       AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled NOT IN ('O', 'A'))
     GROUP BY k.oid, t.relname, k.contype, f.relname
"""


def entries_in(connection: sa.Connection) -> Iterable[tuple[str, str, str, str]]:
    """Kind, name, table and text of each definition."""
    query = f"{TABLES} UNION ALL {OTHERS}"
    rows = connection.exec_driver_sql(query.replace("%", "%%")).all()  # for the driver takes one for a parameter
    return [(*about, DUMPED.sub(_as_made, sql)) for *about, sql in rows]


def _as_made(words: re.Match) -> str:
    """A list of words as a migration's; it reads otherwise once the database was dumped and filled again."""
    return "((ARRAY[" + DUMPED_WORD.sub(r"\1", words[1]) + "])::text[])"


def columns_in(connection: sa.Connection) -> Iterable[tuple[str, str, str]]:
    """Table, column and shape of each column."""
    return connection.exec_driver_sql(COLUMNS).all()


def rules_in(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Table and words of each key."""
    for table, kind, target, columns in connection.exec_driver_sql(RULES):
        yield table, f"foreign key ({columns}) to {target}" if kind == "f" else f"unique ({columns})"
