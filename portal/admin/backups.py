"""The backups of a hospital as people see, make and take them away."""

from pathlib import Path

from flask import abort, send_file

from portal.admin.access import get_visible_hospital, needs
from portal.admin.views import admin
from portal.admin.work import ask_for
from portal.auth.audit import audit_platform
from portal.control.models import Tenant
from portal.provisioning import backups


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
    path = _find_file(tenant, reference) or abort(404)
    audit_platform("download_backup", tenant=tenant, details={"backup": reference})
    name = f"{tenant.subdomain}-{path.name}"
    answer = send_file(path, mimetype="application/vnd.sqlite3", as_attachment=True, download_name=name, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _find_file(tenant: Tenant, reference: str) -> Path | None:
    try:
        path = backups.place_of(backups.get_backup(tenant, reference))
    except LookupError:
        return None
    return path if path.is_file() else None
