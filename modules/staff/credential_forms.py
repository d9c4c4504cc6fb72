"""The forms of credentials: adding, correcting and renewing."""

from modules.staff.credentials import Credential
from modules.staff.models import Staff
from modules.staff.words import CREDENTIAL_WORDS
from portal.kit import _
from portal.kit.forms import ChangeForm, Day, Form, NewForm, Pick, Text


class CredentialFields(Form):
    """What is asked about a credential."""

    kind = Pick(_("Kind"), _("Select the kind"), {"": _("Select")} | CREDENTIAL_WORDS)
    title = Text(_("Title"), 120, _("Enter the title"))
    number = Text(_("Number"), 60)
    issued_on = Day(_("First day"))
    expires_on = Day(_("Last day"))


class NewCredentialForm(CredentialFields, NewForm):
    """Adds a credential of a member of staff."""

    def add_to(self, member: Staff) -> Credential:
        """Add the credential."""
        return Credential.add(staff_id=member.id, **self.answers)


class EditCredentialForm(CredentialFields, ChangeForm):
    """Corrects or renews a credential."""
