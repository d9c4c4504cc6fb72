"""The pages of nursing."""

from modules.nurses.views import boards, care, doses, handover, nurses, vitals

__all__ = ["boards", "care", "doses", "handover", "nurses", "vitals"]
