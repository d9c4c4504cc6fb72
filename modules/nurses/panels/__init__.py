"""What nursing shows on the pages of patients, stays and nurses, beside a consultation, and on the bed board."""

from modules.nurses.panels import beds, nursing, patient, stay, visit

__all__ = ["beds", "nursing", "patient", "stay", "visit"]
