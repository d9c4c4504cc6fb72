"""What doctors do about what happens elsewhere."""

from modules.doctors.stopping import stop_all_of
from portal.kit import Record, _, on


@on("patient.deceased")
def stop_for_who_died(patient: Record) -> None:
    """Nobody gets anything after their death."""
    stop_all_of(patient.id, note=_("The patient has died"))
