"""What nursing needs without anybody asking: the doses of the next 24 hours are planned every hour (NUR-7)."""

from modules.nurses.slots import extend_doses
from portal.kit.housekeeping import hourly

hourly(extend_doses)
