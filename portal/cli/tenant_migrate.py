"""`flask tenant migrate | status`: every hospital brought to the newest revision, by processes (tenancy.md T12–T14)."""

import os
import sys
import time

import click
from flask.cli import with_appcontext

from portal.cli.output import FAILED, USAGE, refuse, show_json
from portal.clock import now
from portal.control.models import Rollout
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _
from portal.migrations import head
from portal.provisioning.fleet import runs, standing, work
from portal.provisioning.fleet.standing import UnknownSelector
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.session import TENANT

MOST_JOBS = 64
NAMED = 20
STANDS = {
    "behind": _("behind"),
    "newer": _("of a newer release"),
    "unknown": _("of no known release"),
    "none": _("not known"),
}
as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
count = click.IntRange(min=1)


@click.command("migrate")
@click.argument("selectors", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every hospital that is behind.")
@click.option("--jobs", type=click.IntRange(1, MOST_JOBS), default=os.cpu_count() or 1, help="Processes at once.")
@click.option("--canary", type=count, help="So many go ahead alone; when one does not work, the run stops.")
@click.option("--stop-after-failures", type=count, help="Stop the run after so many that did not work.")
@click.option("--dry-run", is_flag=True, help="Only say which hospitals would be migrated.")
@click.option("--resume", is_flag=True, help="Go on with the last run that was stopped or killed.")
@as_json
@with_appcontext
def migrate(selectors, every, jobs, canary, stop_after_failures, dry_run, resume, as_json) -> None:
    """Bring hospitals to the newest revision: SUBDOMAIN, PATTERN*, plan:NAME, server:NAME, status:STATUS.

    Ends with 4 when one did not work, or the run was stopped.
    """
    ensure_control()
    if bool(selectors) + every + resume != 1:
        refuse(USAGE, _("Name hospitals, or write --all or --resume."))
    if resume:
        run_id = resumed()
    else:
        found = selected(selectors)
        if dry_run or not found:
            show_dry(found, as_json, dry_run)
            return
        run_id = begun([tenant_id for tenant_id, _subdomain, _revision in found], canary, stop_after_failures)
    carry_out(run_id, jobs, quiet=as_json)
    conclude(run_id, as_json)


def selected(selectors: tuple[str, ...]) -> list[tuple[int, str, str]]:
    """The hospitals behind that are meant; ends the command with 2 where something means none."""
    try:
        return standing.select(selectors)
    except UnknownSelector as error:
        refuse(USAGE, str(error))


def begun(hospitals: list[int], canary: int | None, stop_after: int | None) -> int:
    """A new run over these hospitals; ends the command while another is under way."""
    _let_go_of_the_dead()
    try:
        run = runs.begin(hospitals, canary=canary or 0, stop_after=stop_after)
    except ProvisioningProblem as problem:
        refuse(FAILED, problem.sentence)
    return _committed(run)


def resumed() -> int:
    """The last run that did not come to its end, gone on with; ends the command where there is none."""
    _let_go_of_the_dead()
    run = runs.latest("paused", "running")
    if run is None:
        refuse(USAGE, _("No run was stopped or killed. Begin one with --all."))
    try:
        runs.go_on(run, by_workers=False)
    except ProvisioningProblem as problem:
        refuse(FAILED, problem.sentence)
    return _committed(run)


def _committed(run: Rollout) -> int:
    db.session.commit()
    run_id = run.id
    db.session.rollback()
    return run_id


def _let_go_of_the_dead() -> None:
    """A command that was killed holds its run until its lease has run out: wait for that, but not for a live one."""
    run = runs.latest("running")
    if run is None or run.by_workers:
        return
    first = run.lease_until
    db.session.rollback()
    while first is not None and now() <= first:
        time.sleep(work.LOOKS_EVERY)
    runs.pause_orphans()


def carry_out(run_id: int, jobs: int, *, quiet: bool) -> None:
    """Do it here; Ctrl-C stops after the hospitals at hand, a second one at once."""
    processes, line = work.Processes(run_id, jobs), Line(run_id, quiet)
    try:
        processes.run(line.show)
    except KeyboardInterrupt:
        db.session.rollback()
        runs.pause(run_id, _("It was stopped with Ctrl-C."))
        db.session.commit()
        try:
            processes.wait()
        except KeyboardInterrupt:
            processes.kill()
    finally:
        line.end()


class Line:
    """One line of a terminal that says how far the run is; elsewhere nothing, for a log needs no progress."""

    def __init__(self, run_id: int, quiet: bool):
        self.run_id = run_id
        self.is_shown = not quiet and sys.stderr.isatty()

    def show(self) -> None:
        """Say it anew."""
        if not self.is_shown:
            return
        counts = runs.counts_of(db.session.get(Rollout, self.run_id, populate_existing=True))
        db.session.rollback()
        facts = {"migrated": counts.migrated, "total": counts.total, "failed": counts.failed}
        click.echo("\r" + _("{migrated} of {total} migrated, {failed} failed", **facts), nl=False, err=True)

    def end(self) -> None:
        """What follows stands on a line of its own."""
        if self.is_shown:
            click.echo(err=True)


def conclude(run_id: int, as_json: bool) -> None:
    """Say what became of the run; ends with 4 unless everything worked."""
    run = db.session.get(Rollout, run_id, populate_existing=True)
    counts, failures = runs.counts_of(run), runs.failures_of(run)
    if as_json:
        show_json(
            {
                "run": run.reference, "state": run.state, "why": run.why, "revision": run.revision,
                "migrated": counts.migrated, "left": counts.left, "seconds": (now() - run.started_at).total_seconds(),
                "failed": [{"subdomain": subdomain, "error": error} for subdomain, error in failures],
            }
        )  # fmt: skip
    else:
        for subdomain, error in failures:
            click.echo(f"{subdomain}: {error}", err=True)
        facts = {"migrated": counts.migrated, "failed": counts.failed, "left": counts.left, "head": run.revision}
        click.echo(_("{migrated} migrated to revision {head}, {failed} failed, {left} not begun.", **facts))
        if run.state != "finished":
            click.echo(" ".join(filter(None, [run.why, _("Go on with “flask tenant migrate --resume”.")])), err=True)
    if run.state != "finished" or counts.failed:
        raise click.exceptions.Exit(FAILED)


def show_dry(found: list[tuple[int, str, str]], as_json: bool, dry_run: bool) -> None:
    """Who would be migrated, or that nobody has to be."""
    newest = head(TENANT)
    if as_json:
        rows = [{"subdomain": subdomain, "revision": revision} for _id, subdomain, revision in found]
        show_json({"revision": newest, "behind" if dry_run else "failed": rows} | ({} if dry_run else {"migrated": 0}))
        return
    for _id, subdomain, revision in found:
        click.echo(f"{subdomain:<54} {revision} → {newest}")
    click.echo(_("{count} hospitals are behind revision {head}.", count=len(found), head=newest) if found
               else _("No hospital is behind revision {head}.", head=newest))  # fmt: skip


@click.command("status")
@as_json
@with_appcontext
def status(as_json: bool) -> None:
    """Is every hospital migrated? Answered from the registry; ends with 4 when one is not."""
    ensure_control()
    seen, away = standing.look(), standing.not_at_head(None if as_json else NAMED)
    if as_json:
        names = [{"subdomain": subdomain, "revision": revision, "is": where} for subdomain, _n, revision, where in away]
        show_json({**vars(seen), "is_whole": seen.is_whole, "hospitals": names, "run": _run_told()})
    else:
        click.echo(_("{count} of {total} hospitals are at revision {head}.", count=seen.at_head, total=seen.total,
                     head=seen.head))  # fmt: skip
        for subdomain, _name, revision, where in away:
            click.echo(f"{subdomain:<54} {revision or '–':<10} {STANDS[where]}")
        more = seen.total - seen.at_head - len(away)
        if more:
            click.echo(_("… and {count} more.", count=more))
        if seen.failed:
            click.echo(_("{count} of them failed when they were migrated last.", count=seen.failed))
    if not seen.is_whole:
        raise click.exceptions.Exit(FAILED)


def _run_told() -> dict | None:
    run = runs.latest()
    return run and {"run": run.reference, "state": run.state, "why": run.why, **vars(runs.counts_of(run))}
