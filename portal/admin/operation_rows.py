"""The rows of the list of operations: each with its look, its words and how far it is; a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, defer, joinedload, selectinload

from portal.admin.badges import KINDS, STATE, Badge
from portal.control.models import Operation
from portal.extensions import db
from portal.i18n import _
from portal.provisioning.progress import Progress

SHOWN_WITH = (
    contains_eager(Operation.tenant),
    joinedload(Operation.requester),
    selectinload(Operation.steps),
    defer(Operation.log),
)


@dataclass(frozen=True)
class OperationRow:
    """One operation of the list."""

    operation: Operation
    progress: Progress

    @property
    def badge(self) -> Badge:
        """Its state."""
        return STATE[self.operation.state]

    @property
    def kind(self) -> str:
        """What is done, in words."""
        return KINDS[self.operation.kind]

    @property
    def asked_by(self) -> str:
        """Who asked for it."""
        return asked_by(self.operation)

    @property
    def text(self) -> str:
        """How far it is while it runs; why it ended as it did."""
        return self.progress.line if self.operation.state == "running" else self.progress.sentence

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return self.operation.seconds


def rows_of(query: sa.Select) -> list[OperationRow]:
    """The rows this query finds; it has joined the hospitals."""
    return [OperationRow(one, Progress.of(one)) for one in db.session.scalars(query.options(*SHOWN_WITH))]


def ids_of_active(rows: Iterable[OperationRow]) -> str:
    """The operations among these that are not over, for the address of the poll."""
    return ",".join(str(row.operation.id) for row in rows if row.operation.is_active)


def asked_by(operation: Operation) -> str:
    """Who asked for an operation; the platform itself, or somebody at its command line, has no account."""
    return operation.requester.name if operation.requester else _("The platform")
