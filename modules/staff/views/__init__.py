"""The pages of the staff register, of departments and of credentials."""

from modules.staff.views import credentials, departments, directory, own, printing

__all__ = ["credentials", "departments", "directory", "own", "printing"]
