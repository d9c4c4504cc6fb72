"""The forms of the register: entering a doctor, correcting the profile, the fields of medicine."""

from wtforms import BooleanField

from modules.doctors.ahead import ahead_of
from modules.doctors.find import members_to_enter, specializations
from modules.doctors.models import Doctor, Specialization
from modules.doctors.words import SKILLS
from modules.staff.api import Staff, departments
from portal.kit import MoveForm, Refused, _, current_user, db
from portal.kit.forms import Amount, ChangeForm, Day, Form, NewForm, Paragraph, Pick, Text, Whole, id_or_none

SELECT = {"": _("Select")}
FEES = ("consultation_fee", "followup_fee", "ipd_visit_fee")
SLOTS = {minutes: str(minutes) for minutes in (5, 10, 15, 20, 25, 30, 40, 45, 60, 90)}


class DoctorFields(Form):
    """What is asked about a doctor; the fees only of those who may change them."""

    specialization_id = Pick(_("Field of medicine"), _("Select a field of medicine"), coerce=id_or_none)
    department_id = Pick(_("Department"), _("Select a department"), coerce=id_or_none)
    license_no = Text(_("Licence number"), 40, _("Enter the licence number"))
    license_expiry = Day(_("Last day of the licence"), _("Enter the last day of the licence"))
    qualification = Text(_("Qualification"), 200)
    experience_years = Whole(_("Years of experience"), 0, 70)
    default_slot_minutes = Pick(
        _("Minutes of an appointment"), _("Select the minutes"), SLOTS, coerce=id_or_none, default=20
    )
    consultation_fee = Amount(_("Fee of a consultation"))
    followup_fee = Amount(_("Fee of a follow-up"))
    ipd_visit_fee = Amount(_("Fee of a visit on the ward"))
    is_surgeon = BooleanField(SKILLS["is_surgeon"])
    is_anaesthetist = BooleanField(SKILLS["is_anaesthetist"])
    is_radiologist = BooleanField(SKILLS["is_radiologist"])
    is_pathologist = BooleanField(SKILLS["is_pathologist"])
    telemedicine = BooleanField(SKILLS["telemedicine"])
    bio = Paragraph(_("About the doctor"), 1000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        now_in = kwargs["obj"].department_id if kwargs.get("obj") else None
        self.specialization_id.choices = SELECT | {one.id: one.name for one in specializations()}
        self.department_id.choices = SELECT | {one.id: one.name for one in departments(or_id=now_in)}
        if not current_user.may("doctors.fee_change"):
            for name in FEES:
                del self[name]

    @property
    def answers(self) -> dict:
        """The answers by column; what is not known is empty or 0."""
        answers = super().answers
        numbers = {name: answers[name] or 0 for name in ("experience_years", *FEES) if name in answers}
        return answers | numbers | {"qualification": answers["qualification"] or "", "bio": answers["bio"] or None}


class RegisterForm(DoctorFields, NewForm):
    """Enters a member of staff into the register of doctors."""

    staff_id = Pick(_("Member of staff"), _("Select who it is"), coerce=id_or_none)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = members_to_enter()
        self.staff_id.choices = SELECT | {one.id: f"{one.full_name}, {one.employee_no}" for one in people}

    def register(self) -> Doctor:
        """Enter the doctor."""
        answers = self.answers
        member = db.session.get(Staff, answers.pop("staff_id"))
        if member is None:
            raise Refused(_("Select who it is"), "staff_id")
        return Doctor.register(member, **answers)


class EditForm(DoctorFields, ChangeForm):
    """Corrects the profile of a doctor."""


class OwnForm(ChangeForm):
    """Corrects what doctors may correct of themselves."""

    qualification = Text(_("Qualification"), 200)
    bio = Paragraph(_("About you"), 1000)
    default_slot_minutes = Pick(_("Minutes of an appointment"), _("Select the minutes"), SLOTS, coerce=id_or_none)

    @property
    def answers(self) -> dict:
        """The answers by column; no qualification is an empty text."""
        answers = super().answers
        return answers | {"qualification": answers["qualification"] or "", "bio": answers["bio"] or None}


class DeactivateForm(MoveForm):
    """Shows what the doctor is still expected at (DOC-7)."""

    template = "doctors/deactivate.html"

    @property
    def expected(self) -> list:
        """The appointments and operations that lie ahead."""
        return ahead_of(self.record.id)


class SpecializationFields(Form):
    """What is asked about a field of medicine."""

    code = Text(_("Code"), 20, _("Enter a code"))
    name = Text(_("Name"), 120, _("Enter the name of the field"))


class NewSpecialization(SpecializationFields, NewForm):
    """Adds a field of medicine."""

    def add(self) -> Specialization:
        """Add the field."""
        return Specialization.add(**self.answers)


class EditSpecialization(SpecializationFields, ChangeForm):
    """Corrects a field of medicine."""
