"""The people of the platform: list, create, invite, disable; nobody manages those above them or themselves."""

import sqlalchemy as sa
from flask import flash, request, session, url_for
from flask_login import current_user
from wtforms import PasswordField, StringField, ValidationError

from portal.admin.access import may_manage, needs, refuse
from portal.admin.create import hashed_before_the_lock
from portal.admin.fields import ChoiceField, lowered, username_problem
from portal.admin.invitation import show_once, standing, take
from portal.admin.views import admin
from portal.auth.audit import audit_platform
from portal.auth.invitations import invite
from portal.auth.passwords import password_problem
from portal.control.models import ROLES, User
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import form_page, go, page
from portal.pages.forms import AtMost, Email, Form, OneLine, Required, stripped
from portal.pages.lists import Column, Listing
from portal.provisioning.registration import UserExists, new_user

ROLE_LABELS = {
    "superuser": _("Superuser"),
    "platform_admin": _("Platform administrator"),
    "hospital_admin": _("Hospital administrator"),
}
SEARCHED = (User.name, User.username, User.email)
TABS = {
    None: _("All"),
    "superuser": _("Superusers"),
    "platform_admin": _("Platform administrators"),
    "hospital_admin": _("Hospital administrators"),
}
COLUMNS = (
    Column("name", _("Name"), sort=sa.func.lower(User.name)),
    Column("role", _("Role"), sort=User.role),
    Column("state", _("State")),
    Column("created", _("Created"), sort=User.created_at),
    Column("actions", _("Actions")),
)


class UserForm(Form):
    """A new person of the platform; without a password they get an invitation link."""

    username = StringField(_("Username"), [Required(_("Enter a username"))], filters=[stripped, lowered])
    name = StringField(_("Full name"), [Required(_("Enter the full name")), AtMost(_("Full name"), 150),
                                        OneLine(_("Full name"))], filters=[stripped])  # fmt: skip
    email = StringField(
        _("Email address"), [Required(_("Enter an email address")), Email()], filters=[stripped, lowered]
    )
    role = ChoiceField(_("Role"), _("Select a role"), default="hospital_admin")
    password = PasswordField(_("Password"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.role.choices = [(role, ROLE_LABELS[role]) for role in reversed(ROLES) if may_give(role)]

    def validate_username(self, field):
        """The username keeps the rule."""
        problem = username_problem(field.data) if field.data else None
        if problem:
            raise ValidationError(problem)

    def validate_password(self, field):
        """A password is a good one; none means an invitation link."""
        problem = password_problem(field.data) if field.data else None
        if problem:
            raise ValidationError(problem)


@admin.get("/users/")
@needs("platform_admin")
def users():
    """Everybody known to the platform."""
    found = sa.select(User)
    for word in _q().lower().split():
        found = found.where(sa.or_(*(column.icontains(word, autoescape=True) for column in SEARCHED)))
    listing = Listing(found.where(User.role == _role()) if _role() else found, COLUMNS, (_("user"), _("users")),
                      default_sort="name", tie=User.id, kept=("q", "role", "sort", "page", "per_page"), q=_q(),
                      rows=lambda query: [(user, standing(user)) for user in db.session.scalars(query)])  # fmt: skip
    return page("admin/users.html", listing=listing, tabs=_tabs(listing, found), roles=ROLE_LABELS, role=_role(),
                may_manage=may_manage, invitation=take(session), filtered=bool(_q() or _role()))  # fmt: skip


@admin.route("/users/new", methods=["GET", "POST"])
@needs("platform_admin")
def new_user_page():
    """Ask for a new person of the platform."""
    password_hash = hashed_before_the_lock("password")
    form = UserForm()
    if form.validate_on_submit() and create_user(form, password_hash):
        return go(url_for("admin.users"))
    return form_page("admin/user_new.html", form)


@admin.post("/users/<int:user_id>/invitation")
@needs("platform_admin")
def invite_user(user_id: int):
    """Make a new invitation link, which replaces an older one and is shown once."""
    user = managed_user(user_id)
    show_once(session, user, invite(user))
    audit_platform("invite_user", details={"user": user.username})
    return go(url_for("admin.users"))


@admin.post("/users/<int:user_id>/disable")
@needs("platform_admin")
def disable_user(user_id: int):
    """End somebody's sign-ins and links with their next request; they stay in every record."""
    user = managed_user(user_id)
    user.is_active, user.invitation_hash, user.invitation_expires_at = False, None, None
    user.session_version += 1
    audit_platform("disable_user", details={"user": user.username})
    flash(_("{name} can no longer sign in.", name=user.name), "ok")
    return go(url_for("admin.users"))


@admin.post("/users/<int:user_id>/enable")
@needs("platform_admin")
def enable_user(user_id: int):
    """Let somebody sign in again."""
    user = managed_user(user_id)
    user.is_active = True
    audit_platform("enable_user", details={"user": user.username})
    flash(_("{name} can sign in again.", name=user.name), "ok")
    return go(url_for("admin.users"))


def managed_user(user_id: int) -> User:
    """A person whom the one signed in may manage; 404 or 403 otherwise."""
    user = db.get_or_404(User, user_id)
    return user if may_manage(user) else refuse()


def may_give(role: str) -> bool:
    """Only superusers make superusers and platform administrators."""
    return role == "hospital_admin" or current_user.role == "superuser"


def create_user(form: UserForm, password_hash: str | None) -> User | None:
    """Add the person; None, with the sentence at its field, when somebody has the name or the address."""
    try:
        user = new_user(form.username.data, form.name.data, form.email.data, form.role.data, password_hash)
    except UserExists as refusal:
        form[refusal.field.removeprefix("admin_")].errors = [refusal.sentence]
        return None
    if password_hash is None:
        show_once(session, user, invite(user))
    audit_platform("create_user", details={"user": user.username, "role": user.role})
    flash(_("{name} is added.", name=user.name), "ok")
    return user


def _q() -> str:
    return request.args.get("q", "").strip()[:120]


def _role() -> str | None:
    wanted = request.args.get("role")
    return wanted if wanted in ROLES else None


def _tabs(listing: Listing, found: sa.Select) -> list[dict]:
    matching = found.subquery()
    counts = dict(db.session.execute(sa.select(matching.c.role, sa.func.count()).group_by(matching.c.role)).all())
    return [
        {
            "label": label,
            "url": listing.url(role=role),
            "current": role == _role(),
            "count": sum(counts.values()) if role is None else counts.get(role, 0),
        }
        for role, label in TABS.items()
    ]
