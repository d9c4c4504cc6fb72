"""The fields that give a bed, on every form that does."""

from wtforms import ValidationError

from modules.rooms.free import bed_choices, free_beds
from portal.kit import _
from portal.kit.forms import Form, Pick, Text, id_or_none

TAKEN = _("The bed was just taken. Choose another one")


class PickFreeBed(Pick):
    """A bed that is free; one that is not offered any more was just taken."""

    def pre_validate(self, form):
        if self.data is not None and self.data not in self.choices:
            raise ValidationError(TAKEN)
        super().pre_validate(form)


class BedFields(Form):
    """Which free bed, and why where the ward does not take the patient; `room_kind` keeps to beds of wards, or bays."""

    room_kind: str | None = None
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
        beds = free_beds(room_kind=self.room_kind, kept_for=self.kept_for)
        self.bed_id.choices = {"": _("Select")} | bed_choices(beds)

    @property
    def kept_for(self) -> int | None:
        """The patient whose reserved bed is offered too."""
        return None

    @property
    def why(self) -> str:
        """Why a ward that does not take the patient gets them all the same."""
        return self.override_reason.data or ""

    @property
    def is_taken(self) -> bool:
        """The bed is the reason why nothing was saved."""
        return bool(self.bed_id.errors) and self.bed_id.data is not None
