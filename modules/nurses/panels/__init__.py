"""What nursing shows on the pages of patients, stays and nurses, and on the bed board."""

from modules.nurses.panels import beds, nursing, patient, stay

__all__ = ["beds", "nursing", "patient", "stay"]
