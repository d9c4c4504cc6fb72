"""What the register of doctors does without anybody asking."""

from modules.doctors.warnings import warn_of_licences
from portal.kit.housekeeping import hourly

hourly(warn_of_licences)
