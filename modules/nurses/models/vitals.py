"""Vital signs: what was measured at a patient at one moment, possible as it must be, with its score."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from modules.nurses.news2 import Score
from portal.kit import Choice, Exposed, Fixed, Record, Refused, Voidable, _, now

CONSCIOUSNESS = ("A", "C", "V", "P", "U")
# What can be measured at somebody who lives (NUR-4): the least, the most, and how many decimals.
BOUNDS = {
    "temperature_c": ("25", "45", 1),
    "pulse": ("20", "300", 0),
    "resp_rate": ("3", "80", 0),
    "bp_sys": ("40", "300", 0),
    "bp_dia": ("10", "250", 0),
    "spo2": ("50", "100", 0),
    "pain": ("0", "10", 0),
    "glucose": ("0.5", "80", 1),
    "height_cm": ("20", "250", 1),
    "weight_kg": ("0.2", "500", 3),
}
NAMES = {
    "temperature_c": _("Temperature"),
    "pulse": _("Pulse"),
    "resp_rate": _("Breaths"),
    "bp_sys": _("Systolic blood pressure"),
    "bp_dia": _("Diastolic blood pressure"),
    "spo2": _("Oxygen saturation"),
    "pain": _("Pain"),
    "glucose": _("Blood glucose"),
    "height_cm": _("Height"),
    "weight_kg": _("Weight"),
}
ALERT_FROM, RED_FROM, ALERTING_SINGLE = 5, 7, 3
TENTH = Decimal("0.1")


class VitalSign(Voidable, Exposed, Record):
    """What was measured at a patient at one moment, with its NEWS2 score."""

    __tablename__ = "nurses_vitalsign"
    __table_args__ = (
        sa.Index("ix_nurses_vitalsign_patient_taken", "patient_id", "taken_at"),
        sa.Index("ix_nurses_vitalsign_encounter_taken", "encounter_id", "taken_at"),
    )

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"))
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"))
    taken_at: Mapped[datetime] = mapped_column(default=now)
    temperature_c: Mapped[Decimal | None] = mapped_column(Fixed(1))
    pulse: Mapped[int | None]
    resp_rate: Mapped[int | None]
    bp_sys: Mapped[int | None]
    bp_dia: Mapped[int | None]
    spo2: Mapped[int | None]
    on_oxygen: Mapped[bool] = mapped_column(default=False)
    consciousness: Mapped[str | None] = mapped_column(Choice(*CONSCIOUSNESS, name="consciousness"))
    pain: Mapped[int | None]
    glucose: Mapped[Decimal | None] = mapped_column(Fixed(1))
    height_cm: Mapped[Decimal | None] = mapped_column(Fixed(1))
    weight_kg: Mapped[Decimal | None] = mapped_column(Fixed(3))
    bmi: Mapped[Decimal | None] = mapped_column(Fixed(1))
    news2: Mapped[int | None]
    news2_max_single: Mapped[int | None]
    taken_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)

    def __str__(self) -> str:
        return _("Vital signs")

    @property
    def is_alert(self) -> bool:
        """A doctor has to hear of it: a score of 5 or more, or one of its parts at 3 (NUR-6)."""
        return (self.news2 or 0) >= ALERT_FROM or (self.news2_max_single or 0) >= ALERTING_SINGLE

    @property
    def is_red(self) -> bool:
        """The doctor on call has to hear of it too, and the bed turns red (NUR-6)."""
        return (self.news2 or 0) >= RED_FROM

    @property
    def pressure(self) -> str:
        """Such as “118/74”; empty where it was not taken."""
        return f"{self.bp_sys}/{self.bp_dia if self.bp_dia is not None else '?'}" if self.bp_sys else ""

    @property
    def in_words(self) -> str:
        """What was measured, such as “pulse 112, 118/74 mmHg, 38.6 °C”."""
        told = (
            (self.resp_rate, _("breaths {value}", value=self.resp_rate)),
            (self.spo2, _("SpO₂ {value} %", value=self.spo2)),
            (self.pulse, _("pulse {value}", value=self.pulse)),
            (self.bp_sys, _("{value} mmHg", value=self.pressure)),
            (self.temperature_c, _("{value} °C", value=self.temperature_c)),
        )
        return ", ".join(words for value, words in told if value is not None)

    def refuse_impossible(self) -> None:
        """Raise `Refused` for what nobody alive has, for nothing at all, and for the future (NUR-4)."""
        for name, (least, most, _places) in BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not Decimal(least) <= value <= Decimal(most):
                words = {"label": NAMES[name], "least": least, "most": most}
                raise Refused(_("{label} must be from {least} to {most}", **words), name)
        if self.bp_sys is not None and self.bp_dia is not None and self.bp_sys <= self.bp_dia:
            raise Refused(_("Systolic blood pressure must be above the diastolic one"), "bp_sys")
        if self.bp_dia is not None and self.bp_sys is None:
            raise Refused(_("Enter the systolic blood pressure too"), "bp_sys")
        if self.consciousness is None and all(getattr(self, name) is None for name in BOUNDS):
            raise Refused(_("Enter at least one thing that was measured"), "temperature_c")
        if self.taken_at > now():
            raise Refused(_("The time must be in the past"), "taken_at")

    def compute(self, score: Score | None) -> None:
        """Keep the score, and the body mass index where height and weight were measured."""
        self.news2, self.news2_max_single = (score.total, score.highest) if score else (None, None)
        self.bmi = body_mass(self.height_cm, self.weight_kg)


def body_mass(height_cm: Decimal | None, weight_kg: Decimal | None) -> Decimal | None:
    """Weight by the square of the height; None where one is not known."""
    if not height_cm or not weight_kg:
        return None
    return (weight_kg / (height_cm / 100) ** 2).quantize(TENTH, ROUND_HALF_UP)
