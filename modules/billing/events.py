"""What billing does about what happens elsewhere."""

import sqlalchemy as sa

from modules.billing.models import Invoice
from portal.kit import Record, Refused, _, db, on

UNPAID = ("issued", "partially_paid")


@on("patient.merging")
def refuse_while_something_is_to_pay(merge: Record) -> None:
    """Two records become one only when neither has an unpaid invoice (PAT-3)."""
    ids = (merge.kept_id, merge.merged_id)
    unpaid = sa.select(Invoice).where(
        Invoice.patient_id.in_(ids), Invoice.status.in_(UNPAID), Invoice.voided_at.is_(None)
    )
    invoice = db.session.scalar(unpaid.order_by(Invoice.id).limit(1))
    if invoice:
        number = invoice.number
        raise Refused(_("Invoice {number} is not paid. Settle it before you merge the records", number=number))
