"""The pages of care on the ward: rounds, the team, the diet."""

from collections.abc import Callable

from flask import flash, url_for

from modules.doctors.api import find_own
from modules.ipd import module
from modules.ipd.forms.care import DietForm, EditRoundForm, RoundForm, TeamForm
from modules.ipd.models import CareTeamMember, DietOrder, Round
from modules.ipd.reach import reached_or_404
from portal.kit import Record, _, edit_page, form_page, get_or_404, go, once
from portal.kit.forms import NewForm


def add_page(record_id: int, form: NewForm, model: type[Record], save: Callable, tab: str, heading: str, done: str):
    """The page that adds something to a stay, then goes to its tab."""
    back = url_for("ipd.show", record_id=record_id, tab=tab)
    if once(form, model, save) is None:
        return form_page("ipd/form.html", form, admission=reached_or_404(record_id), heading=heading, back=back)
    flash(done, "success")
    return go(back)


@module.form("/<int:record_id>/rounds/new", needs="round_add")
def round_new(record_id: int):
    """Write a ward round."""
    admission, form = reached_or_404(record_id), RoundForm()
    heading, done = _("Ward round"), _("The round is written. Sign it when it is complete.")

    def write() -> Round:
        return Round.write(admission, find_own(), **form.answers)

    return add_page(record_id, form, Round, write, "rounds", heading, done)


@module.form("/rounds/<int:record_id>/edit", needs="round_add")
def round_edit(record_id: int):
    """Correct a round that is not signed."""
    one = get_or_404(Round, record_id)
    admission = reached_or_404(one.admission_id)
    done = url_for(".show", record_id=admission.id, tab="rounds")
    return edit_page("ipd/round_edit.html", EditRoundForm(obj=one), one, done)


@module.post("/rounds/<int:record_id>/sign", needs="round_add")
def round_sign(record_id: int):
    """Sign a round."""
    one = get_or_404(Round, record_id)
    reached_or_404(one.admission_id)
    one.sign(find_own())
    flash(_("The round is signed."), "success")
    return go(url_for(".show", record_id=one.admission_id, tab="rounds"))


@module.form("/<int:record_id>/team/new", needs="round_add | bed_change")
def team_new(record_id: int):
    """Put somebody into the team of a patient."""
    admission, form = reached_or_404(record_id), TeamForm()
    heading, done = _("Add to the team"), _("The team has one more.")
    return add_page(
        record_id, form, CareTeamMember, lambda: CareTeamMember.join(admission, **form.answers), "team", heading, done
    )


@module.post("/team/<int:record_id>/leave", needs="round_add | bed_change")
def team_leave(record_id: int):
    """Somebody looks after the patient no more."""
    member = get_or_404(CareTeamMember, record_id)
    reached_or_404(member.admission_id)
    member.leave()
    flash(_("{name} has left the team.", name=member), "success")
    return go(url_for(".show", record_id=member.admission_id, tab="team"))


@module.form("/<int:record_id>/diet", needs="round_add | bed_change")
def diet(record_id: int):
    """Order what the patient eats."""
    admission, form = reached_or_404(record_id), DietForm()
    heading, done = _("Order a diet"), _("The diet is ordered.")
    return add_page(record_id, form, DietOrder, lambda: DietOrder.order(admission, form.ordered), "team", heading, done)
