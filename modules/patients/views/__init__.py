"""The pages of patients: the register, what is known of somebody, merging, printing."""

from modules.patients.views import clinical, merging, patients, printing

__all__ = ["clinical", "merging", "patients", "printing"]
