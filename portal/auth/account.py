"""What everybody may do for themselves on a hospital's site: see who they are here, and change their own password."""

from flask import Blueprint, flash, url_for
from flask_login import current_user, login_required, login_user
from wtforms import PasswordField, StringField

from portal.auth.identity import identity_of
from portal.auth.password_form import NewPasswordForm
from portal.auth.passwords import hashed, matches
from portal.auth.sign_in import remember_failure
from portal.extensions import db, limiter
from portal.i18n import _
from portal.pages.answers import form_page, go
from portal.pages.forms import AtMost, Form, OneLine, PhoneNumber, Required, stripped
from portal.tenancy.current import current_hospital

account = Blueprint("account", __name__, url_prefix="/settings")
account.scope = "hospital"
PHONE = _("Phone number")


class ProfileForm(Form):
    """What people may say of themselves; the rest is for whoever manages the users."""

    phone = StringField(PHONE, [OneLine(PHONE), AtMost(PHONE, 40), PhoneNumber(PHONE)], filters=[stripped])


class PasswordForm(NewPasswordForm):
    """The password so far, and a new one typed twice."""

    present = PasswordField(_("Present password"), [Required(_("Enter your present password"))])

    def problem_of(self, password: str) -> str | None:
        """The new password is a good one, and another one."""
        same = _("Choose a password that is not the present one") if password == self.present.data else None
        return super().problem_of(password) or same


@account.route("/profile", methods=["GET", "POST"])
@login_required
def profile():
    """Who the person is here, and how to reach them."""
    form = ProfileForm(obj=current_user.user)
    if current_user.user.must_change_password:
        return go(url_for(".password"))
    if form.validate_on_submit() and not current_user.user.is_mirror:
        current_user.user.phone = form.phone.data or None
        flash(_("Your phone number is saved."), "success")
        return go(url_for(".profile"))
    return form_page("auth/profile.html", form, user=current_user.user)


def _failed(answer) -> bool:
    return answer.status_code == 422


@account.route("/password", methods=["GET", "POST"])
@limiter.limit("20 per 5 minutes", methods=["POST"], deduct_when=_failed)
@login_required
def password():
    """Change the own password; who was given a temporary one sees nothing else before."""
    form = PasswordForm()
    if form.validate_on_submit() and not current_user.user.is_mirror and change_password(form):
        flash(_("Your password is changed. You were signed out everywhere else."), "success")
        return go(url_for("auth.home"))
    return form_page("auth/password.html", form, user=current_user.user)


def change_password(form: PasswordForm) -> bool:
    """Replace the password and keep this session; False, with its sentence, when the present one is not right."""
    user = current_user.user
    username, kept = user.username, user.password_hash
    db.session.rollback()  # lets go of the write lock, because argon2 is slow on purpose (D11)
    if not matches(form.present.data, kept):
        remember_failure(current_hospital(), username)
        form.present.errors = [_("That password is not right")]
        return False
    password_hash = hashed(form.password.data)
    user.set_password(password_hash, must_change=False)
    db.session.flush()
    login_user(identity_of(current_hospital(), user))
    return True
