"""Asking twice: the word to type and one's own password, before something dangerous is done (ux.md 7)."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import request
from flask_login import current_user
from markupsafe import Markup
from wtforms import Field, PasswordField, StringField, ValidationError

from portal.auth.audit import audit_platform
from portal.auth.passwords import matches
from portal.control.models import Operation, Tenant
from portal.extensions import db, limiter
from portal.i18n import _
from portal.pages.answers import form_page
from portal.pages.forms import Form, Required
from portal.provisioning import asking
from portal.provisioning.registration import Refused
from portal.provisioning.steps import ProvisioningProblem


@dataclass(frozen=True)
class Danger:
    """What is said before a dangerous act: the page's heading, what goes, what stays, the words of both buttons."""

    heading: str
    strong: str
    says: tuple[str, ...]
    button: str
    keep: str


def ask_for(request_work: Callable[[], Operation], field: Field) -> Operation | None:
    """Ask for the work and wake a worker once it is kept; None, with the sentence at the field, where it cannot be."""
    try:
        operation = request_work()
    except (Refused, ProvisioningProblem) as refusal:
        field.errors = [refusal.sentence]
        return None
    asking.wake_after_commit(operation)
    return operation


class ConfirmForm(Form):
    """The word that was shown, typed, and the password of whoever is signed in."""

    typed = StringField()
    password = PasswordField(_("Your password"), [Required(_("Enter your password"))])

    def __init__(self, word: str, **values):
        super().__init__(**values)
        self.word = word
        self.typed.label.text = Markup.escape(_("Type {word} to confirm")).format(
            word=Markup("<code>{}</code>").format(word)
        )

    def validate_typed(self, field):
        """Exactly what was shown."""
        if field.data != self.word:
            raise ValidationError(_("Type {word} exactly as shown", word=self.word))

    def is_confirmed(self) -> bool:
        """Both are right; a wrong password is written down. Lets go of the write lock meanwhile (D11)."""
        if not self.validate_on_submit():
            return False
        kept = current_user.user.password_hash
        db.session.rollback()
        if matches(self.password.data, kept):
            return True
        self.password.errors = [_("That password is not right")]
        audit_platform("confirm", outcome="refused", details={"path": request.path})
        db.session.commit()
        return False


def _failed(answer) -> bool:
    return answer.status_code == 422


#: On a view that asks twice: nobody guesses a colleague's password at an open console.
few_guesses = limiter.limit(
    "5 per 5 minutes",
    key_func=lambda: f"confirm:{current_user.get_id()}",
    methods=["POST"],
    deduct_when=_failed,
)


def danger_page(
    danger: Danger,
    form: ConfirmForm,
    back: str,
    tenant: Tenant | None = None,
    template: str = "admin/danger.html",
    **context,
):
    """The page that asks; `back` is where “keep” leads, a `template` of its own asks for more."""
    return form_page(template, form, danger=danger, back=back, tenant=tenant, **context)
