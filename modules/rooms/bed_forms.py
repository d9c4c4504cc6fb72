"""The forms of giving beds: assigning, reserving, moving, blocking, and correcting when somebody lay in one."""

from modules.patients.api import Patient, PickPatient
from modules.rooms.bed_fields import BedFields
from modules.rooms.find import visit_for_bed
from modules.rooms.holding import assign_bed, reserve_bed, transfer
from modules.rooms.models import Bed, BedAllocation
from portal.kit import MoveForm, _, db
from portal.kit.forms import ChangeForm, DayAndTime, NewForm, Text


class AssignForm(BedFields, NewForm):
    """Puts a patient into a bed."""

    patient_id = PickPatient()

    @property
    def kept_for(self) -> int | None:
        """Who is expected may come."""
        return self.patient_id.data

    def save(self) -> BedAllocation:
        """Assign the bed for the open visit of the patient."""
        visit_id, admission_id = visit_for_bed(self.patient_id.data)
        return assign_bed(self.bed_id.data, self.patient_id.data, visit_id, admission_id, self.why)


class ReserveForm(BedFields, NewForm):
    """Keeps a bed for a patient who is expected."""

    patient_id = PickPatient()
    until = DayAndTime(_("Until"), description=_("Left empty: for as long as the hospital usually keeps a bed."))

    def save(self) -> BedAllocation:
        """Reserve the bed for the open visit of the patient."""
        visit_id, admission_id = visit_for_bed(self.patient_id.data)
        answers = (self.bed_id.data, self.patient_id.data, visit_id, self.until.data, admission_id)
        return reserve_bed(*answers, override_reason=self.why)


class TransferForm(BedFields, NewForm):
    """Moves the patient of a bed to another one."""

    def __init__(self, *args, bed: Bed, **kwargs):
        self.bed = bed
        super().__init__(*args, **kwargs)

    @property
    def patient(self) -> Patient:
        """Who lies in the bed now; raises `WrongState` where nobody does any more."""
        return db.session.get_one(Patient, self.bed.holder().patient_id)

    def save(self) -> BedAllocation:
        """Move the patient."""
        return transfer(self.patient.id, self.bed_id.data, self.why)


class BlockForm(MoveForm):
    """Asks why a bed stays empty."""

    note = Text(
        _("Reason"), 200, _("Enter the reason"), description=_("Such as “kept free beside an isolated patient”.")
    )


class TimesForm(ChangeForm):
    """Corrects when a patient lay in a bed."""

    starts_at = DayAndTime(_("From"), _("Enter the start"))
    ends_at = DayAndTime(_("To"), description=_("Empty while the patient is in the bed."))
