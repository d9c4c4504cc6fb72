"""An invitation link is shown once: on the page after the redirect, and never again (D23)."""

from collections.abc import MutableMapping
from datetime import datetime

from markupsafe import Markup, escape

from portal.clock import now
from portal.control.models import User
from portal.i18n import _
from portal.times import moment

KEPT = "invitation"


def show_once(session: MutableMapping, user: User, link: str) -> None:
    """Keep the link in the reader's own session until the next page shows it."""
    session[KEPT] = {"name": user.name, "email": user.email, "link": link}


def take(session: MutableMapping) -> dict | None:
    """The link to show now, if there is one; it is gone afterwards."""
    return session.pop(KEPT, None)


def standing(user: User, here: dict[str, datetime] | None = None) -> Markup | str:
    """Whether the person can sign in yet, in a sentence, and when they did.

    `here` says when people signed in to the hospital that is told of, by uuid; without it the console alone is known.
    """
    if not user.is_active:
        return _("Disabled")
    if user.invitation_hash is not None and user.invitation_expires_at is not None:
        if user.invitation_expires_at > now():
            return escape(_("Invitation link good until {moment}")).format(moment=moment(user.invitation_expires_at))
        return _("Invitation link has ended")
    if user.password_hash is None:
        return _("Cannot sign in yet: make an invitation link")
    moments = (
        (_("Signed in to this hospital {moment}"), (here or {}).get(user.uuid)),
        (_("Signed in to the console {moment}"), user.last_login_at),
    )
    told = [escape(sentence).format(moment=moment(at)) for sentence, at in moments if at]
    never = _("Has not signed in to the console yet") if here is None else _("Has not signed in yet")
    return Markup(" · ").join(told) or never
