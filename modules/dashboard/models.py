"""The widgets a hospital shows, and how each person arranged them."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Record


class Widget(Record):
    """One panel of the dashboard and the roles it is for."""

    __tablename__ = "dashboard_widget"

    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    fragment_route: Mapped[str] = mapped_column(sa.String(120))
    roles: Mapped[list] = mapped_column(sa.JSON, default=list)
    refresh_s: Mapped[int] = mapped_column(default=60)
    size: Mapped[str] = mapped_column(sa.String(20), default="tile")
    is_active: Mapped[bool] = mapped_column(default=True)


class Layout(Record):
    """Where one person put a widget, or that they hid it."""

    __tablename__ = "dashboard_layout"
    __table_args__ = (sa.UniqueConstraint("user_id", "widget_id"),)

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"))
    widget_id: Mapped[int] = mapped_column(sa.ForeignKey("dashboard_widget.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    hidden: Mapped[bool] = mapped_column(default=False)
