"""What the emergency department needs without anybody asking: who waits too long is told."""

from modules.emergency.waits import tell_breaches
from portal.kit.housekeeping import hourly

hourly(tell_breaches)
