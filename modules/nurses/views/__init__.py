"""The pages of nursing."""

from modules.nurses.views import boards, care, caring, doses, handover, nurses, vitals

__all__ = ["boards", "care", "caring", "doses", "handover", "nurses", "vitals"]
