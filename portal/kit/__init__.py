"""Everything a module may use of the portal, and nothing else; fields of forms are in `portal.kit.forms`."""

from flask_login import current_user

from portal.clock import now
from portal.extensions import db
from portal.i18n import _, ngettext
from portal.kit.audit import give_reason, history_of
from portal.kit.events import emit, on
from portal.kit.lists import Column, Found, Listing, day_bounds, filters_in_url
from portal.kit.models import HospitalProfile
from portal.kit.module import Module
from portal.kit.records import Refused, edit_page, get_or_404, once, saved
from portal.kit.sequences import next_number, next_value
from portal.kit.states import WrongState, guarded_update, moves_from, transition
from portal.pages.answers import form_page, go, is_htmx, page
from portal.record import Exposed, Record, Voidable
from portal.tenancy.current import current_hospital
from portal.times import today
from portal.types import Choice, Fixed, Money, Qty, UTCDateTime, new_uuid

__all__ = [
    "Choice",
    "Column",
    "Exposed",
    "Fixed",
    "Found",
    "HospitalProfile",
    "Listing",
    "Module",
    "Money",
    "Qty",
    "Record",
    "Refused",
    "UTCDateTime",
    "Voidable",
    "WrongState",
    "_",
    "current_hospital",
    "current_user",
    "day_bounds",
    "db",
    "edit_page",
    "emit",
    "filters_in_url",
    "form_page",
    "get_or_404",
    "give_reason",
    "go",
    "guarded_update",
    "history_of",
    "is_htmx",
    "moves_from",
    "new_uuid",
    "next_number",
    "next_value",
    "ngettext",
    "now",
    "on",
    "once",
    "page",
    "saved",
    "today",
    "transition",
]
