"""What the laboratory can test, what was ordered, the samples, and what was found."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import Choice, Exposed, Fixed, Record, Voidable, now, transition

SAMPLE_TYPES = ("blood", "serum", "plasma", "urine", "stool", "sputum", "swab", "csf", "tissue", "other")


class Category(Record):
    """A part of the laboratory's catalogue, such as haematology."""

    __tablename__ = "laboratory_category"

    name: Mapped[str] = mapped_column(sa.String(120), unique=True)


class Test(Exposed, Record):
    """Something the laboratory can examine, or a panel of several."""

    __tablename__ = "laboratory_test"

    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_category.id"), index=True)
    sample_type: Mapped[str] = mapped_column(Choice(*SAMPLE_TYPES, name="sample_type"))
    container: Mapped[str | None] = mapped_column(sa.String(60))
    loinc: Mapped[str | None] = mapped_column(sa.String(20))
    tat_routine_min: Mapped[int]
    tat_stat_min: Mapped[int]
    needs_fasting: Mapped[bool] = mapped_column(default=False)
    is_panel: Mapped[bool] = mapped_column(default=False)
    billing_service_id: Mapped[int] = mapped_column(sa.ForeignKey("billing_service.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)


class PanelMember(Record):
    """A test that belongs to a panel."""

    __tablename__ = "laboratory_panelmember"
    __table_args__ = (sa.UniqueConstraint("panel_id", "test_id"),)

    panel_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_test.id"))
    test_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_test.id"), index=True)


class Parameter(Record):
    """One value that a test reports."""

    __tablename__ = "laboratory_parameter"
    __table_args__ = (sa.UniqueConstraint("test_id", "code"),)

    test_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_test.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(120))
    value_type: Mapped[str] = mapped_column(Choice("numeric", "text", "choice", "boolean", name="value_type"))
    unit: Mapped[str | None] = mapped_column(sa.String(20))
    decimals: Mapped[int | None]
    choices: Mapped[list | None] = mapped_column(sa.JSON(none_as_null=True))
    formula: Mapped[str | None] = mapped_column(sa.String(200))
    delta_pct: Mapped[Decimal | None] = mapped_column(Fixed(2))
    sort: Mapped[int] = mapped_column(default=0)


class ReferenceRange(Record):
    """What is normal and what is critical for one sex and age."""

    __tablename__ = "laboratory_referencerange"

    parameter_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_parameter.id"), index=True)
    sex: Mapped[str] = mapped_column(Choice("any", "male", "female", name="sex"), default="any")
    age_min_days: Mapped[int] = mapped_column(default=0)
    age_max_days: Mapped[int]
    low: Mapped[Decimal | None] = mapped_column(Fixed(6))
    high: Mapped[Decimal | None] = mapped_column(Fixed(6))
    critical_low: Mapped[Decimal | None] = mapped_column(Fixed(6))
    critical_high: Mapped[Decimal | None] = mapped_column(Fixed(6))
    normal_choices: Mapped[list | None] = mapped_column(sa.JSON(none_as_null=True))


class Order(Voidable, Exposed, Record):
    """What a doctor asks the laboratory about a patient; the status follows its items.

    active → partially_completed → completed;  active → completed;  active | partially_completed → cancelled
    """

    __tablename__ = "laboratory_order"
    __table_args__ = (sa.Index("ix_laboratory_order_status_priority_ordered_at", "status", "priority", "ordered_at"),)

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    encounter_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_encounter.id"), index=True)
    ordered_by: Mapped[int] = mapped_column(sa.ForeignKey("doctors_doctor.id"), index=True)
    priority: Mapped[str] = mapped_column(Choice("routine", "urgent", "stat", name="priority"), default="routine")
    clinical_notes: Mapped[str | None] = mapped_column(sa.Text)
    ordered_at: Mapped[datetime] = mapped_column(default=now)
    completed_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(
        Choice("active", "partially_completed", "completed", "cancelled", name="status"), default="active"
    )

    @transition("active", "partially_completed", needs="verify")
    def complete_part(self) -> None:
        """Some of what was ordered is verified."""

    @transition("active | partially_completed", "completed", needs="verify")
    def complete(self) -> None:
        """All that was ordered, and not cancelled, is verified."""
        self.completed_at = now()

    @transition("active | partially_completed", "cancelled", needs="cancel")
    def cancel(self) -> None:
        """Nothing more of the order will be examined."""


class Sample(Voidable, Exposed, Record):
    """What was taken from the patient, known by its barcode.

    to_collect → collected → received → disposed;  to_collect | collected | received → rejected
    """

    __tablename__ = "laboratory_sample"

    barcode: Mapped[str] = mapped_column(sa.String(40), unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patients_patient.id"), index=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_order.id"), index=True)
    sample_type: Mapped[str] = mapped_column(Choice(*SAMPLE_TYPES, name="sample_type"))
    status: Mapped[str] = mapped_column(
        Choice("to_collect", "collected", "received", "disposed", "rejected", name="status"), default="to_collect"
    )
    collected_at: Mapped[datetime | None]
    collected_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    received_at: Mapped[datetime | None]
    received_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    reject_reason: Mapped[str | None] = mapped_column(sa.String(200))
    recollect_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("laboratory_sample.id"), index=True)

    @transition("to_collect", "collected", needs="collect")
    def collect(self) -> None:
        """The sample was taken from the patient."""
        self.collected_at, self.collected_by = now(), self.updated_by

    @transition("collected", "received", needs="receive")
    def receive(self) -> None:
        """The sample is in the laboratory."""
        self.received_at, self.received_by = now(), self.updated_by

    @transition("received", "disposed", needs="receive")
    def dispose(self) -> None:
        """The sample is not kept any longer."""

    @transition("to_collect | collected | received", "rejected", needs="receive")
    def reject(self, reject_reason: str) -> None:
        """The sample cannot be used."""
        self.reject_reason = reject_reason


