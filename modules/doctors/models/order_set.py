"""Order sets: what a doctor orders together, kept to order by."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.doctors.models.doctor import Doctor
from portal.kit import Record, Refused, _, db


class OrderSet(Record):
    """Drugs, tests and exams that a doctor orders together."""

    __tablename__ = "doctors_orderset"

    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    shared: Mapped[bool] = mapped_column(default=False)
    items: Mapped[dict] = mapped_column(sa.JSON, default=dict)

    owner: Mapped[Doctor] = relationship(lazy="raise")

    def __str__(self) -> str:
        return self.name

    @property
    def drugs(self) -> list[dict]:
        """The drugs of the set, each as the pad takes it."""
        return self.items.get("drugs", [])

    def remove(self, doctor: Doctor | None) -> "OrderSet":
        """Take the set away; what was ordered by it stays. Raises `Refused` for a set of somebody else."""
        if doctor is None or doctor.id != self.owner_id:
            raise Refused(_("Only {name} can remove this set", name=db.session.get_one(Doctor, self.owner_id)))
        db.session.delete(self)
        return self
