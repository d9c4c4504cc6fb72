"""The visits of a patient: one record for each, whatever the setting, to which everything done there points."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Record, _, now, transition
from portal.kit.claims import claim

CLASS_WORDS = {
    "AMB": _("Outpatient visit"),
    "IMP": _("Inpatient stay"),
    "EMER": _("Emergency visit"),
    "VR": _("Video visit"),
}
STATUS_WORDS = {
    "planned": _("Planned"),
    "arrived": _("Arrived"),
    "triaged": _("Triaged"),
    "in_progress": _("In progress"),
    "finished": _("Finished"),
    "cancelled": _("Cancelled"),
}
ENDED = ("finished", "cancelled")
OPEN_ALREADY = {
    "AMB": _("{name} has an open outpatient visit with this doctor already. Finish or cancel it first"),
    "IMP": _("{name} has an open inpatient stay already. Finish or cancel it first"),
    "EMER": _("{name} has an open emergency visit already. Finish or cancel it first"),
    "VR": "",
}


class Encounter(Exposed, Record):
    """One visit of a patient, whatever the setting; orders, vitals, prescriptions and charges point here.

    planned → arrived → triaged → in_progress → finished;  planned | arrived → in_progress
    planned | arrived | triaged → cancelled.  `active_key` is set until it ends (PAT-5).
    """

    __tablename__ = "patients_encounter"
    __table_args__ = (
        sa.Index("ix_patients_encounter_patient_started", "patient_id", "started_at"),
        sa.Index("ix_patients_encounter_class_status", "encounter_class", "status", "started_at"),
    )

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"))
    encounter_class: Mapped[str] = mapped_column(Choice(*CLASS_WORDS, name="encounter_class"))
    status: Mapped[str] = mapped_column(Choice(*STATUS_WORDS, name="status"), default="planned")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    doctor_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("doctors_doctor.id", use_alter=True, name="fk_patients_encounter_doctor_id"), index=True
    )
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_department.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    active_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)

    def __str__(self) -> str:
        return CLASS_WORDS[self.encounter_class]

    @classmethod
    def open(cls, patient: Record, encounter_class: str, *, started_at: datetime | None = None, **facts) -> "Encounter":
        """Plan a visit; `facts` are doctor_id, department_id, parent_id and reason.

        Raises `Refused` for a patient who has died or was merged (PAT-4), and for a second open inpatient stay,
        emergency visit, or outpatient visit with the same doctor (PAT-5).
        """
        patient.refuse_new_work()
        values = {"patient_id": patient.id, "encounter_class": encounter_class, "started_at": started_at or now()}
        encounter = cls(**values, **facts)
        encounter.active_key = encounter.key_for(patient.id)
        return claim(encounter, OPEN_ALREADY[encounter_class].format(name=patient))

    def key_for(self, patient_id: int) -> str | None:
        """What only one open visit of this patient may hold; None where there may be several."""
        if self.encounter_class == "VR" or (self.encounter_class == "AMB" and self.doctor_id is None):
            return None
        of_doctor = f":{self.doctor_id}" if self.encounter_class == "AMB" else ""
        return f"{patient_id}:{self.encounter_class}{of_doctor}"

    def hand_over(self, doctor_id: int, department_id: int) -> "Encounter":
        """Another doctor sees the patient; raises `Refused` where the patient has an open visit with that one."""
        self.doctor_id, self.department_id = doctor_id, department_id
        sentence = OPEN_ALREADY[self.encounter_class].format(name=_("The patient"))
        return claim(self, sentence, active_key=self.key_for(self.patient_id))

    @transition("planned", "arrived", needs="encounter_change")
    def arrive(self) -> None:
        """The patient is here."""
        self.started_at = now()

    @transition("arrived", "triaged", needs="encounter_change")
    def triage(self) -> None:
        """A nurse has seen how urgent it is."""

    @transition("planned", "in_progress", needs="encounter_change")
    def admit(self) -> None:
        """The stay begins at once, without waiting."""
        self.started_at = now()

    @transition("arrived | triaged", "in_progress", needs="encounter_change")
    def begin(self) -> None:
        """A doctor or a nurse cares for the patient now."""

    @transition("in_progress", "finished", needs="encounter_change")
    def finish(self) -> None:
        """The visit is over."""
        self.ended_at, self.active_key = now(), None

    @transition("planned | arrived | triaged", "cancelled", needs="encounter_change")
    def cancel(self) -> None:
        """The visit does not take place."""
        self.ended_at, self.active_key = now(), None
