"""Passwords: argon2id with the cost of stack.md, and the rules people are told."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.extensions import db
from portal.i18n import _

SHORTEST, LONGEST = 12, 128
COMMON = frozenset(
    """
    password1234 passwordpassword 123456789012 1234567890123 qwertyuiop12 qwertyuiopas administrator hospital1234
    hospitaladmin letmeinletmein changemeplease welcome12345 iloveyou1234 adminadminadmin
    """.split()
)
CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_nobody = _hasher.hash("the password of nobody at all")


def hashed(password: str) -> str:
    """The text kept instead of the password; takes about 30 ms, so hash before a transaction begins."""
    return _hasher.hash(password)


def hashed_without_lock(password: str) -> str:
    """As `hashed`, for a request that has read but not changed anything: lets go of the write lock first (D11)."""
    db.session.rollback()
    return hashed(password)


def temporary_password() -> str:
    """A random password to be passed on once, without letters and digits that look alike; about 79 bits."""
    return "-".join("".join(secrets.choice(CLEAR) for _place in range(4)) for _group in range(4))


def matches(password: str, kept: str | None) -> bool:
    """The password is the one kept; as slow when there is none, so that time says nothing about who exists."""
    try:
        return _hasher.verify(kept or _nobody, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def password_problem(password: str) -> str | None:
    """The sentence for a password that cannot be used (security.md 8), or None."""
    if len(password) < SHORTEST:
        return _("Password must be 12 characters or more")
    if len(password) > LONGEST:
        return _("Password must be 128 characters or fewer")
    if password.lower() in COMMON or len(set(password)) < 4:
        return _("Choose a password that is harder to guess")
    return None