class OrderItem(Voidable, Record):
    """One test of an order.

    ordered → collected → received → in_process → resulted → verified;  verified → amended → verified;
    ordered | collected → cancelled;  collected | received | in_process → ordered (its sample was rejected)
    """

    __tablename__ = "laboratory_orderitem"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_order.id"), index=True)
    test_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_test.id"), index=True)
    sample_id: Mapped[int | None] = mapped_column(sa.ForeignKey("laboratory_sample.id"), index=True)
    status: Mapped[str] = mapped_column(
        Choice(
            "ordered",
            "collected",
            "received",
            "in_process",
            "resulted",
            "verified",
            "amended",
            "cancelled",
            name="status",
        ),
        index=True,
        default="ordered",
    )
    repeat_reason: Mapped[str | None] = mapped_column(sa.String(200))
    cancel_reason: Mapped[str | None] = mapped_column(sa.String(200))

    @transition("ordered", "collected", needs="collect")
    def collect(self, sample_id: int) -> None:
        """Its sample was taken from the patient."""
        self.sample_id = sample_id

    @transition("collected", "received", needs="receive")
    def receive(self) -> None:
        """Its sample is in the laboratory."""

    @transition("received", "in_process", needs="enter")
    def start(self) -> None:
        """The laboratory examines the sample."""

    @transition("in_process", "resulted", needs="enter")
    def record_result(self) -> None:
        """Something was found and waits to be verified."""

    @transition("resulted | amended", "verified", needs="verify")
    def verify(self) -> None:
        """A second person stands for what was found."""

    @transition("verified", "amended", needs="amend")
    def amend(self) -> None:
        """What was verified has a new version, which waits to be verified."""

    @transition("ordered | collected", "cancelled", needs="cancel")
    def cancel(self, cancel_reason: str) -> None:
        """The test is not made."""
        self.cancel_reason = cancel_reason

    @transition("collected | received | in_process", "ordered", needs="receive")
    def send_back(self) -> None:
        """Its sample was rejected, and another one is needed."""
        self.sample_id = None


