"""What nursing shows on the pages of patients and nurses, and on the bed board."""

from modules.nurses.panels import beds, nursing, patient

__all__ = ["beds", "nursing", "patient"]
