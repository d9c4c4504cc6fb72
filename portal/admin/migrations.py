"""Every hospital's database brought to the newest revision: how many are, runs over many, and their progress (T12)."""

from functools import partial

import sqlalchemy as sa
from flask import abort, flash, request, url_for
from flask_login import current_user

from portal.admin.access import needs
from portal.admin.migration_rows import RUNS_SHOWN, Run, told
from portal.admin.plans import WholeNumberField
from portal.admin.views import admin
from portal.auth.audit import audit_platform
from portal.control.models import Rollout, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import form_page, go, page
from portal.pages.forms import Form
from portal.provisioning.fleet import runs, standing, work
from portal.provisioning.steps import ProvisioningProblem

SHOWN = 200  # of the hospitals that are behind; a whole fleet is migrated by one button


class MigrateForm(Form):
    """How careful a run is."""

    canary = WholeNumberField(_("Hospitals that go first"))
    stop_after = WholeNumberField(_("Stop after failures"))


@admin.route("/migrations/", methods=["GET", "POST"])
@needs("platform_admin")
def migrations():
    """How many hospitals are at the newest revision, who is behind, and what was done about it."""
    form = MigrateForm()
    if form.validate_on_submit():
        return started(form)
    return form_page("admin/migrations.html", form, standing=standing.look(), behind=listed(), runs=recent())


@admin.get("/migrations/<run>")
@needs("platform_admin")
def show_run(run: str):
    """How far a run is, and what came of it."""
    shown = told(get_run(run))
    if shown["stamp"] == request.args.get("seen"):
        return "", 204  # the poll has nothing new to show
    return page("admin/migration_run.html", **shown)


@admin.post("/migrations/<run>/<act>")
@needs("platform_admin")
def change_run(run: str, act: str):
    """Pause a run, go on with it, cancel it, or begin one over what failed in it."""
    found = get_run(run)
    change = ACTS.get(act) or abort(404)
    followed = change(found)
    return go(run_url(followed or found))


def listed() -> list[Tenant]:
    """The first hospitals that are behind, by name."""
    query = sa.select(Tenant).where(standing.behind()).order_by(sa.func.lower(Tenant.name), Tenant.id)
    return list(db.session.scalars(query.limit(SHOWN)))


def recent() -> list[Run]:
    """The last runs, the newest first."""
    query = sa.select(Rollout).order_by(Rollout.id.desc()).limit(RUNS_SHOWN)
    return [Run.of(run) for run in db.session.scalars(query)]


def run_url(run: Rollout) -> str:
    """The page of a run."""
    return url_for("admin.show_run", run=run.reference)


def get_run(reference: str) -> Rollout:
    """The run with this reference, or 404."""
    return db.session.scalar(sa.select(Rollout).where(Rollout.reference == reference)) or abort(404)


def started(form: MigrateForm):
    """Begin a run over all that are behind, or over those that are ticked; say why where there is none."""
    if request.form.get("which") == "all":
        found = [row[0] for row in standing.select(())]
    else:
        ticked = (int(text) for text in request.form.getlist("hospital") if text.isdecimal() and len(text) < 16)
        found = standing.behind_of(ticked)
    if not found:
        flash(_("Select at least one hospital that is behind."), "bad")
        return go(url_for(".migrations"))
    run = begun(found, canary=form.canary.data or 0, stop_after=form.stop_after.data or None)
    return go(run_url(run) if run else url_for(".migrations"))


def begun(hospitals: list[int], **options) -> Rollout | None:
    """A run that the workers carry out, or the sentence why there is none."""
    return _tried(lambda: runs.begin(hospitals, by_workers=True, requested_by=current_user.id, **options))


def _tried(begin) -> Rollout | None:
    try:
        run = begin()
    except ProvisioningProblem as problem:
        flash(problem.sentence, "bad")
        return None
    sa.event.listen(db.session(), "after_commit", partial(_wake, run.id), once=True)
    return run


def _wake(run_id: int, session) -> None:
    work.wake(run_id, work.TURNS_AT_ONCE)


def _go_on(run: Rollout) -> Rollout | None:
    return _tried(lambda: runs.go_on(run, by_workers=True))


def _pause(run: Rollout) -> None:
    _stopped(run, runs.pause(run.id), "pause_migrating", _("The run is paused. What is under way ends first."))


def _cancel(run: Rollout) -> None:
    _stopped(run, runs.cancel_run(run.id), "cancel_migrating", _("The run is cancelled. What was migrated stays so."))


def _stopped(run: Rollout, worked: bool, action: str, sentence: str) -> None:
    if worked:
        audit_platform(action, details={"run": run.reference})
        flash(sentence, "ok")
    else:
        flash(_("It is too late: the run has ended, or was stopped already."), "warn")


def _retry(run: Rollout) -> Rollout | None:
    failed = runs.failed_in(run)
    if not failed:
        flash(_("None of the hospitals that failed is behind any more."), "warn")
    return begun(failed) if failed else None


ACTS = {"pause": _pause, "go-on": _go_on, "cancel": _cancel, "retry": _retry}
