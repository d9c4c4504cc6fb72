"""The backups of a hospital as people see, make and take them away."""

from flask import Response, abort

from portal.admin.access import get_visible_hospital, needs
from portal.admin.views import admin
from portal.admin.work import ask_for
from portal.auth.audit import audit_platform
from portal.control.models import Tenant
from portal.provisioning import backups
from portal.provisioning.archive import Archive


@admin.post("/hospitals/<subdomain>/backup")
@needs("platform_admin")
def backup_hospital(subdomain: str):
    """Back the database up now, while people go on using it."""
    return ask_for(get_visible_hospital(subdomain), "backup", "backup_database")


@admin.post("/hospitals/<subdomain>/backups/<reference>")
@needs("superuser")
def download_backup(subdomain: str, reference: str):
    """Take a backup away: everything the hospital knows of its patients, so it is written down who did."""
    tenant = get_visible_hospital(subdomain)
    archive = _find_archive(tenant, reference) or abort(404)
    audit_platform("download_backup", tenant=tenant, details={"backup": reference})
    answer = Response(archive.chunks(), mimetype="application/x-tar")
    name = f"{tenant.subdomain}-{archive.name}.tar"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "no-store"
    answer.content_length = archive.length
    return answer


def _find_archive(tenant: Tenant, reference: str) -> Archive | None:
    try:
        return Archive.of(backups.get_backup(tenant, reference))
    except (LookupError, FileNotFoundError):
        return None
