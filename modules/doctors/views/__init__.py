"""The pages of doctors."""

from modules.doctors.views import directory, my_day, pad, prescriptions, referrals

__all__ = ["directory", "my_day", "pad", "prescriptions", "referrals"]
