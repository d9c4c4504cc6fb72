"""Boards: pages that people leave open, and that ask for their changing part every 15 seconds."""

from portal.pages.answers import is_htmx, page


def board_page(template: str, part: str, **context):
    """A board as a whole page, or only its part when it asks for itself; both get the same `context`."""
    return page(part if is_htmx() else template, **context)
