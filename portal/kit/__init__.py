"""Everything a module may use of the portal, and nothing else; fields of forms are in `portal.kit.forms`."""

from flask_login import current_user

from portal.clock import now
from portal.extensions import db
from portal.i18n import _, ngettext
from portal.kit.audit import give_reason, history_of
from portal.kit.boards import board_page
from portal.kit.events import emit, on
from portal.kit.holds import held, hold
from portal.kit.life import life_of
from portal.kit.lists import Column, Found, Listing, day_asked, day_bounds, day_named, filters_in_url
from portal.kit.models import HospitalProfile
from portal.kit.module import Module
from portal.kit.moves import MoveForm, moves_of
from portal.kit.parts import Act, Fact, Moment, filled, fragment, parts_at, record_page, show, timeline_of
from portal.kit.records import Refused, acted, edit_page, get_or_404, once, saved
from portal.kit.sequences import next_number, next_value
from portal.kit.states import WrongState, guarded_update, moves_from, transition
from portal.pages.answers import back_to, form_page, go, is_htmx, page
from portal.record import Exposed, Record, Voidable
from portal.tenancy.current import current_hospital
from portal.times import today
from portal.types import Choice, Fixed, Money, Qty, UTCDateTime, new_uuid

__all__ = [
    "Act",
    "Choice",
    "Column",
    "Exposed",
    "Fact",
    "Fixed",
    "Found",
    "HospitalProfile",
    "Listing",
    "Module",
    "Moment",
    "Money",
    "MoveForm",
    "Qty",
    "Record",
    "Refused",
    "UTCDateTime",
    "Voidable",
    "WrongState",
    "_",
    "acted",
    "back_to",
    "board_page",
    "current_hospital",
    "current_user",
    "day_asked",
    "day_bounds",
    "day_named",
    "db",
    "edit_page",
    "emit",
    "filled",
    "filters_in_url",
    "form_page",
    "fragment",
    "get_or_404",
    "give_reason",
    "go",
    "guarded_update",
    "held",
    "history_of",
    "hold",
    "is_htmx",
    "life_of",
    "moves_from",
    "moves_of",
    "new_uuid",
    "next_number",
    "next_value",
    "ngettext",
    "now",
    "on",
    "once",
    "page",
    "parts_at",
    "record_page",
    "saved",
    "show",
    "timeline_of",
    "today",
    "transition",
]