class Result(Voidable, Exposed, Record):
    """One value found, with the range that was valid then; amending adds a version.

    preliminary → final → amended;  preliminary | final | amended → entered_in_error
    """

    __tablename__ = "laboratory_result"

    order_item_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_orderitem.id"), index=True)
    parameter_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_parameter.id"), index=True)
    value_num: Mapped[Decimal | None] = mapped_column(Fixed(6))
    value_text: Mapped[str | None] = mapped_column(sa.Text)
    unit: Mapped[str | None] = mapped_column(sa.String(20))
    range_low: Mapped[Decimal | None] = mapped_column(Fixed(6))
    range_high: Mapped[Decimal | None] = mapped_column(Fixed(6))
    range_text: Mapped[str | None] = mapped_column(sa.String(120))
    flag: Mapped[str | None] = mapped_column(Choice("N", "L", "H", "LL", "HH", "A", "AA", name="flag"))
    status: Mapped[str] = mapped_column(
        Choice("preliminary", "final", "amended", "entered_in_error", name="status"), default="preliminary"
    )
    entered_by: Mapped[int] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    entered_at: Mapped[datetime] = mapped_column(default=now)
    verified_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    verified_at: Mapped[datetime | None]
    previous_id: Mapped[int | None] = mapped_column(sa.ForeignKey("laboratory_result.id"), index=True)
    comment: Mapped[str | None] = mapped_column(sa.Text)
    active_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)

    @transition("preliminary", "final", needs="verify")
    def verify(self) -> None:
        """A second person stands for the value."""
        self.verified_at, self.verified_by = now(), self.updated_by

    @transition("final", "amended", needs="amend")
    def amend(self) -> None:
        """A newer version takes the place of this value, which can still be read."""
        self.active_key = None

    @transition("preliminary | final | amended", "entered_in_error", needs="amend")
    def mark_as_error(self) -> None:
        """The value was never true of this patient."""
        self.active_key = None


class CriticalAlert(Voidable, Record):
    """A critical result that stays open until somebody was told and read it back."""

    __tablename__ = "laboratory_criticalalert"

    result_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_result.id"), unique=True)
    raised_at: Mapped[datetime] = mapped_column(default=now)
    notified_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    acknowledged_by: Mapped[int | None] = mapped_column(sa.ForeignKey("auth_user.id"), index=True)
    acknowledged_at: Mapped[datetime | None] = mapped_column(index=True)
    readback: Mapped[str | None] = mapped_column(sa.String(300))
    escalated_at: Mapped[datetime | None]


class Report(Voidable, Exposed, Record):
    """What leaves the laboratory for an order, and whether all of it is verified.

    registered → partial → preliminary → final → amended;  registered → preliminary | final;  partial → final
    """

    __tablename__ = "laboratory_report"

    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("laboratory_order.id"), unique=True)
    status: Mapped[str] = mapped_column(
        Choice("registered", "partial", "preliminary", "final", "amended", name="status"), default="registered"
    )
    released_at: Mapped[datetime | None]
    version_no: Mapped[int] = mapped_column(default=1)
    printed_count: Mapped[int] = mapped_column(default=0)

    @transition("registered", "partial", needs="verify")
    def release_part(self) -> None:
        """Some of the order is verified; the report is a draft and says what is pending."""

    @transition("registered | partial", "preliminary", needs="verify")
    def release_preliminary(self) -> None:
        """All of the order has values, and not all of them are verified."""

    @transition("registered | partial | preliminary", "final", needs="verify")
    def release(self) -> None:
        """All of the order is verified."""
        self.released_at = now()

    @transition("final", "amended", needs="amend")
    def amend(self) -> None:
        """A value of the report was corrected, and the report shows the old one and the new."""
        self.released_at, self.version_no = now(), self.version_no + 1
