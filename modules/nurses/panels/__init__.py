"""What nursing shows on the pages of patients and on the bed board."""

from modules.nurses.panels import beds, patient

__all__ = ["beds", "patient"]
