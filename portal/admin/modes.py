"""Suspending, maintaining, making read-only: asked on a page of its own first, taken back with one button."""

from dataclasses import dataclass

from flask import abort, flash
from wtforms import StringField, ValidationError

from portal.admin.access import get_visible_hospital, needs
from portal.admin.badges import read_only_since
from portal.admin.hospitals import hospital_url
from portal.admin.views import admin
from portal.control.models import Tenant
from portal.i18n import _
from portal.pages.answers import form_page, go
from portal.pages.forms import AtMost, Form, OneLine, stripped
from portal.provisioning.modes import CHANGES, LONGEST_REASON, Change, change_mode
from portal.provisioning.steps import ProvisioningProblem
from portal.times import day


@dataclass(frozen=True)
class Question:
    """What is said and asked before a hospital's mode changes; `missing` answers an empty reason that is needed."""

    button: str
    icon: str
    says: tuple[str, ...]
    reason: str
    hint: str
    missing: str | None = None


KEPT = _("Kept in the audit. The hospital’s staff do not see it.")
QUESTIONS = {
    "suspend": Question(
        _("Suspend"), "player-pause",
        (_("Everybody in the hospital is signed out at once, and nobody can sign in until you resume it."),
         _("Nothing is deleted, and its database is still checked.")),
        _("Reason"), KEPT, _("Enter the reason"),
    ),
    "start-maintenance": Question(
        _("Start maintenance"), "tool",
        (_("Nobody can open a page of the hospital until you end the maintenance. What is being saved is still saved."),
         _("Who is signed in stays signed in, and goes on afterwards.")),
        _("Sentence for the staff"), _("Empty: “Try again in a few minutes.”"),
    ),
    "make-read-only": Question(
        _("Make read-only"), "lock",
        (_("Staff can sign in, look everything up, print and export. Nothing can be saved, and every page says so."),
         _("Messages, reminders and other work of the hospital wait until it can be written to again.")),
        _("Reason"), KEPT,
    ),
}  # fmt: skip
BUTTONS = {
    "resume": (_("Resume"), "refresh"),
    "end-maintenance": (_("End maintenance"), "check"),
    "make-writable": (_("Make writable"), "pencil"),
}


class ModeForm(Form):
    """Why the mode changes, or the sentence that staff read meanwhile."""

    reason = StringField(_("Reason"), [AtMost(_("This"), LONGEST_REASON), OneLine(_("This"))], filters=[stripped])

    def __init__(self, question: Question):
        super().__init__()
        self.question = question
        self.reason.label.text = question.reason

    def validate_reason(self, field):
        """A reason is there where one is needed."""
        if self.question.missing and not field.data:
            raise ValidationError(self.question.missing)


@admin.route("/hospitals/<subdomain>/close/<name>", methods=["GET", "POST"])
@needs("platform_admin")
def close_hospital(subdomain: str, name: str):
    """Ask before the hospital is suspended, maintained or made read-only."""
    tenant = get_visible_hospital(subdomain)
    question = QUESTIONS.get(name) or abort(404)
    form = ModeForm(question)
    if form.validate_on_submit():
        return changed(tenant, CHANGES[name], form.reason.data or "")
    return form_page("admin/hospital_mode.html", form, tenant=tenant, name=name, question=question)


@admin.post("/hospitals/<subdomain>/open/<name>")
@needs("platform_admin")
def open_hospital(subdomain: str, name: str):
    """Resume the hospital, end its maintenance, or let people save again."""
    tenant = get_visible_hospital(subdomain)
    return changed(tenant, CHANGES[name] if name in BUTTONS else abort(404))


def changed(tenant: Tenant, change: Change, reason: str = ""):
    """Change the mode and say so, or why not; a click that comes twice changes nothing more."""
    try:
        change_mode(tenant, change, reason)
    except ProvisioningProblem as problem:
        flash(problem.sentence, "bad")
    else:
        flash(change.done.format(name=tenant.name), "ok")
    return go(hospital_url(tenant))


def mode_of(tenant: Tenant) -> dict:
    """What the record says of the hospital's mode, and what can be done about it now."""
    since = read_only_since(tenant)
    return {
        "mode_sentence": _sentence(tenant, since),
        "questions": {name: asked for name, asked in QUESTIONS.items() if _may_follow(tenant, name)},
        "buttons": {name: button for name, button in BUTTONS.items() if _may_follow(tenant, name)},
    }


def _may_follow(tenant: Tenant, name: str) -> bool:
    return tenant.mode in CHANGES[name].since


def _sentence(tenant: Tenant, since) -> str:
    """Since when and why, in a sentence."""
    if tenant.closed_by is not None:
        return _("Closed while work on its database is under way.")
    if tenant.moved_by is not None and tenant.mode == "active":
        return _("Nothing is saved while its database is moved to another server.")
    if tenant.mode == "active":
        if since is None:
            return _("In use.")
        facts = {"day": day(since), "end": day(tenant.ends_on), "days": tenant.plan.grace_days}
        return _("Read-only since {day}: the agreement ended on {end}, and {days} days of grace are over.", **facts)
    words = {"read_only": _("Read-only since {day}."), "maintenance": _("In maintenance since {day}."),
             "suspended": _("Suspended since {day}."), "deleted": _("Deleted on {day}.")}  # fmt: skip
    on = since or (tenant.mode_since and tenant.mode_since.date())
    word = words.get(tenant.mode, _("Closed by a newer release."))
    return f"{word.format(day=day(on))} {tenant.mode_reason}".strip()
