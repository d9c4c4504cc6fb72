"""The Session that fails closed: no hospital, no data; one session, one hospital; no object crosses over.

It knows nothing of the rest of the portal. Three look-ups are set when the application starts: `current_uuid` answers
the current hospital's uuid or None, `locate` its engine, `control` the engine of the control plane.
"""

from collections.abc import Callable

import sqlalchemy as sa
from flask_sqlalchemy.session import Session
from sqlalchemy import event
from sqlalchemy.sql import visitors

TENANT = "tenant"
_UNSAID = object()
_TAG = "_hospital_uuid"


class NoTenantError(RuntimeError):
    """Hospital data was touched outside a hospital, or raw SQL did not say whose data it wants."""


class WrongTenantError(RuntimeError):
    """A session or an object of one hospital was used in another, or beside the control plane."""


class TenantSession(Session):
    """Chooses the database by the table's bind key and refuses every ambiguity (tenancy.md T1–T3).

    Statements without a table (`text()`, `session.connection()`) must say
    `bind_arguments={"bind_key": "tenant"}` (a hospital) or `{"bind_key": None}` (the control plane).
    """

    current_uuid: Callable[[], str | None] = staticmethod(lambda: None)
    locate: Callable[[], sa.Engine] | None = None
    control: Callable[[], sa.Engine] | None = None

    def get_bind(self, mapper=None, clause=None, bind=None, bind_key=_UNSAID, **kwargs):
        """The engine for this statement; raises `NoTenantError` or `WrongTenantError`, never guesses."""
        if bind is not None:
            return bind
        if bind_key is _UNSAID:
            bind_key = _key_of(mapper, clause)
        if bind_key is _UNSAID:
            raise NoTenantError(
                "A statement without a table must say whose data it wants: "
                'bind_arguments={"bind_key": "tenant"} or {"bind_key": None}.'
            )
        return self._hospital_engine() if bind_key == TENANT else self._control_engine()

    def _hospital_engine(self) -> sa.Engine:
        """One engine for the whole session: on a second one it would wait for its own write lock."""
        uuid = self.current_uuid()
        if uuid is None:
            raise NoTenantError("No hospital is bound here. Use in_hospital(…) around this work.")
        if self.info.setdefault("hospital", uuid) != uuid:
            raise WrongTenantError("This session belongs to another hospital.")
        if "engine" not in self.info:
            self.info["engine"] = self.locate()
        return self.info["engine"]

    def _control_engine(self) -> sa.Engine:
        if self.current_uuid() is not None:
            raise WrongTenantError(
                "Inside a hospital the control plane is out of reach of the session. Use outside_hospital()."
            )
        return self.control()

    def guard(self) -> None:
        """Refuse to answer from memory once another hospital is bound."""
        pinned = self.info.get("hospital")
        if pinned is not None and self.current_uuid() != pinned:
            raise WrongTenantError("This session belongs to another hospital.")

    def _identity_lookup(self, *args, **kwargs):
        self.guard()
        return super()._identity_lookup(*args, **kwargs)

    def _check_mine(self, instance) -> None:
        tag = getattr(instance, _TAG, None)
        if tag is not None and tag != self.current_uuid():
            raise WrongTenantError(f"This {type(instance).__name__} belongs to another hospital.")

    def merge(self, instance, **kwargs):
        """As SQLAlchemy's, but never takes in an object of another hospital."""
        self._check_mine(instance)
        return super().merge(instance, **kwargs)

    def refresh(self, instance, *args, **kwargs):
        """As SQLAlchemy's, but never refreshes an object of another hospital."""
        self._check_mine(instance)
        return super().refresh(instance, *args, **kwargs)


@event.listens_for(TenantSession, "do_orm_execute")
def name_the_tables(state) -> None:
    """Hand a union of models to `get_bind`: SQLAlchemy names it no model, but its tables say whose it is."""
    if "mapper" not in state.bind_arguments:
        state.bind_arguments.setdefault("clause", state.statement)


def _key_of(mapper, clause):
    if mapper is not None:
        return sa.inspect(mapper).local_table.metadata.info.get("bind_key")
    if clause is None:
        return _UNSAID
    keys = {t.metadata.info.get("bind_key") for t in visitors.iterate(clause) if isinstance(t, sa.Table)}
    if isinstance(clause, sa.UpdateBase):
        keys.add(clause.table.metadata.info.get("bind_key"))
    if len(keys) > 1:
        raise WrongTenantError("One statement cannot read a hospital and the control plane together.")
    return keys.pop() if keys else _UNSAID


def guard_objects(base: type) -> None:
    """Let every instance of `base` and its subclasses carry its hospital (tenancy.md T3)."""

    @event.listens_for(base, "init", propagate=True)
    def tag_new(instance, args, kwargs):
        uuid = TenantSession.current_uuid()
        if uuid is not None:
            instance.__dict__[_TAG] = uuid

    @event.listens_for(base, "load", propagate=True)
    def tag_loaded(instance, context):
        if context is not None:  # there is none in a merge, which tags what it adds
            instance.__dict__[_TAG] = context.session.info.get("hospital")

    @event.listens_for(TenantSession, "before_attach")
    def check(session, instance):
        if isinstance(instance, base):
            session._check_mine(instance)

    @event.listens_for(TenantSession, "before_flush")
    def check_all(session, flush_context, instances):
        session.guard()


def refuse_pickle(instance, protocol):
    """`__reduce_ex__` of hospital records: queues and caches carry ids, never records."""
    raise WrongTenantError(f"A {type(instance).__name__} cannot leave its hospital. Pass its id.")
