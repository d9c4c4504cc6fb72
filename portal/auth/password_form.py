"""A new password, typed twice."""

from wtforms import PasswordField

from portal.auth.passwords import password_problem
from portal.i18n import _
from portal.pages.forms import Form


class NewPasswordForm(Form):
    """A first or another password: a good one, and the same twice."""

    password = PasswordField(_("New password"))
    confirm = PasswordField(_("New password again"))

    def validate(self, extra_validators=None) -> bool:
        """Each field hears what is wrong with it."""
        valid = super().validate(extra_validators)
        problem = self.problem_of(self.password.data or "")
        if problem:
            self.password.errors = [problem]
        elif self.password.data != self.confirm.data:
            self.confirm.errors = [_("The two passwords are not the same")]
        return valid and not self.errors

    def problem_of(self, password: str) -> str | None:
        """The sentence for a password that cannot be used, or None."""
        return password_problem(password)
