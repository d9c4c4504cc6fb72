"""How long, and how often, a patient may come back to a doctor without a new fee (OPD-8)."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Record


class FeeValidity(Record):
    """A window in which a patient's further visits to a doctor are covered by the fee of the first one (OPD-8)."""

    __tablename__ = "opd_feevalidity"
    __table_args__ = (sa.CheckConstraint("used_visits <= max_visits", name="used_visits"),)

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    doctor_id: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    max_visits: Mapped[int]
    used_visits: Mapped[int] = mapped_column(default=0)
    source_visit_id: Mapped[int] = mapped_column(sa.ForeignKey("opd_visit.id"), index=True)
