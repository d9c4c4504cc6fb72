"""Invitation links: 256 random bits, kept only as a hash, good once and for a day (security.md 11)."""

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa
from flask import abort, current_app

from portal.auth.audit import audit_platform
from portal.auth.identity import find_platform_user
from portal.clock import now
from portal.control.models import User
from portal.extensions import db

GOOD_FOR = timedelta(hours=24)


def invite(user: User) -> str:
    """Give the user a new link and return its address; an older one ends. The caller commits."""
    token = secrets.token_urlsafe(32)
    user.invitation_hash = _hash(token)
    user.invitation_expires_at = now() + GOOD_FOR
    return current_app.extensions["settings"].platform_url(f"/invitation/{token}")


def find_invited(token: str) -> sa.Row | None:
    """The user this link was made for, while it is good."""
    return find_platform_user((User.invitation_hash == _hash(token)) & (User.invitation_expires_at > now()))


def accept(user_id: int, token: str, password_hash: str) -> None:
    """Set the password and end the link; of two people at once only the first succeeds."""
    changed = db.session.execute(
        sa.update(User)
        .where(User.id == user_id, User.invitation_hash == _hash(token), User.invitation_expires_at > now())
        .values(
            password_hash=password_hash,
            invitation_hash=None,
            invitation_expires_at=None,
            session_version=User.session_version + 1,
        )
    )
    if changed.rowcount != 1:
        abort(404)
    audit_platform("accept_invitation", actor=db.session.get(User, user_id))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
