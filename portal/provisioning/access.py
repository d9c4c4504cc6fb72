"""Who administers a hospital: TenantAccess in the control plane, mirrored by a row in the hospital (D23)."""

import sqlalchemy as sa
from flask import current_app

from portal.auth.models import ADMIN_ROLE, Group, UserGroup
from portal.auth.models import User as HospitalUser
from portal.clock import now
from portal.control.models import Tenant, TenantAccess, User
from portal.extensions import db
from portal.i18n import _
from portal.provisioning.steps import ProvisioningProblem
from portal.tenancy.registry import get_hospital


def add_mirror(connection: sa.Connection, user: User) -> None:
    """Give the platform's user a row without a password in a hospital, with the administrator's role.

    Raises `ProvisioningProblem` when somebody of the hospital has the username or the email address already.
    """
    if connection.scalar(sa.select(HospitalUser.id).where(HospitalUser.platform_user_uuid == user.uuid)):
        return
    for column, value in ((HospitalUser.username, user.username), (HospitalUser.email, user.email)):
        if connection.scalar(sa.select(HospitalUser.id).where(column == value)):
            raise ProvisioningProblem(_("The hospital has a user called {value} already.", value=value))
    _insert(connection, user)


def _insert(connection: sa.Connection, user: User) -> None:
    values = {
        "username": user.username,
        "email": user.email,
        "first_name": user.name,
        "platform_user_uuid": user.uuid,
        "created_at": now(),
        "updated_at": now(),
        "version": 1,
    }
    row = connection.execute(sa.insert(HospitalUser.__table__).values(values)).inserted_primary_key[0]
    role = connection.scalar(sa.select(Group.id).where(Group.name == ADMIN_ROLE))
    connection.execute(sa.insert(UserGroup.__table__).values(user_id=row, group_id=role))


def grant_access(tenant: Tenant, user: User) -> None:
    """Make the user an administrator of the hospital: its own database first, then the registry; again is harmless."""
    if tenant.generation is not None:
        hospital = get_hospital(tenant.subdomain)
        if hospital.is_closed or hospital.saves_nothing:
            raise ProvisioningProblem(
                _("Nothing can be written to {name} in its present mode. Change that first.", name=tenant.name)
            )
        engine = current_app.extensions["engines"].get(hospital, writing=True)
        with engine.begin() as connection:
            add_mirror(connection, user)
    if not any(access.user_id == user.id for access in tenant.access):
        db.session.add(TenantAccess(user=user, tenant=tenant))
        db.session.flush()


def withdraw_access(tenant: Tenant, user: User) -> None:
    """End the user's access to the hospital with their next request; the last administrator stays."""
    if len(tenant.access) < 2:
        raise ProvisioningProblem(_("A hospital needs at least one administrator. Add another one first."))
    for access in tenant.access:
        if access.user_id == user.id:
            db.session.delete(access)
    db.session.flush()
