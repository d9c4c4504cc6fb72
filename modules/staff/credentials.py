"""What people were given or signed that comes to an end: licences, certificates, trainings, contracts."""

from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kit import Choice, Record, Refused, _, db, emit, guarded_update
from portal.kit.people import audit_hospital

if TYPE_CHECKING:
    from modules.staff.models import Staff

KINDS = ("license", "certificate", "training", "contract")


class Credential(Record):
    """A licence, certificate, training or contract of a person, and the day it ends.

    `reminded_days` is how many days before that day somebody was reminded last; empty before the first time.
    """

    __tablename__ = "staff_credential"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_staff.id"), index=True)
    kind: Mapped[str] = mapped_column(Choice(*KINDS, name="kind"))
    title: Mapped[str] = mapped_column(sa.String(120))
    number: Mapped[str | None] = mapped_column(sa.String(60))
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None] = mapped_column(index=True)
    reminded_days: Mapped[int | None]
    attachment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("core_attachment.id"), index=True)

    staff: Mapped["Staff"] = relationship(lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return self.title

    @classmethod
    def add(cls, **facts) -> "Credential":
        """A new credential of a member of staff; raises `Refused` where it would end before it begins."""
        credential = cls(**facts)
        credential._refuse_wrong_days()
        db.session.add(credential)
        return credential

    def change(self, **facts) -> "Credential":
        """Correct or renew the credential; one that ends on another day is reminded of anew."""
        if facts["expires_on"] != self.expires_on:
            self.reminded_days = None
        for name, value in facts.items():
            setattr(self, name, value)
        self._refuse_wrong_days()
        return self

    def remove(self) -> "Credential":
        """Take away a credential that was never right; the audit of its person keeps what it was."""
        was = " ".join(filter(None, (self.title, self.number, self.expires_on and self.expires_on.isoformat())))
        audit_hospital("update", self.staff, {"credential": [was, None]})
        db.session.delete(self)
        return self

    def remind(self, days: int) -> bool:
        """Tell that the credential ends in this many days or fewer; False where it was told before (STF-5)."""
        anew = sa.or_(Credential.reminded_days.is_(None), Credential.reminded_days > days)
        if not guarded_update(self, anew, reminded_days=days):
            return False
        emit("credential.expiring", self)
        return True

    def _refuse_wrong_days(self) -> None:
        if self.issued_on and self.expires_on and self.expires_on < self.issued_on:
            raise Refused(_("The last day must not be before the first"), "expires_on")
