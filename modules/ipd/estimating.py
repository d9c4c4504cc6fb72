"""What a stay is expected to cost, before it begins: nights, visits of the doctor, and what else is planned.

Prices and policies are other modules’, known here by their tables; an estimate binds nobody and is not kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa

from modules.ipd.models import Admission
from modules.patients.api import Insurance
from modules.rooms.api import Ward
from portal.kit import Record, _, current_user, db, today

CENT, ZERO = Decimal("0.01"), Decimal(0)
USUAL_NIGHTS, MOST_NIGHTS, MOST_OF_ONE = 3, 365, 99


@dataclass(frozen=True)
class Line:
    """Something that is to be paid for, so many times at a price, with its tax in percent."""

    what: str
    quantity: int
    price: Decimal
    tax_rate: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        """The price for all of it, without tax."""
        return self.price * self.quantity

    @property
    def tax(self) -> Decimal:
        """The tax on it, rounded half up."""
        return rounded(self.amount * self.tax_rate / 100)


@dataclass(frozen=True)
class Share:
    """What a policy is expected to pay."""

    insurer: str
    percent: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Estimate:
    """The lines with their sums, and who is expected to pay what."""

    lines: list[Line]
    share: Share | None

    @property
    def subtotal(self) -> Decimal:
        """All of it without tax."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """The tax on all of it."""
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        """What the stay is expected to cost."""
        return self.subtotal + self.tax

    @property
    def to_pay(self) -> Decimal:
        """What is left for the patient."""
        return self.total - (self.share.amount if self.share else ZERO)


def rounded(value: Decimal) -> Decimal:
    """Two places, half up."""
    return value.quantize(CENT, ROUND_HALF_UP)


def estimate(admission: Admission, ward: Ward | None, nights: int, wanted: Iterable[tuple[int, int]]) -> Estimate:
    """What so many nights in a ward cost, with a visit of the doctor each day and what else is wanted."""
    services = priced(ward, wanted)
    lines = []
    if ward and ward.bed_charge_service_id in services:
        lines.append(_line(services[ward.bed_charge_service_id], nights))
    fee = admission.attending.ipd_visit_fee
    if fee:
        lines.append(Line(_("Visits of {name}", name=admission.attending), nights, fee))
    lines += [_line(services[service], quantity) for service, quantity in wanted if service in services]
    bare = Estimate(lines, None)
    return Estimate(lines, share_of(admission.patient_id, bare.total))


def _line(service: sa.Row, quantity: int) -> Line:
    return Line(service.name, quantity, service.price, service.tax_rate)


def priced(ward: Ward | None, wanted: Iterable[tuple[int, int]]) -> Mapping[int, sa.Row]:
    """The services that an estimate names, by id."""
    table = Record.metadata.tables["billing_service"]
    ids = {service for service, _quantity in wanted} | ({ward.bed_charge_service_id} if ward else set())
    return {row.id: row for row in db.session.execute(sa.select(table).where(table.c.id.in_(ids - {None})))}


def service_choices() -> dict[int, str]:
    """What may be added to an estimate: everything on the price list but nights, by name."""
    table = Record.metadata.tables["billing_service"]
    query = sa.select(table.c.id, table.c.name).where(table.c.is_active, table.c.category != "bed")
    return dict(db.session.execute(query.order_by(table.c.name, table.c.id)).all())


def share_of(patient_id: int, total: Decimal) -> Share | None:
    """What the patient’s policy pays of a sum, for those who see policies; the best one where there are several."""
    if not current_user.may("patients.insurance_view"):
        return None
    insurer = Record.metadata.tables["billing_insurer"]
    query = sa.select(Insurance, insurer.c.name).join(insurer, insurer.c.id == Insurance.insurer_id)
    policies = db.session.execute(query.where(Insurance.patient_id == patient_id, Insurance.status == "active"))
    shares = [
        Share(name, one.coverage_pct, max(ZERO, rounded(total * one.coverage_pct / 100) - one.copay))
        for one, name in policies
        if one.covers(today())
    ]
    return max(shares, key=lambda share: share.amount, default=None)
