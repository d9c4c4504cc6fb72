"""The page of one hospital: what is known, what is being done, who administers it; and the form that changes it."""

from zlib import crc32

import sqlalchemy as sa
from flask import current_app, flash, session
from sqlalchemy.orm import selectinload

from portal.admin import choices
from portal.admin.access import get_visible_hospital, may, needs
from portal.admin.backup_rows import backup_rows, saved_by
from portal.admin.badges import KINDS, STATE, badge_of, mode_badge
from portal.admin.dangers import dangers_of
from portal.admin.entries import entries_of
from portal.admin.findings import findings_of
from portal.admin.forms import EditHospitalForm
from portal.admin.hospitals import hospital_url
from portal.admin.invitation import standing, take
from portal.admin.modes import mode_of
from portal.admin.recreate import can_undo
from portal.admin.views import admin
from portal.auth.audit import audit_platform
from portal.control.models import Operation, Plan, Tenant
from portal.extensions import db
from portal.i18n import _
from portal.pages.answers import form_page, go, page
from portal.provisioning.careful import begun_clone
from portal.provisioning.delete import kept_backup
from portal.provisioning.places import names_of
from portal.provisioning.progress import Progress
from portal.provisioning.registration import enabled
from portal.provisioning.signed_in import signed_in_at

SHOWN_OPERATIONS = 10
EDITED = ("name", "address", "phone", "email", "website", "timezone", "currency", "locale", "starts_on", "ends_on")


@admin.get("/hospitals/<subdomain>")
@needs("hospital_admin")
def hospital(subdomain: str):
    """Everything the platform knows of one hospital, with the progress of its work."""
    tenant = get_visible_hospital(subdomain)
    return page("admin/hospital.html", **record_of(tenant), **people_of(tenant))


@admin.route("/hospitals/<subdomain>/edit", methods=["GET", "POST"])
@needs("platform_admin")
def edit_hospital(subdomain: str):
    """Change what may change; an edit of an outdated copy is refused with 409."""
    tenant = get_visible_hospital(subdomain)
    form = EditHospitalForm(data=_answers(tenant))
    stale = form.is_submitted() and form.version.data != tenant.version
    if not stale and form.validate_on_submit():
        change_hospital(tenant, form)
        return go(hospital_url(tenant))
    answer = form_page("admin/hospital_edit.html", form, tenant=tenant, stale=stale, always=choices.always_modules())
    answer.status_code = 409 if stale else answer.status_code
    return answer


def record_of(tenant: Tenant) -> dict:
    """What the changing parts of the page show; the poll sends the same parts again."""
    history = operations_of(tenant)
    latest = history[0] if history else None
    progress = Progress.of(latest) if latest else None
    settings = current_app.extensions["settings"]
    return {
        "tenant": tenant,
        "badge": badge_of(tenant, latest),
        "mode_badge": mode_badge(tenant),
        "progress": progress,
        "work_modules": [{"label": label, "state": state} for label, state in (progress.modules if progress else ())],
        "stamp": stamp_of(progress) if progress else "0",
        "history": [(operation, STATE[operation.state], Progress.of(operation)) for operation in history],
        "kinds": KINDS,
        "names": names_of(tenant),
        "server": tenant.server if len(settings.servers) > 1 else None,
        "address": settings.hospital_url(tenant.subdomain),
        "module_labels": _labels(tenant),
        "may_recreate": may("superuser"),
        "may_undo": bool(latest) and may("superuser") and can_undo(latest),
        "seen": findings_of(tenant),
        "saved": saved_by(latest) if latest and may("platform_admin") else None,
        "backups": backup_rows(tenant) if may("platform_admin") else [],
        "begun_clone": begun_clone(tenant),
        "is_gone": tenant.mode == "deleted" and not (progress and progress.is_active),
        "may_change": may("platform_admin"),
        "may_download": may("superuser"),
    }


def people_of(tenant: Tenant) -> dict:
    """The parts that only whole pages show: administrators, a fresh invitation link, the audit, the mode."""
    here = signed_in_at(tenant)
    return {
        "administrators": [(access.user, standing(access.user, here)) for access in tenant.access],
        "others": choices.other_administrators(tenant.id) if may("platform_admin") else [],
        "invitation": take(session),
        "entries": entries_of(tenant) if may("platform_admin") else [],
        "dangers": dangers_of(tenant),
        "kept": kept_backup(tenant) if may("superuser") else None,
        **mode_of(tenant),
    }


def operations_of(tenant: Tenant) -> list[Operation]:
    """The hospital's latest operations with their steps, the newest first."""
    query = sa.select(Operation).where(Operation.tenant_id == tenant.id).order_by(Operation.id.desc())
    return list(db.session.scalars(query.limit(SHOWN_OPERATIONS).options(selectinload(Operation.steps))))


def stamp_of(progress: Progress) -> str:
    """A short word that differs whenever the progress would read differently."""
    operation = progress.operation
    steps = "".join(step.state[0] for step in operation.steps)
    waits = crc32(progress.text.encode()) if operation.state == "queued" else 0
    return f"{operation.id}-{operation.state}-{operation.attempt}-{steps}-{waits:x}"


def _labels(tenant: Tenant) -> list[str]:
    return [module.menu_label for name, module in choices.modules().items() if name in tenant.modules]


def _answers(tenant: Tenant) -> dict:
    values = {name: getattr(tenant, name) for name in EDITED}
    return {**values, "plan": tenant.plan_id, "modules": tenant.modules, "version": tenant.version}


def change_hospital(tenant: Tenant, form: EditHospitalForm) -> None:
    """Keep the answers; every process sees them within a second, because the registry's epoch moves on (D21)."""
    before = _answers(tenant)
    for name in EDITED:
        setattr(tenant, name, form[name].data)
    tenant.plan = db.session.get(Plan, form.plan.data)
    tenant.modules = enabled(form.ticked, tenant.plan)
    after = _answers(tenant) | {"plan": form.plan.data}
    changed = sorted(name for name, value in after.items() if value != before[name])
    if changed:
        tenant.epoch = Tenant.epoch + 1
        audit_platform("edit_hospital", tenant=tenant, details={"changed": changed})
    flash(_("The changes are saved."), "ok")
