"""How long a reading of the hospital's database may take, so that one slow part of a page does not hold up the rest."""

from contextlib import AbstractContextManager

from portal.extensions import db
from portal.tenancy.databases import limits
from portal.tenancy.session import TENANT


def at_most(seconds: float) -> AbstractContextManager[None]:
    """Stop what takes longer: a statement that is stopped raises `OperationalError`, and the transaction goes on."""
    return limits.at_most(seconds, db.session.connection(bind_arguments={"bind_key": TENANT}))
