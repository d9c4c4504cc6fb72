"""The forms of who cares for whom."""

from flask import request
from wtforms import HiddenField

from modules.nurses.models import Assignment
from modules.nurses.words import ROLE_WORDS
from portal.kit import _
from portal.kit.forms import Form, NewForm, Pick, id_or_none

FIELD = "care-"


class ShareForm(Form):
    """Says who cares for whom on a ward; its page writes a choice for each patient, named by the admission."""

    as_read = HiddenField()

    @property
    def wanted(self) -> dict[int, int | None]:
        """The assignment of the nurse by admission; None where nobody was chosen."""
        sent = {id_or_none(name.removeprefix(FIELD)): value for name, value in request.form.items() if FIELD in name}
        return {admission: id_or_none(value) for admission, value in sent.items() if admission}


class PassForm(NewForm):
    """Gives a patient to a colleague."""

    assignment_id = Pick(_("To"), _("Select who cares for the patient from now on"), coerce=id_or_none)

    def __init__(self, *args, at_work: list[Assignment], **kwargs):
        super().__init__(*args, **kwargs)
        people = {one.id: f"{one.nurse.full_name}, {ROLE_WORDS[one.role]}" for one in at_work}
        self.assignment_id.choices = {"": _("Select")} | people
