"""The pages of users: the list, adding, the record and what can be done with it."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import abort, flash, request, url_for

from modules.core import module
from modules.core.acts import acts_on
from modules.core.find import FILTERS, filtered, listed, roles, searched, state_of
from modules.core.forms import EditUserForm, NewUserForm
from modules.core.words import STATE_WORDS
from portal.kit import (
    Column,
    Found,
    Listing,
    Refused,
    _,
    current_user,
    db,
    edit_page,
    emit,
    filters_in_url,
    form_page,
    get_or_404,
    go,
    once,
    page,
)
from portal.kit.csv_export import csv_file
from portal.kit.people import User, hashed_without_lock, may_manage, temporary_password

NAME = sa.func.lower(User.first_name + " " + User.last_name + User.username)
columns = (
    Column("name", _("User"), sort=NAME, value=lambda user: user.full_name),
    Column("username", _("Username"), value=lambda user: user.username, shown=False),
    Column("email", _("Email address"), value=lambda user: user.email, shown=False),
    Column("roles", _("Roles"), value=lambda user: ", ".join(sorted(role.label for role in user.groups))),
    Column("phone", _("Phone"), value=lambda user: user.phone),
    Column("signed_in", _("Signed in"), sort=User.last_login_at, value=lambda user: user.last_login_at),
    Column("state", _("State"), value=lambda user: STATE_WORDS[state_of(user)]),
)


@module.search("/users/", needs="user_view")
def user_index():
    """Everybody who may sign in; what is searched for is posted, so that no address holds a name (D16)."""
    elsewhere = filters_in_url(FILTERS)
    if elsewhere:
        return elsewhere
    q = request.form.get("q", "").strip()
    words = {"states": STATE_WORDS, "state_of": state_of, "roles": roles()}
    return page("core/users.html", listing=user_list(q), q=q, **words)


def user_list(q: str) -> Listing:
    """The list with the filters of the address, or what is found in it."""
    return (Found if q else Listing)(
        query=searched(filtered(listed(), request.args), q),
        columns=columns,
        noun=(_("user"), _("users")),
        default_sort="name",
        tie=User.id,
        kept=(*FILTERS, "sort", "page", "per_page"),
        q=q,
    )


@module.search("/users/export", needs="user_export")
def user_export():
    """The users of the list as a file for a spreadsheet; the words of the search are posted as on the page."""
    return csv_file(user_list(request.form.get("q", "").strip()), "users")


@module.form("/users/new", needs="user_add")
def user_new():
    """Add a user; without a password they get a temporary one, shown this once."""
    typed = request.form.get("password", "")
    temporary = "" if typed else temporary_password()
    password_hash = hashed_without_lock(typed or temporary) if request.method == "POST" else None
    form = NewUserForm()
    user = once(form, User, lambda: form.add(password_hash))
    if user is None:
        return form_page("core/user_new.html", form)
    flash(_("{name} is added.", name=user.full_name), "success")
    made_now = user.password_hash == password_hash
    return record_page(user, temporary=temporary) if temporary and made_now else to_record(user.id)


@module.get("/users/<int:record_id>", needs="user_view")
def user_show(record_id: int):
    """One user: who it is, what they may do, what was done about them."""
    return record_page(get_or_404(User, record_id))


def record_page(user: User, status: int = 200, **more):
    """The page of one user, with the buttons that the person at work may use."""
    manages = current_user.may("core.user_change") and may_manage(user)
    shown = {"user": user, "state": state_of(user), "manages": manages, "acts": acts_on(user)}
    return page("core/user_show.html", status, **shown, **more)


def to_record(record_id: int):
    """Go to the page of one user."""
    return go(url_for(".user_show", record_id=record_id))


def managed(record_id: int) -> User:
    """A user whom the person at work may change; 403 for the others."""
    user = get_or_404(User, record_id)
    return user if may_manage(user) else abort(403)


@module.form("/users/<int:record_id>/edit", needs="user_change")
def user_edit(record_id: int):
    """Correct what is known of a user, and their roles."""
    user = managed(record_id)
    return edit_page("core/user_edit.html", EditUserForm(obj=user), user, url_for(".user_show", record_id=record_id))


@module.post("/users/<int:record_id>/reset-password", needs="user_change")
def user_reset_password(record_id: int):
    """Replace a forgotten password by a temporary one, shown this once."""
    temporary = temporary_password()
    password_hash = hashed_without_lock(temporary)
    return act(record_id, lambda user: user.set_password(password_hash, must_change=True), None, temporary=temporary)


@module.post("/users/<int:record_id>/unlock", needs="user_change")
def user_unlock(record_id: int):
    """Let somebody try again who typed too many bad passwords."""
    return act(record_id, User.unlock, _("{name} can sign in again."))


@module.post("/users/<int:record_id>/disable", needs="user_change")
def user_disable(record_id: int):
    """End somebody's access; they stay in every record."""
    return act(record_id, disable, _("{name} can no longer sign in."))


@module.post("/users/<int:record_id>/enable", needs="user_change")
def user_enable(record_id: int):
    """Give somebody their access back."""
    return act(record_id, User.enable, _("{name} can sign in again."))


@module.post("/users/<int:record_id>/end-sessions", needs="user_change")
def user_end_sessions(record_id: int):
    """Sign somebody out everywhere."""
    return act(record_id, User.end_sessions, _("{name} is signed out everywhere."))


def disable(user: User) -> None:
    """Disable somebody else."""
    if user.id == current_user.id:
        raise Refused(_("You cannot disable your own account."))
    user.disable()
    emit("user.disabled", user)


def act(record_id: int, verb: Callable[[User], None], done: str | None, **shown):
    """Do one thing with a user; a refusal is shown on the record (409), as is what must be seen at once."""
    user = managed(record_id)
    try:
        verb(user)
        db.session.flush()
    except Refused as refusal:
        db.session.rollback()
        return record_page(user, 409, refusal=refusal.sentence)
    if done is None:
        return record_page(user, **shown)
    flash(done.format(name=user.full_name), "success")
    return to_record(record_id)
