"""The pages of nursing."""

from modules.nurses.views import vitals

__all__ = ["vitals"]
