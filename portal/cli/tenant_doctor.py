"""`flask tenant doctor`: what does not fit together between registry and disk, mended once that is confirmed."""

from dataclasses import fields

import click
from flask.cli import with_appcontext

from portal.cli import asked
from portal.cli.output import FAILED, USAGE, refuse, show_json
from portal.first_start import ensure_control
from portal.i18n import _, ngettext
from portal.provisioning.doctor import ERROR, NOTE, WARNING, Finding, examine, repair

SEVERITIES = {ERROR: _("Error"), WARNING: _("Warning"), NOTE: _("Note")}
SHOWN = [one.name for one in fields(Finding) if one.name != "mend"]


@click.command("doctor")
@click.option("--repair", "wanted", is_flag=True, help="Repair what can be repaired, after asking.")
@click.option("--yes", is_flag=True, help="With --repair: do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@with_appcontext
def doctor(wanted: bool, yes: bool, as_json: bool) -> None:
    """Compare registry and disk; ends with 4 while something does not fit together."""
    if yes and not wanted:
        refuse(USAGE, _("--yes goes with --repair."))
    ensure_control()
    found = examine()
    if not as_json:
        _show(found)
    curable = [finding for finding in found if finding.mend is not None]
    done = _repaired(curable, as_json) if wanted and curable and _is_confirmed(curable, yes) else []
    left = examine() if done else found
    if as_json:
        show_json({"findings": [_described(one) for one in found], "repaired": done, "left": len(left)})
    elif done:
        click.echo(_summary(left))
    if left:
        raise click.exceptions.Exit(FAILED)


def _show(found: list[Finding]) -> None:
    for finding in found:
        click.echo(f"{SEVERITIES[finding.severity]}: {finding.sentence}")
        click.echo("  " + (_("Repair: {cure}") if finding.mend else _("What to do: {cure}")).format(cure=finding.cure))
    click.echo(_summary(found))


def _summary(found: list[Finding]) -> str:
    if not found:
        return _("Registry and disk fit together.")
    return ngettext("{count} thing does not fit together.", "{count} things do not fit together.", len(found))


def _is_confirmed(curable: list[Finding], yes: bool) -> bool:
    """Said with `--yes`, or on a terminal; without either nothing is touched."""
    if yes:
        return True
    if not asked.is_terminal():
        refuse(USAGE, _("This changes rows and files. Run it again with --repair --yes."))
    return click.confirm(ngettext("Repair {count} of them?", "Repair {count} of them?", len(curable)))


def _repaired(curable: list[Finding], quiet: bool) -> list[dict]:
    """Repair one after the other, and say how each went."""
    done = []
    for finding, problem in repair(curable):
        done.append({"kind": finding.kind, "subject": finding.subject, "problem": problem})
        if not quiet:
            click.echo(f"{finding.subject}: " + (problem or _("repaired")))
    return done


def _described(finding: Finding) -> dict:
    return {name: getattr(finding, name) for name in SHOWN} | {"repairable": finding.mend is not None}
