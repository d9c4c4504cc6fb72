"""What every template may ask for: the site's name, the menu, the theme and the language."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from portal.i18n import _
from portal.kit.module import GROUPS
from portal.kit.moves import moves_of
from portal.tenancy.current import find_current_hospital
from portal.times import clock, day, moment, since

HTMX = Path(__file__).parent / "static" / "vendor" / "htmx" / "htmx.min.js"


def install(app: Flask) -> None:
    """Give the templates their words and filters."""
    app.context_processor(site)
    app.jinja_env.filters |= {"day": day, "moment": moment, "since": since, "clock": clock}
    app.jinja_env.globals["moves_of"] = moves_of
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def site() -> dict:
    """The frame of the page that is being written."""
    hospital = find_current_hospital()
    theme = request.cookies.get("theme") if request else None
    return {
        "hospital": hospital,
        "site_name": hospital.name if hospital else _("Platform console"),
        "locale": hospital.locale if hospital else current_app.extensions["settings"].default_locale,
        "theme": theme if theme in ("light", "dark") else None,
        "htmx_integrity": _integrity(),
        "menu": menu() if hospital else [],
        "patient_search": bool(hospital and current_user.is_authenticated and current_user.may("patients.view")),
    }


def menu() -> list[dict]:
    """The modules this person may open in this hospital, in their groups; the group of the current page is open."""
    hospital = find_current_hospital()
    if hospital is None or not current_user.is_authenticated:
        return []
    entries = [
        (module.menu_entry, module.name)
        for module in current_app.extensions["modules"].values()
        if module.menu_entry and module.name in hospital.modules and current_user.may(module.menu_entry.permission)
    ]
    return [
        {"label": group, "open": True, "items": [_item(entry, name) for entry, name in entries if entry.group == group]}
        for group in GROUPS
        if any(entry.group == group for entry, _name in entries)
    ]


def _item(entry, name: str) -> dict:
    return {
        "label": entry.label,
        "icon": entry.icon,
        "url": url_for(entry.endpoint),
        "current": request.blueprint == name,
        "count": None,
    }


@cache
def _integrity() -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(HTMX.read_bytes()).digest()).decode()
