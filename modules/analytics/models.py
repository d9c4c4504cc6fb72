"""What is measured, what was measured when, and the reports people run."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Fixed, Record, now, transition


class Kpi(Record):
    """A number the hospital watches, how it is made, and when it is good or alarming."""

    __tablename__ = "analytics_kpi"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    unit: Mapped[str] = mapped_column(Choice("percent", "count", "money", "minutes", "days", "score", name="unit"))
    formula_text: Mapped[str] = mapped_column(sa.Text)
    direction: Mapped[str] = mapped_column(Choice("up", "down", name="direction"))
    target: Mapped[Decimal | None] = mapped_column(Fixed(4))
    warn: Mapped[Decimal | None] = mapped_column(Fixed(4))
    alarm: Mapped[Decimal | None] = mapped_column(Fixed(4))
    roles: Mapped[list] = mapped_column(sa.JSON, default=list)


class Snapshot(Record):
    """A KPI over one period and part of the hospital; a zero denominator leaves no value."""

    __tablename__ = "analytics_snapshot"
    __table_args__ = (
        sa.UniqueConstraint(
            "kpi_id", "period_kind", "period_start", "dimension", "dimension_id", name="uq_analytics_snapshot_period"
        ),
    )

    kpi_id: Mapped[int] = mapped_column(sa.ForeignKey("analytics_kpi.id"))
    period_kind: Mapped[str] = mapped_column(Choice("day", "week", "month", name="period_kind"))
    period_start: Mapped[date]
    dimension: Mapped[str] = mapped_column(
        Choice("none", "department", "ward", "doctor", "service", "theatre", name="dimension"), default="none"
    )
    dimension_id: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    numerator: Mapped[Decimal] = mapped_column(Fixed(4))
    denominator: Mapped[Decimal] = mapped_column(Fixed(4))
    value: Mapped[Decimal | None] = mapped_column(Fixed(4))


class Report(Record):
    """A list or table people may run, with what it asks for and who may run it."""

    __tablename__ = "analytics_report"

    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    module: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(120))
    params: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    roles: Mapped[list] = mapped_column(sa.JSON, default=list)


class ReportRun(Record):
    """One making of a report.

    queued → running → done | failed;  failed → queued (retry)
    """

    __tablename__ = "analytics_reportrun"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("analytics_report.id"), index=True)
    params: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    requested_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    status: Mapped[str] = mapped_column(Choice("queued", "running", "done", "failed", name="status"), default="queued")
    row_count: Mapped[int | None]
    file_key: Mapped[str | None] = mapped_column(sa.String(120))
    finished_at: Mapped[datetime | None]

    @transition("queued", "running", needs="run")
    def start(self) -> None:
        """The report is being made."""

    @transition("running", "done", needs="run")
    def finish(self, row_count: int, file_key: str) -> None:
        """The report is ready."""
        self.row_count, self.file_key, self.finished_at = row_count, file_key, now()

    @transition("running", "failed", needs="run")
    def fail(self) -> None:
        """The report could not be made."""
        self.finished_at = now()

    @transition("failed", "queued", needs="run")
    def retry(self) -> None:
        """The report will be tried again."""
        self.finished_at = None


class Schedule(Record):
    """A report that is made and sent by the calendar."""

    __tablename__ = "analytics_schedule"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("analytics_report.id"), index=True)
    cron_text: Mapped[str] = mapped_column(sa.String(60))
    recipients: Mapped[list] = mapped_column(sa.JSON, default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
