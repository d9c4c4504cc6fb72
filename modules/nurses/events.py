"""What nursing does about what happens elsewhere."""

from modules.nurses.slots import plan_prescription
from modules.nurses.stopping import stop_doses_ahead
from portal.kit import Record, _, on


@on("prescription.active")
def plan_doses(prescription: Record) -> None:
    """What a doctor signs for the ward is due there from then on (NUR-7)."""
    plan_prescription(prescription)


@on("prescriptionitem.stopped")
@on("prescriptionitem.cancelled")
def stop_doses_of(item: Record) -> None:
    """A drug that is stopped is not given any more (NUR-7)."""
    stop_doses_ahead(item.id, note=_("The drug was stopped"))
