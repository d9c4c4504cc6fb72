"""What the staff register does without anybody asking."""

from modules.staff.reminders import remind_of_credentials
from portal.kit.housekeeping import hourly

hourly(remind_of_credentials)
