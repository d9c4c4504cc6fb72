"""The pages on which the hospital says how it presents itself and counts."""

from flask import flash, url_for

from modules.core import module
from modules.core.forms import ProfileForm
from portal.kit import _, edit_page, emit, page
from portal.kit.profile import CHANGED, hospital_profile


@module.get("/hospital/", needs="settings_view")
def profile():
    """How the hospital presents itself and counts."""
    kept = hospital_profile()
    return page("core/profile.html", profile=kept, form=ProfileForm(formdata=None, obj=kept))


@module.form("/hospital/edit", needs="settings_change")
def profile_edit():
    """Change how the hospital presents itself and counts."""
    kept = hospital_profile()
    answer = edit_page("core/profile_edit.html", ProfileForm(obj=kept), kept, url_for(".profile"))
    if answer.status_code in (204, 303):
        emit(CHANGED, kept)
        flash(_("The settings of the hospital are saved."), "success")
    return answer
