"""What beds need without anybody asking: reservations lapse, and states are compared at night."""

from modules.rooms.agreement import check_nightly
from modules.rooms.holding import lapse_reservations
from portal.kit.housekeeping import hourly

hourly(lapse_reservations)
hourly(check_nightly)
