"""Signing in and out, accepting an invitation, and the theme: the same addresses on the console and in a hospital."""

from flask import Blueprint, redirect, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_login import current_user, logout_user
from wtforms import HiddenField, PasswordField, StringField

from portal.auth.audit import audit_hospital, audit_platform
from portal.auth.invitations import accept, find_invited
from portal.auth.password_form import NewPasswordForm
from portal.auth.passwords import hashed
from portal.auth.sign_in import sign_in
from portal.extensions import limiter, login
from portal.i18n import _
from portal.pages.answers import error_page, form_page, go, is_htmx, safe_next
from portal.pages.forms import Form, Required, stripped
from portal.tenancy.current import find_current_hospital

auth = Blueprint("auth", __name__)
auth.scope = "both"
THEMES = ("light", "dark", "system")


class SignInForm(Form):
    """A name and a password; which of them is wrong is never said."""

    username = StringField(_("Username or email"), [Required(_("Enter your username or email"))], filters=[stripped])
    password = PasswordField(_("Password"), [Required(_("Enter your password"))])
    next = HiddenField()

    def enter(self) -> bool:
        """Sign the person in; False, with the one sentence for every failure, when name or password is wrong."""
        if sign_in(self.username.data, self.password.data):
            return True
        self.password.errors = [_("The username or password is not right. Check both and try again.")]
        return False


def _failures_of() -> str:
    return f"{request.host}|{get_remote_address()}|{request.form.get('username', '').strip().lower()[:150]}"


def _failed(answer) -> bool:
    return answer.status_code == 422


@auth.get("/")
def home():
    """The first page: the console, or the hospital's dashboard."""
    return redirect(url_for("dashboard.index") if find_current_hospital() else url_for("admin.hospitals"))


@auth.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("5 per 5 minutes", key_func=_failures_of, methods=["POST"], deduct_when=_failed)
@limiter.limit("60 per 5 minutes", methods=["POST"], deduct_when=_failed)
def show_sign_in():
    """Ask for a name and a password; go on to the page that was wanted."""
    form = SignInForm(next=request.args.get("next", ""))
    wanted = safe_next(form.next.data, url_for("auth.home"))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(wanted)
    if form.validate_on_submit() and form.enter():
        return go(wanted)
    hospital = find_current_hospital()
    gate = _("Staff portal") if hospital else _("Hospital portal")
    site = hospital.name if hospital else _("Platform console")
    return form_page("auth/sign_in.html", form, site_title=site, gate_title=gate)


@auth.post("/sign-out")
def sign_out():
    """End this session."""
    if current_user.is_authenticated:
        if find_current_hospital():
            audit_hospital("logout", current_user.user)
        else:
            audit_platform("sign_out")
    logout_user()
    session.clear()
    answer = go(url_for("auth.show_sign_in"))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@auth.post("/theme")
def choose_theme():
    """Remember light, dark or the system's choice in a cookie, so that the first paint is right."""
    answer = go(safe_next(request.form.get("next"), url_for("auth.home")))
    theme = request.form.get("theme")
    if theme in THEMES:
        answer.set_cookie("theme", theme, max_age=31_536_000, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


@auth.route("/invitation/<token>", methods=["GET", "POST"])
@limiter.limit("30 per 5 minutes")
def show_invitation(token: str):
    """Let an invited administrator choose a password; the link works once and for a day."""
    user = None if find_current_hospital() else find_invited(token)
    if user is None:
        sentence = _("The invitation was used or replaced, or is more than a day old. Ask for a new link.")
        return error_page(_("This link has ended"), sentence, 404)
    form = NewPasswordForm()
    if form.validate_on_submit():
        accept(user.id, token, hashed(form.password.data))
        return go(url_for("auth.show_sign_in"))
    texts = {"site_title": _("Hospital portal"), "gate_title": _("Welcome"), "hint": _("12 characters or more")}
    return form_page("auth/invitation.html", form, username=user.username, **texts)


@login.unauthorized_handler
def ask_to_sign_in():
    """Send a stranger to the sign-in page, and back afterwards; a fragment never holds that page."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    url = url_for("auth.show_sign_in", next=wanted)
    if is_htmx():
        return "", 401, {"HX-Redirect": url}
    return redirect(url, 303)
