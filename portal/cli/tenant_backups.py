"""`flask tenant backup|backups|restore`: copies of a hospital's database, and the way back."""

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from portal.cli.asked import find_tenant, get_tenant, is_terminal
from portal.cli.output import EXISTS, FAILED, USAGE, refuse, show_json
from portal.cli.tenant_create import name_problems, perform_and_show
from portal.control.models import Backup, Operation, Tenant
from portal.extensions import db
from portal.first_start import ensure_control
from portal.i18n import _
from portal.provisioning import asking, backups, documents
from portal.provisioning.registration import NameInUse, is_free, register_copy
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.names import normalised, subdomain_problem, suggestions

SHOWN = (
    "reference", "made_at", "reason", "state", "finding", "size", "sha256", "documents", "revision", "tested_at",
    "kept_until",
    "filename",
)  # fmt: skip
STATES = {"verified": _("Verified"), "damaged": _("Damaged")}


@click.command("backup")
@click.argument("subdomain")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@with_appcontext
def backup(subdomain: str, as_json: bool) -> None:
    """Back a hospital's database up while people go on using it."""
    ensure_control()
    operation_id = _asked(lambda: asking.request_backup(get_tenant(subdomain)))
    if not perform_and_show(operation_id, quiet=as_json):
        raise click.exceptions.Exit(FAILED)
    build = db.session.get(Operation, operation_id, populate_existing=True).build
    made = backups.get_backup(get_tenant(subdomain), backups.reference_of(build))
    if as_json:
        show_json(described(made))
        return
    click.echo(documents.sentence_of(made.documents))
    click.echo(_("Backup {reference}", reference=made.reference))
    click.echo(_("File {path}", path=backups.place_of(made)))


@click.command("backups")
@click.argument("subdomain", required=False)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@with_appcontext
def list_backups(subdomain: str | None, as_json: bool) -> None:
    """List the backups of one hospital or of all, the newest first."""
    ensure_control()
    query = sa.select(Backup).join(Backup.tenant).where(Backup.state != "removed")
    if subdomain is not None:
        query = query.where(Backup.tenant_id == get_tenant(subdomain, deleted=True).id)
    rows = db.session.scalars(query.order_by(Tenant.subdomain, Backup.id.desc())).all()
    if as_json:
        show_json([described(row) for row in rows])
        return
    for row in rows:
        made, size = f"{row.made_at:%Y-%m-%d %H:%M}", f"{row.size / 1e6:,.1f} MB"
        state, reason = STATES[row.state], backups.REASONS[row.reason]
        click.echo(f"{row.tenant.subdomain:<24} {row.reference}  {made}  {size:>12}  {state:<9} {reason}".rstrip())
    if not rows:
        click.echo(_("There are no backups yet. Make one with “flask tenant backup SUBDOMAIN”."))


@click.command("restore")
@click.argument("subdomain")
@click.argument("reference", metavar="BACKUP")
@click.option("--as", "new_subdomain", help="Restore as a new hospital at this address.")
@click.option("--name", help="The new hospital’s name.")
@click.option("--yes", is_flag=True, help="Do not ask, also while the hospital is in use.")
@with_appcontext
def restore(subdomain: str, reference: str, new_subdomain: str | None, name: str | None, yes: bool) -> None:
    """Restore a backup into its hospital, or as a new hospital; what is there now is backed up first."""
    ensure_control()
    tenant = get_tenant(subdomain, deleted=True)
    try:
        found = backups.get_backup(tenant, reference)
    except LookupError:
        sentence = _("{subdomain} has no backup “{reference}”.", subdomain=subdomain, reference=reference)
        refuse(USAGE, sentence, _("List them with “flask tenant backups {subdomain}”.", subdomain=subdomain))
    if new_subdomain is None:
        _confirm(tenant, yes)
        target = tenant
    else:
        target = _new_hospital(tenant, found, normalised(new_subdomain), name)
    if not perform_and_show(_asked(lambda: asking.request_restore(target, found))):
        raise click.exceptions.Exit(FAILED)


def described(row: Backup) -> dict:
    """Everything scripts ask about a backup."""
    counts = {"tables": len(row.counts), "rows": sum(row.counts.values())}
    return {"subdomain": row.tenant.subdomain, **{name: getattr(row, name) for name in SHOWN}, **counts}


def _asked(request) -> int:
    """Ask for work and commit; the operation's id. Ends with 4 while there is other work on the hospital."""
    try:
        operation = request()
    except ProvisioningProblem as error:
        refuse(FAILED, error.sentence)
    db.session.commit()
    return operation.id


def _confirm(tenant: Tenant, yes: bool) -> None:
    """Everything in the database is about to be replaced: only with `--yes`, or typed on a terminal."""
    if yes:
        return
    if tenant.mode == "active" and tenant.generation is not None:
        refuse(USAGE, _("{name} is in use. Put it into maintenance first, or run this again with --yes.",
                        name=tenant.name))  # fmt: skip
    if not is_terminal():
        refuse(USAGE, _("This replaces everything in the database of {name}. Run it again with --yes.",
                        name=tenant.name))  # fmt: skip
    if click.prompt(_("Type {subdomain} to confirm", subdomain=tenant.subdomain)) != tenant.subdomain:
        refuse(USAGE, _("Type {subdomain} exactly as shown", subdomain=tenant.subdomain))


def _new_hospital(source: Tenant, found: Backup, subdomain: str, name: str | None) -> Tenant:
    """The hospital to restore into: a new one, or the one that an earlier restore of this backup did not finish."""
    begun = find_tenant(subdomain)
    if begun is not None and begun.generation is None and _was_to_have(begun, found):
        return begun
    problems = [problem for problem in (subdomain_problem(subdomain), *name_problems(name or "")) if problem]
    if problems:
        refuse(USAGE, *problems)
    try:
        return register_copy(source, name.strip(), subdomain)
    except NameInUse as error:
        refuse(EXISTS, error.sentence, _("Available: {names}", names=" ".join(suggestions(subdomain, is_free))))


def _was_to_have(tenant: Tenant, found: Backup) -> bool:
    query = sa.select(Operation.backup_id).where(Operation.tenant_id == tenant.id).order_by(Operation.id.desc())
    return db.session.scalar(query.limit(1)) == found.id
