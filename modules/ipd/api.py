"""What other modules may ask about inpatients, and how they send a patient to a ward.

What keeps a patient from going home: `@module.fills("ipd.blockers", needs=…)` on a function that gets the `Admission`
and gives a list of `Blocker`s, also those that are done, so that the checklist shows both.
"""

from modules.ipd.admitting import admit, request_admission
from modules.ipd.blockers import Blocker
from modules.ipd.care_seed import expected_today
from modules.ipd.models import Admission, Clearance
from modules.ipd.stays import Stay, inpatients, open_admission_of

__all__ = [
    "Admission",
    "Blocker",
    "Clearance",
    "Stay",
    "admit",
    "expected_today",
    "inpatients",
    "open_admission_of",
    "request_admission",
]
