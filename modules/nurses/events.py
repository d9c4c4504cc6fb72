"""What nursing does about what happens elsewhere."""

from modules.nurses.caring import take_over
from modules.nurses.slots import plan_prescription
from modules.nurses.stopping import stop_doses, stop_doses_ahead
from modules.nurses.tasks import cancel_tasks, set_admission_tasks
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


@on("handover.accepted")
def care_from_now(handover: Record) -> None:
    """Who takes a patient over cares for them in the shift that begins."""
    take_over(handover)


@on("ipd.admitted")
def begin_care(admission: Record) -> None:
    """Who is admitted has to be asked, weighed and given a wristband."""
    set_admission_tasks(admission.encounter_id)


@on("ipd.discharged")
@on("ipd.voided")
def end_care(admission: Record) -> None:
    """Nothing is given to who has left, and nothing is to be done for them."""
    note = _("The patient has left")
    stop_doses(admission.encounter_id, note=note)
    cancel_tasks(admission.encounter_id, note=note)
