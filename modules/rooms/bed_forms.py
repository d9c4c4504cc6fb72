"""The forms of giving beds: assigning, reserving, moving, blocking, and correcting when somebody lay in one."""

from wtforms import ValidationError

from modules.patients.api import Patient, PickPatient
from modules.rooms.api import bed_choices, free_beds
from modules.rooms.find import visit_for_bed
from modules.rooms.holding import assign_bed, reserve_bed, transfer
from modules.rooms.models import Bed, BedAllocation
from portal.kit import MoveForm, _, db
from portal.kit.forms import ChangeForm, DayAndTime, Form, NewForm, Pick, Text, id_or_none

TAKEN = _("The bed was just taken. Choose another one")


class PickFreeBed(Pick):
    """A bed that is free; one that is not offered any more was just taken."""

    def pre_validate(self, form):
        if self.data is not None and self.data not in self.choices:
            raise ValidationError(TAKEN)
        super().pre_validate(form)


class BedFields(Form):
    """Which free bed, and why where the ward does not take the patient."""

    bed_id = PickFreeBed(_("Bed"), _("Select a bed"), coerce=id_or_none)
    override_reason = Text(
        _("Reason for another ward"),
        200,
        description=_("Only where the ward does not take patients of this sex or age."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_free()

    def offer_free(self) -> None:
        """Offer the beds that are free at this moment; one that was free before is just taken."""
        self.bed_id.choices = {"": _("Select")} | bed_choices(free_beds())

    @property
    def is_taken(self) -> bool:
        """The bed is the reason why nothing was saved."""
        return bool(self.bed_id.errors) and self.bed_id.data is not None


class AssignForm(BedFields, NewForm):
    """Puts a patient into a bed."""

    patient_id = PickPatient()

    def save(self) -> BedAllocation:
        """Assign the bed for the open visit of the patient."""
        visit_id, admission_id = visit_for_bed(self.patient_id.data)
        return assign_bed(
            self.bed_id.data, self.patient_id.data, visit_id, admission_id, self.override_reason.data or ""
        )


class ReserveForm(BedFields, NewForm):
    """Keeps a bed for a patient who is expected."""

    patient_id = PickPatient()
    until = DayAndTime(_("Until"), description=_("Left empty: for as long as the hospital usually keeps a bed."))

    def save(self) -> BedAllocation:
        """Reserve the bed for the open visit of the patient."""
        visit_id, admission_id = visit_for_bed(self.patient_id.data)
        answers = (self.bed_id.data, self.patient_id.data, visit_id, self.until.data, admission_id)
        return reserve_bed(*answers, override_reason=self.override_reason.data or "")


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
        return transfer(self.patient.id, self.bed_id.data, self.override_reason.data or "")


class BlockForm(MoveForm):
    """Asks why a bed stays empty."""

    note = Text(
        _("Reason"), 200, _("Enter the reason"), description=_("Such as “kept free beside an isolated patient”.")
    )


class TimesForm(ChangeForm):
    """Corrects when a patient lay in a bed."""

    starts_at = DayAndTime(_("From"), _("Enter the start"))
    ends_at = DayAndTime(_("To"), description=_("Empty while the patient is in the bed."))
