"""What a database holds, as digests: to see that nothing changed, wherever the database is."""

import hashlib
from collections.abc import Collection

import sqlalchemy as sa
from flask import Flask


def content_of(engine: sa.Engine, but: Collection[str] = ()) -> dict[str, str]:
    """A digest of every table of a database, of some not."""
    every = sa.select(sa.text("*"))
    with engine.connect() as connection:
        return {
            name: hashlib.sha256(repr(connection.execute(every.select_from(sa.table(name))).all()).encode()).hexdigest()
            for name in sa.inspect(connection).get_table_names()
            if name not in but
        }


def content_of_hospital(app: Flask, subdomain: str = "city-general", but: Collection[str] = ()) -> dict[str, str]:
    """The same of a hospital’s database, with an engine that only looks."""
    engines = app.extensions["engines"]
    return content_of(engines.databases().looking_engine(engines.names(subdomain)), but)
