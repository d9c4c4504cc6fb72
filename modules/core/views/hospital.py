"""The pages on which the hospital says how it presents itself and counts."""

from flask import flash, url_for

from modules.core import module
from modules.core.forms import ProfileForm
from modules.core.numbers import kept_numbers, numbers_form
from portal.kit import _, edit_page, emit, form_page, go, page, saved
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


@module.get("/rules/", needs="settings_view")
def numbers():
    """The times and numbers that the modules keep to."""
    return page("core/numbers.html", groups=kept_numbers())


@module.form("/rules/edit", needs="settings_change")
def numbers_edit():
    """Change the times and numbers that the modules keep to."""
    kept, form = hospital_profile(), numbers_form()
    if form.is_submitted() and form.version.data != str(kept.version):
        form = numbers_form(formdata=None)
        form.form_errors = [_("Somebody else changed the settings meanwhile. This is how they read now")]
        return page("core/numbers_edit.html", 409, form=form, form_errors=True, groups=kept_numbers())
    if saved(form, lambda: kept.set_numbers(**form.answers)) is None:
        return form_page("core/numbers_edit.html", form, groups=kept_numbers())
    flash(_("The rules are saved."), "success")
    return go(url_for(".numbers"))
