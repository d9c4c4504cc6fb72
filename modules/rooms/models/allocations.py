"""Who held a bed from when to when: no two at a time, neither now nor in history."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Record, Refused, Voidable, WrongState, _, db, held, now, transition

END_REASONS = ("transfer", "discharge", "death", "error")
HELD = ("reserved", "active")


class BedAllocation(Voidable, Record):
    """Who holds a bed, and for how long; the two active keys are set while it is reserved or active (P1).

    reserved → active | cancelled;  active → ended
    """

    __tablename__ = "rooms_bedallocation"
    __table_args__ = (
        sa.CheckConstraint("patient_id IS NOT NULL AND encounter_id IS NOT NULL", name="whose"),
        sa.Index("ix_rooms_bedallocation_bed_starts", "bed_id", "starts_at"),
    )

    bed_id: Mapped[int] = mapped_column(sa.ForeignKey("rooms_bed.id"))
    patient_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("patients_patient.id", use_alter=True, name="fk_rooms_bedallocation_patient_id"), index=True
    )
    encounter_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("patients_encounter.id", use_alter=True, name="fk_rooms_bedallocation_encounter_id"), index=True
    )
    admission_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("ipd_admission.id", use_alter=True, name="fk_rooms_bedallocation_admission_id"), index=True
    )
    status: Mapped[str] = mapped_column(Choice("reserved", "active", "ended", "cancelled", name="status"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    reserved_until: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(Choice(*END_REASONS, name="end_reason"))
    override_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    active_bed_id: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    active_patient_id: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)

    def __str__(self) -> str:
        return _("Bed allocation {number}", number=self.id)

    @property
    def is_due(self) -> bool:
        """The bed was kept for the patient until now, and nobody came (ROOM-5)."""
        return self.status == "reserved" and self.reserved_until is not None and self.reserved_until <= now()

    @transition("reserved", "active", needs="assign")
    def begin(self) -> None:
        """The patient lies in the bed."""
        self.starts_at, self.reserved_until = now(), None

    @transition("reserved", "cancelled", needs="reserve")
    def cancel(self) -> None:
        """The bed is not kept for the patient any longer."""
        self.ends_at, self.active_bed_id, self.active_patient_id = now(), None, None

    @transition("active", "ended", needs="transfer")
    def end(self, end_reason: str) -> None:
        """The patient has left the bed."""
        self.ends_at, self.end_reason = now(), end_reason
        self.active_bed_id = self.active_patient_id = None

    def change(self, *, starts_at: datetime, ends_at: datetime | None) -> "BedAllocation":
        """Correct when the patient lay in the bed; raises `Refused` where somebody else did then (ROOM-3)."""
        self.refuse_voided()
        if self.status not in ("active", "ended"):
            raise WrongState(_("Nobody lay in the bed, so there are no times to correct."), self)
        if (ends_at is None) != (self.status == "active"):
            sentence = _("The patient is still in the bed. Leave the end empty") if ends_at else _("Enter the end")
            raise Refused(sentence, "ends_at")
        if max(starts_at, ends_at or starts_at) > now():
            raise Refused(_("Both times must be in the past"), "ends_at" if ends_at else "starts_at")
        if ends_at and ends_at <= starts_at:
            raise Refused(_("The end must be after the start"), "ends_at")
        self._refuse_overlap(starts_at, ends_at)
        self.starts_at, self.ends_at = starts_at, ends_at
        return self

    def _refuse_overlap(self, starts_at: datetime, ends_at: datetime | None) -> None:
        """Patient and bed are held, so that one at a time chooses times; then these are compared with the others."""
        bed, patient = (self.metadata.tables[name] for name in ("rooms_bed", "patients_patient"))
        db.session.scalar(held(sa.select(patient.c.id).where(patient.c.id == self.patient_id)))
        code = db.session.scalar(held(sa.select(bed.c.code).where(bed.c.id == self.bed_id)))
        for same, sentence in (
            (BedAllocation.bed_id == self.bed_id, _("Somebody else lay in bed {code} then", code=code)),
            (BedAllocation.patient_id == self.patient_id, _("The patient lay in another bed then")),
        ):
            taken = sa.select(BedAllocation.id).where(
                same,
                BedAllocation.id != self.id,
                BedAllocation.status.in_(("active", "ended")),
                BedAllocation.voided_at.is_(None),
                sa.or_(BedAllocation.ends_at.is_(None), BedAllocation.ends_at > starts_at),
                BedAllocation.starts_at < ends_at if ends_at else sa.true(),
            )
            if db.session.scalar(taken.limit(1)):
                raise Refused(sentence, "starts_at")
