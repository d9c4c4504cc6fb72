"""How the parts of the dashboard are arranged: for each role, and by each person for themselves."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Record


class Widget(Record):
    """One part of the dashboard that somebody arranged; what it shows is declared by its module.

    `roles` holds, for each role whose dashboard the hospital arranged, `{"position": 2, "hidden": false}`.
    """

    __tablename__ = "dashboard_widget"

    code: Mapped[str] = mapped_column(sa.String(120), unique=True)
    roles: Mapped[dict] = mapped_column(sa.JSON, default=dict)


class Layout(Record):
    """Where one person put a widget, or that they hid it."""

    __tablename__ = "dashboard_layout"
    __table_args__ = (sa.UniqueConstraint("user_id", "widget_id"),)

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"))
    widget_id: Mapped[int] = mapped_column(sa.ForeignKey("dashboard_widget.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    hidden: Mapped[bool] = mapped_column(default=False)
