"""Taking out what was entered in error: one page, which asks why, for every record that may be voided."""

from collections.abc import Callable

from flask import flash

from portal.i18n import _
from portal.kit.forms import RecordForm, Text
from portal.kit.records import saved
from portal.pages.answers import form_page, go
from portal.record import Record


class VoidForm(RecordForm):
    """Asks why something should never have been written."""

    reason = Text(_("Reason"), 200, _("Enter the reason"), description=_("Such as: written into the wrong record"))


def void_page(record: Record, back: str, asks: str, *, then: str | None = None, void: Callable | None = None):
    """The page that voids a record for a reason, then goes on; answers 409 for a record that is void already.

    `asks` says what that means, `back` is where the page came from, `then` where it goes on to. `void` is the verb
    that gets the reason, where more ends with the record than the record itself.
    """
    record.refuse_voided()
    form = VoidForm()
    if saved(form, lambda: (void or record.void)(form.reason.data)) is None:
        label = _("Entered in error")
        return form_page("records/move.html", form, record=record, label=label, asks=asks, back=back)
    flash(_("{record} was entered in error and left every list.", record=record), "success")
    return go(then or back)
