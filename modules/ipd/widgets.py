"""What the dashboard shows of inpatients."""

from modules.doctors.api import find_own
from modules.ipd import module, words
from modules.ipd.find import count_stays, count_waiting
from modules.ipd.models.admission import IN_BED, Admission
from modules.ipd.stays import read_stays, stays
from portal.kit import _, fragment

SEES = "view | view_own"


@module.tile("stays", _("Inpatients"), "bed", needs=SEES, roles="hospital_admin doctor")
def stay_count(**filters: str) -> int:
    """Who stays here now, as far as the person at work sees them."""
    return count_stays(**filters)


@module.tile(
    "waiting", _("Waiting for a bed"), "hourglass", needs="view | view_own | bed_assign | register",
    opens="request_index", roles="receptionist",
)  # fmt: skip
def waiting_count(**_filters: str) -> int:
    """Who waits for a bed."""
    return count_waiting()


@module.tile(
    "leaving", _("Going home"), "door-exit",
    needs="view | view_own | clear_pharmacy | clear_laboratory | clear_billing",
    opens="leaving_index", roles="nurse doctor pharmacist lab_technician cashier", order=55,
)  # fmt: skip
def leaving_count(**_filters: str) -> int:
    """Whose discharge is ordered."""
    return count_stays(status="discharge_ordered")


@module.widget("mine", _("My inpatients"), needs=SEES, roles="doctor", order=20)
def my_inpatients() -> str:
    """The inpatients that the doctor who is signed in is in charge of."""
    own = find_own()
    mine = stays(Admission.status.in_(IN_BED), Admission.attending_id == (own.id if own else None))
    return fragment("ipd/_mine.html", rows=read_stays(mine.order_by(Admission.admitted_at).limit(12)), words=words)
