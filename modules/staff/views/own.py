"""The pages on which people see, and partly correct, what is known of themselves."""

from flask import url_for

from modules.staff import module
from modules.staff.find import credentials_of, find_own
from modules.staff.forms import OwnForm
from modules.staff.words import CREDENTIAL_WORDS, EMPLOYMENT_WORDS, ROLE_WORDS, SEX_WORDS
from portal.kit import edit_page, page, today


@module.get("/me", needs="view")
def me():
    """What the hospital knows of the person who is signed in."""
    member = find_own()
    words = {"sexes": SEX_WORDS, "roles": ROLE_WORDS, "employments": EMPLOYMENT_WORDS, "kinds": CREDENTIAL_WORDS}
    own = credentials_of(member) if member else []
    return page("staff/me.html", member=member, credentials=own, today=today(), **words)


@module.form("/me/edit", needs="view")
def me_edit():
    """Let people correct their own phone number."""
    member = find_own()
    if member is None:
        return me()
    return edit_page("staff/me_edit.html", OwnForm(obj=member), member, url_for(".me"))
