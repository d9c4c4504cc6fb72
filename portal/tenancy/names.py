"""The one function that turns a subdomain into a host, a file and a database name, and the rule for what it accepts."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from portal.i18n import _

PREFIX = "hospital_"
SHORTEST, LONGEST = 3, 54

# Words the platform keeps for itself: hosts people expect, and every static segment after /admin/hospitals/ (D25).
RESERVED = frozenset(
    """
    www admin api new mail smtp imap pop ftp ns1 ns2 static platform portal login auth status localhost root support
    test help billing console app assets cdn dashboard docs demo download healthz readyz hospital hospitals internal
    bulk invitation operations poll settings sign-in sign-out staging subdomain system users webmail
    """.split()
)
DEVICES = frozenset(("con", "nul", "aux", "prn", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))))
SHAPE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True)
class HospitalNames:
    """The names that belong to one subdomain; two subdomains never share any."""

    subdomain: str
    host: str
    database: str
    filename: str


def normalised(text: str) -> str:
    """What a person typed, as a subdomain is written: no outer spaces, NFC, lower case for ASCII letters only."""
    text = unicodedata.normalize("NFC", text.strip())
    return text.lower() if text.isascii() else text


def subdomain_problem(text: str) -> str | None:
    """The sentence that says why `text` cannot be a subdomain, or None when it can (tenancy.md T5, security.md 37)."""
    if not text:
        return _("Enter a subdomain")
    if not SHAPE.fullmatch(text):
        return _(
            "Subdomain must use only letters a to z, numbers and hyphens,"
            " and must start and end with a letter or number"
        )
    if len(text) < SHORTEST:
        return _("Subdomain must be 3 characters or more")
    if len(text) > LONGEST:
        return _("Subdomain must be 54 characters or fewer")
    if text[2:4] == "--":
        return _("Subdomain must not have two hyphens as the third and fourth characters")
    if text.isdigit():
        return _("Subdomain must have at least one letter")
    if text in RESERVED or text in DEVICES:
        return _("“{subdomain}” is reserved for the platform. Choose a different subdomain", subdomain=text)
    return None


def taken_sentence(subdomain: str) -> str:
    """The one refusal for a name in use, suspended or kept after deletion: it does not say which."""
    return _("“{subdomain}” is already used by another hospital. Choose a different subdomain", subdomain=subdomain)


def names_of(subdomain: str, base_domain: str) -> HospitalNames:
    """Every name of a hospital; raises ValueError for a subdomain the rule refuses."""
    problem = subdomain_problem(subdomain)
    if problem:
        raise ValueError(problem)
    database = PREFIX + subdomain
    return HospitalNames(subdomain, f"{subdomain}.{base_domain}", database, f"{database}.db")


def suggestions(wanted: str, is_free: Callable[[str], bool], count: int = 3) -> list[str]:
    """Up to `count` subdomains near `wanted` that are really free."""
    found = []
    for candidate in _candidates(wanted):
        if subdomain_problem(candidate) is None and candidate not in found and is_free(candidate):
            found.append(candidate)
            if len(found) == count:
                break
    return found


def _candidates(wanted: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST - 9].strip("-")
    if not stem:
        return
    yield stem
    if not stem.endswith("hospital"):
        yield f"{stem}-hospital"
    for number in range(2, 30):
        yield f"{stem}-{number}"
