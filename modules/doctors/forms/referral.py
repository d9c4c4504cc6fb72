"""The forms of referrals, and of opening notes in an emergency."""

from modules.doctors.find import doctor_choices
from modules.doctors.models import Doctor
from modules.doctors.words import URGENCY_WORDS
from modules.staff.api import departments
from portal.kit import MoveForm, _
from portal.kit.forms import NewForm, Paragraph, Pick, RecordForm, Text, id_or_none


class ReferralForm(NewForm):
    """Refers a patient to a doctor, a department or somebody outside."""

    to_doctor_id = Pick(_("Doctor"), _("Select a doctor"), required=False, coerce=id_or_none)
    to_department_id = Pick(_("Or a department"), _("Select a department"), required=False, coerce=id_or_none)
    external_name = Text(_("Or somebody outside"), 160, description=_("Name and place of who is asked."))
    urgency = Pick(_("Urgency"), _("Select the urgency"), URGENCY_WORDS, default="routine")
    reason = Paragraph(_("Why, and what is asked"), 2000, _("Write why the patient is referred"))

    def __init__(self, *args, doctor: Doctor | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        others = {key: words for key, words in doctor_choices().items() if doctor is None or key != doctor.id}
        self.to_doctor_id.choices = {"": _("No doctor chosen")} | others
        self.to_department_id.choices = {"": _("No department chosen")} | {one.id: one.name for one in departments()}


class DeclineForm(MoveForm):
    """Asks why a referral is declined."""

    note = Text(_("Reason"), 200, _("Enter the reason"))


class GlassForm(RecordForm):
    """Asks why somebody has to see the notes of a patient who is not theirs (DOC-6)."""

    reason = Paragraph(_("Reason"), 300, _("Say why you have to see these notes"))
