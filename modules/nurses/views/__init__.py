"""The pages of nursing."""

from modules.nurses.views import boards, doses, vitals

__all__ = ["boards", "doses", "vitals"]
