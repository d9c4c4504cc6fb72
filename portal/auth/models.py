"""A hospital's own users, roles and permissions."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.auth.audit import audit_hospital
from portal.clock import now
from portal.extensions import db
from portal.i18n import _
from portal.record import HospitalModel, Record, Refused

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

    active → locked (too many bad passwords) → active;  active → disabled → active

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

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First and last name, or the username where neither is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.username

    @property
    def is_mirror(self) -> bool:
        """The person is the platform's: name, password and access are managed there."""
        return self.platform_user_uuid is not None

    @property
    def is_administrator(self) -> bool:
        """The person has the role that manages the hospital."""
        return any(group.name == ADMIN_ROLE for group in self.groups)

    @hybrid_property
    def is_locked(self) -> bool:
        """Too many bad passwords: nobody signs in under this name for a while."""
        return self.locked_until is not None and self.locked_until > now()

    @is_locked.inplace.expression
    @classmethod
    def _is_locked(cls) -> sa.ColumnElement[bool]:
        return sa.func.coalesce(cls.locked_until > now(), sa.false())

    @classmethod
    def add(cls, *, groups: list[Group], **facts) -> "User":
        """A new user with these roles; raises `Refused` for a username or an email address in use."""
        user = cls(**facts)
        user._refuse_names_in_use()
        db.session.add(user)
        user._give(groups)
        return user

    def change(self, *, groups: list[Group], **facts) -> "User":
        """Correct what is known and give these roles; raises `Refused` for names in use and the last administrator."""
        self._refuse_mirror()
        with db.session.no_autoflush:
            for name, value in facts.items():
                setattr(self, name, value)
            self._refuse_names_in_use()
        self._give(groups)
        return self

    def disable(self) -> None:
        """End every session and let nobody sign in under this name; raises `Refused` for the last administrator."""
        self._refuse_mirror()
        if self.is_administrator:
            self._refuse_last_administrator()
        self.is_active = False
        self.session_epoch += 1

    def enable(self) -> None:
        """Let the person sign in again."""
        self._refuse_mirror()
        self.is_active = True
        self.unlock()

    def unlock(self) -> None:
        """Forget the bad passwords so far; the next one is the first."""
        self._refuse_mirror()
        if self.failed_logins or self.is_locked:
            self.failed_logins, self.locked_until = 0, now()

    def end_sessions(self) -> None:
        """Sign the person out everywhere with their next request."""
        self._refuse_mirror()
        self.session_epoch += 1
        audit_hospital("update", self, {"sessions": [None, _("ended")]})

    def set_password(self, password_hash: str, *, must_change: bool) -> None:
        """Replace the password, which ends every session; `must_change` asks for another one at the next sign-in."""
        self._refuse_mirror()
        self.password_hash, self.must_change_password = password_hash, must_change
        self.session_epoch += 1
        self.unlock()
        audit_hospital("update", self, {"password": [None, _("replaced")]})

    def _give(self, groups: list[Group]) -> None:
        """Let the person have these roles and no others; takes effect with their next request."""
        before, after = (", ".join(sorted(group.label for group in some)) for some in (self.groups, groups))
        if before == after:
            return
        if self.is_administrator and not any(group.name == ADMIN_ROLE for group in groups):
            self._refuse_last_administrator()
        self.groups = groups
        db.session.flush()
        audit_hospital("permission", self, {"roles": [before, after]})

    def _refuse_mirror(self) -> None:
        if self.is_mirror:
            raise Refused(_("{name} is managed by the platform and cannot be changed here.", name=self.full_name))

    def _refuse_last_administrator(self) -> None:
        """The hospital always has somebody who can manage it (CORE-5); the lock lets one at a time ask."""
        role = db.session.scalar(sa.select(Group.id).where(Group.name == ADMIN_ROLE).with_for_update(key_share=True))
        others = sa.select(User.id).join(UserGroup, UserGroup.user_id == User.id)
        others = others.where(UserGroup.group_id == role, User.is_active, User.id != self.id)
        if self.is_active and db.session.scalar(others.limit(1)) is None:
            raise Refused(_("{name} is the last administrator of the hospital. Give the role to somebody else first.",
                            name=self.full_name))  # fmt: skip

    def _refuse_names_in_use(self) -> None:
        for field, column, value in (("username", User.username, self.username), ("email", User.email, self.email)):
            same = sa.select(User.id).where(column == value, User.id.is_distinct_from(self.id))
            if value and db.session.scalar(same):
                raise Refused(_("“{value}” is used by another user. Choose a different one", value=value), field)
