"""The pages of the discharge summary: writing it, signing it, correcting what was signed."""

from flask import abort, flash, url_for

from modules.appointments.api import booking_url
from modules.doctors.api import find_own
from modules.ipd import module, words
from modules.ipd.checklist import names_of, summary_of
from modules.ipd.forms.leaving import SignSummaryForm, SummaryForm
from modules.ipd.leaving import amend_summary, begin_summary, sign_summary
from modules.ipd.models import DischargeSummary
from modules.ipd.reach import reached_or_404, read_or_404
from modules.ipd.views.lists import SEES
from portal.kit import _, edit_page, form_page, go, page, saved


def summary_url(record_id: int) -> str:
    """The summary of an admission."""
    return url_for("ipd.summary", record_id=record_id)


@module.get("/<int:record_id>/summary", needs=SEES)
def summary(record_id: int):
    """The discharge summary as it reads."""
    admission = read_or_404(record_id)
    record = summary_of(admission)
    shown = {"admission": admission, "patient": admission.patient, "names": names_of([record and record.signed_by])}
    return page("ipd/summary.html", record=record, words=words, booking_url=booking_url, **shown)


@module.post("/<int:record_id>/summary/begin", needs="sign")
def summary_begin(record_id: int):
    """Begin the summary with what is known."""
    begin_summary(reached_or_404(record_id))
    return go(url_for(".summary_edit", record_id=record_id))


def summary_or_404(record_id: int) -> DischargeSummary:
    """The summary of an admission that the person at work sees; 404 before somebody began it."""
    return summary_of(reached_or_404(record_id)) or abort(404)


@module.form("/<int:record_id>/summary/edit", needs="sign")
def summary_edit(record_id: int):
    """Write the summary."""
    record = summary_or_404(record_id)
    return edit_page("ipd/summary_edit.html", SummaryForm(obj=record), record, summary_url(record_id))


@module.form("/<int:record_id>/summary/sign", needs="sign")
def summary_sign(record_id: int):
    """Sign the summary; what is missing is said at its field."""
    record = summary_or_404(record_id)
    form = SignSummaryForm(obj=record)
    if saved(form, lambda: sign_summary(record.change(**form.answers), find_own())) is None:
        return form_page("ipd/summary_edit.html", form, record=record, signs=True)
    flash(_("The summary is signed."), "success")
    return go(summary_url(record_id))


@module.form("/<int:record_id>/summary/amend", needs="sign")
def summary_amend(record_id: int):
    """Correct a summary that is signed: it is signed anew."""
    record = summary_or_404(record_id)
    form = SignSummaryForm(obj=record)
    if saved(form, lambda: amend_summary(record, find_own(), **form.answers)) is None:
        return form_page("ipd/summary_edit.html", form, record=record, amends=True)
    flash(_("The summary is amended."), "success")
    return go(summary_url(record_id))
