"""The forms of wards, rooms, beds and repairs."""

from wtforms import BooleanField, SelectMultipleField

from modules.rooms import words
from modules.rooms.find import all_wards, bed_services, open_rooms
from modules.rooms.models import Bed, Maintenance, Room, Ward
from modules.staff.api import staff_by_department
from portal.kit import Refused, _, current_user, now
from portal.kit.forms import ChangeForm, Form, NewForm, Paragraph, Pick, Text, Whole, id_or_none

SELECT = {"": _("Select")}


class WardFields(Form):
    """What is asked about a ward."""

    name = Text(_("Name"), 120, _("Enter the name of the ward"))
    code = Text(_("Code"), 20, _("Enter a code"), description=_("Short and unique, like A or ICU."))
    department_id = Pick(_("Department"), _("Select a department"), coerce=id_or_none)
    kind = Pick(_("Kind"), _("Select the kind of ward"), SELECT | words.WARD_KINDS)
    gender_policy = Pick(_("Takes"), _("Select whom the ward takes"), words.POLICIES, default="any")
    floor = Text(_("Floor"), 20)
    bed_charge_service_id = Pick(_("Charge of a night"), _("Select a service"), required=False, coerce=id_or_none)
    nurses_by_day = Whole(_("Nurses needed by day"), 0, 99)
    nurses_at_night = Whole(_("Nurses needed at night"), 0, 99)

    def __init__(self, *args, **kwargs):
        ward = kwargs.get("obj")
        needed = ward.min_staff if ward else {}
        super().__init__(*args, nurses_by_day=needed.get("day"), nurses_at_night=needed.get("night"), **kwargs)
        self.department_id.choices = SELECT | {one.id: one.name for one, _count in staff_by_department()}
        charged = ward.bed_charge_service_id if ward else None
        self.bed_charge_service_id.choices = {"": _("Nothing")} | bed_services(or_id=charged)

    @property
    def answers(self) -> dict:
        """The answers by column; how many nurses are needed stands in one."""
        answers = super().answers
        needed = {"day": answers.pop("nurses_by_day"), "night": answers.pop("nurses_at_night")}
        return answers | {"min_staff": {part: count for part, count in needed.items() if count}}


class NewWardForm(WardFields, NewForm):
    """Opens a ward."""

    def save(self) -> Ward:
        """Open the ward."""
        return Ward.add(**self.answers)


class EditWardForm(WardFields, ChangeForm):
    """Changes or closes a ward."""

    is_active = BooleanField(_("Patients can get beds in this ward"))


class RoomFields(Form):
    """What is asked about a room."""

    number = Text(_("Number"), 20, _("Enter the number of the room"))
    kind = Pick(_("Kind"), _("Select the kind of room"), SELECT | words.ROOM_KINDS)
    ward_id = Pick(_("Ward"), _("Select a ward"), required=False, coerce=id_or_none)
    floor = Text(_("Floor"), 20)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        mine = kwargs["obj"].ward_id if kwargs.get("obj") else None
        usable = [ward for ward in all_wards() if ward.is_active or ward.id == mine]
        self.ward_id.choices = {"": _("Belongs to no ward")} | {ward.id: ward.name for ward in usable}


class NewRoomForm(RoomFields, NewForm):
    """Opens a room."""

    def save(self) -> Room:
        """Open the room."""
        return Room.add(**self.answers)


class EditRoomForm(RoomFields, ChangeForm):
    """Changes a room."""


class BedFields(Form):
    """What is asked about a bed."""

    code = Text(_("Code"), 20, _("Enter a code"), description=_("As it stands on the bed, like A-03."))
    room_id = Pick(_("Room"), _("Select a room"), coerce=id_or_none)
    bed_type = Pick(_("Kind"), _("Select the kind of bed"), words.BED_TYPES, default="standard")
    grid_row = Whole(_("Row on the board"), 1, 99)
    grid_col = Whole(_("Place in the row"), 1, 99)
    features = SelectMultipleField(_("Equipment"), choices=words.FEATURES)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        mine = kwargs["obj"].room_id if kwargs.get("obj") else None
        rooms = {room.id: f"{room.number}, {words.ROOM_KINDS[room.kind]}" for room in open_rooms(or_id=mine)}
        self.room_id.choices = SELECT | rooms


class NewBedForm(BedFields, NewForm):
    """Puts a bed into a room."""

    def save(self) -> Bed:
        """Add the bed."""
        return Bed.add(**self.answers)


class EditBedForm(BedFields, ChangeForm):
    """Changes a bed, or takes it away."""

    is_active = BooleanField(_("Patients can get this bed"))


class NewRepairForm(NewForm):
    """Reports what is broken."""

    bed_id = Pick(_("Bed"), _("Select a bed"), required=False, coerce=id_or_none)
    room_id = Pick(_("Whole room"), _("Select a room"), required=False, coerce=id_or_none)
    reason = Paragraph(_("What is broken"), 300, _("Enter what is broken"))
    start_now = BooleanField(_("Take it out of use now"), default=True)

    def __init__(self, *args, beds: dict[int, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.bed_id.choices = {"": _("No single bed")} | beds
        rooms = {room.id: f"{room.number}, {words.ROOM_KINDS[room.kind]}" for room in open_rooms()}
        self.room_id.choices = {"": _("No whole room")} | rooms

    def save(self) -> Maintenance:
        """Keep the report; take the bed or the room out of use where that was asked."""
        if bool(self.bed_id.data) == bool(self.room_id.data):
            raise Refused(_("Select either a bed or a whole room"), "bed_id")
        of = {"bed_id": self.bed_id.data, "room_id": self.room_id.data}
        repair = Maintenance(**of, reason=self.reason.data, from_at=now(), reported_by=current_user.id).report()
        if self.start_now.data:
            repair.start()
        return repair
