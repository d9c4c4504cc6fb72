"""The forms of asking for a bed, getting one, moving to another, and of a child that is born here."""

from modules.doctors.api import doctor_choices, get_doctor
from modules.ipd import words
from modules.ipd.admitting import admit, refuse_gone, request_admission
from modules.ipd.models import Admission
from modules.ipd.newborn import register_newborn
from modules.patients.api import Patient, PickPatient
from modules.rooms.api import BedAllocation, BedFields, transfer, wards
from modules.staff.api import departments
from portal.kit import MoveForm, _, db
from portal.kit.forms import ChangeForm, Day, DayAndTime, Form, NewForm, Paragraph, Pick, Text, Whole, id_or_none

SELECT = {"": _("Select")}
PRIORITIES = {key: word[2] for key, word in reversed(words.PRIORITIES.items())}


class Planned(Form):
    """What is planned for a stay, when it is asked for and later."""

    attending_id = Pick(_("Doctor in charge"), _("Select a doctor"), coerce=id_or_none)
    ward_wanted_id = Pick(_("Ward"), _("Select a ward"), required=False, coerce=id_or_none)
    priority = Pick(_("Priority"), _("Select the priority"), PRIORITIES, default="routine")
    provisional_dx = Text(_("Provisional diagnosis"), 300)
    expected_days = Whole(_("Days expected"), 1, 365)
    code_status = Pick(
        _("If the heart stops"),
        _("Select what was decided"),
        {"": _("Not decided")} | words.CODE_STATUS,
        required=False,
    )
    isolation = Pick(_("Isolation"), _("Select the kind"), {"": _("None")} | words.ISOLATIONS, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ward_wanted_id.choices = {"": _("Any ward")} | {ward.id: ward.name for ward in wards()}
        chosen = kwargs["obj"].attending_id if kwargs.get("obj") else None
        self.attending_id.choices = SELECT | doctor_choices(or_id=chosen)


class RequestForm(Planned, NewForm):
    """Asks for a bed for a patient."""

    patient_id = PickPatient()
    source = Pick(_("Comes from"), _("Select where the patient comes from"), words.SOURCES, default="direct")
    department_id = Pick(_("Department"), _("Select a department"), coerce=id_or_none)
    reason = Paragraph(_("Reason"), 2000, _("Write why the patient has to stay"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.source.choices = {key: word for key, word in words.SOURCES.items() if key != "newborn"}
        self.department_id.choices = SELECT | {one.id: one.name for one in departments()}

    def save(self, doctor) -> Admission:
        """Ask in the name of the doctor who is signed in, else of the one in charge."""
        answers = {field.name: field.data for field in self if field.name not in ("token", "csrf_token")}
        answers["provisional_dx"] = answers["provisional_dx"] or ""
        patient = db.session.get_one(Patient, answers.pop("patient_id"))
        by = doctor or get_doctor(self.attending_id.data)
        told = [answers.pop(name) for name in ("department_id", "reason", "source")]
        return request_admission(patient, None, by, *told, **answers)


class EditForm(Planned, ChangeForm):
    """Changes what is planned for a stay."""

    expected_discharge_on = Day(_("Expected to leave on"))

    @property
    def answers(self) -> dict:
        """The answers; a diagnosis that is not known is an empty text."""
        return super().answers | {"provisional_dx": self.provisional_dx.data or ""}


class BedForm(BedFields, NewForm):
    """Which free bed of a ward, or the one that is kept for the patient."""

    room_kind = "ward_room"

    def __init__(self, *args, admission: Admission, **kwargs):
        self.admission = admission
        super().__init__(*args, **kwargs)

    @property
    def kept_for(self) -> int | None:
        """Who is expected may come."""
        return self.admission.patient_id

    def admit(self) -> Admission:
        """Admit the patient to the bed."""
        return admit(self.admission, self.bed_id.data, self.why)

    def move(self) -> BedAllocation:
        """Move the patient to the bed."""
        refuse_gone(self.admission)
        return transfer(self.admission.patient_id, self.bed_id.data, self.why)


class CancelForm(MoveForm):
    """Asks why a patient does not come to stay."""

    note = Text(_("Reason"), 200, _("Enter the reason"))


class NewbornForm(NewForm):
    """Registers a child that is born here."""

    first_name = Text(_("First name"), 80, description=_("“Baby” where it has none yet."))
    sex = Pick(_("Sex"), _("Select the sex"), words.SEXES)
    born_at = DayAndTime(_("Born at"), _("Enter when the child was born"))
    reason = Text(_("Reason to stay"), 200, _("Write why the child stays"), default=_("Newborn, with its mother"))

    def save(self, mother: Admission) -> Admission:
        """Register the child, and ask for a cot."""
        return register_newborn(mother, self.first_name.data, self.sex.data, self.born_at.data, self.reason.data)
