"""A hospital's own users, roles and permissions."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.record import HospitalModel, Record

ADMIN_ROLE = "hospital_admin"


class GroupPermission(HospitalModel):
    """A role holds a permission."""

    __tablename__ = "auth_group_permissions"

    group_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_group.id"), primary_key=True)
    permission_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_permission.id"), primary_key=True, index=True)


class UserGroup(HospitalModel):
    """A user has a role."""

    __tablename__ = "auth_user_groups"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_group.id"), primary_key=True, index=True)


class UserPermission(HospitalModel):
    """A user holds a permission beside the roles."""

    __tablename__ = "auth_user_user_permissions"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), primary_key=True)
    permission_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_permission.id"), primary_key=True, index=True)


class Permission(HospitalModel):
    """One thing a person may do in one module, such as patients.add."""

    __tablename__ = "auth_permission"
    __table_args__ = (sa.UniqueConstraint("module", "codename"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    module: Mapped[str] = mapped_column(sa.String(40))
    codename: Mapped[str] = mapped_column(sa.String(60))
    label: Mapped[str] = mapped_column(sa.String(120))


class Group(Record):
    """A role: a named set of permissions that the hospital may edit."""

    __tablename__ = "auth_group"

    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    label: Mapped[str] = mapped_column(sa.String(120))

    permissions: Mapped[list[Permission]] = relationship(secondary="auth_group_permissions")


class User(Record):
    """A person who may sign in to this hospital.

    The hospital's administrator is a control-plane user: the row that mirrors one holds `platform_user_uuid` and no
    password.
    """

    __tablename__ = "auth_user"

    username: Mapped[str] = mapped_column(sa.String(150), unique=True)
    email: Mapped[str | None] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    first_name: Mapped[str] = mapped_column(sa.String(80), default="")
    last_name: Mapped[str] = mapped_column(sa.String(80), default="")
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    is_active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(sa.String(200))
    locale: Mapped[str] = mapped_column(sa.String(10), default="")
    platform_user_uuid: Mapped[str | None] = mapped_column(sa.String(36), unique=True)
    session_epoch: Mapped[int] = mapped_column(default=1)

    groups: Mapped[list[Group]] = relationship(secondary="auth_user_groups")

    @property
    def full_name(self) -> str:
        """First and last name, or the username where neither is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.username
