"""The pages of wards and rooms: the lists, adding, changing and closing, and how full a ward was."""

import sqlalchemy as sa
from flask import flash, request, url_for

from modules.rooms import module, words
from modules.rooms.find import (
    ROOM_FILTERS,
    all_wards,
    beds_in_rooms,
    beds_in_wards,
    filtered_rooms,
    searched_rooms,
)
from modules.rooms.forms import EditRoomForm, EditWardForm, NewRoomForm, NewWardForm
from modules.rooms.models import Room, Ward
from modules.rooms.occupancy import occupancy_by_day
from portal.kit import Column, Listing, _, db, edit_page, form_page, get_or_404, go, once, page
from portal.kit.charts import Series, bar_chart
from portal.kit.csv_export import csv_file

in_wards, in_rooms = beds_in_wards(), beds_in_rooms()
ward_beds, ward_occupied = (sa.func.coalesce(one, 0) for one in (in_wards.c.count, in_wards.c.occupied))
room_beds = sa.func.coalesce(in_rooms.c.count, 0)
ward_columns = (
    Column("name", _("Ward"), sort=Ward.name, value=lambda row: row.Ward.name),
    Column("code", _("Code"), value=lambda row: row.Ward.code, shown=False),
    Column("kind", _("Kind"), sort=Ward.kind, value=lambda row: words.WARD_KINDS[row.Ward.kind]),
    Column("policy", _("Takes"), value=lambda row: words.POLICIES[row.Ward.gender_policy]),
    Column("floor", _("Floor"), sort=Ward.floor, value=lambda row: row.Ward.floor),
    Column("beds", _("Beds"), sort=ward_beds, numeric=True, value=lambda row: row.beds),
    Column("occupied", _("Occupied"), sort=ward_occupied, numeric=True, value=lambda row: row.occupied),
)
room_columns = (
    Column("number", _("Room"), sort=Room.number, value=lambda row: row.Room.number),
    Column("kind", _("Kind"), sort=Room.kind, value=lambda row: words.ROOM_KINDS[row.Room.kind]),
    Column("ward", _("Ward"), sort=Ward.name, value=lambda row: row.Ward and row.Ward.name),
    Column("floor", _("Floor"), sort=Room.floor, value=lambda row: row.Room.floor),
    Column("beds", _("Beds"), sort=room_beds, numeric=True, value=lambda row: row.beds),
    Column("status", _("Status"), sort=Room.status, value=lambda row: words.ROOM_STATES[row.Room.status][-1]),
)


@module.get("/wards/", needs="view")
def ward_index():
    """The wards, whom they take, and how full they are now."""
    return page("rooms/wards.html", listing=ward_list(), words=words)


def ward_list() -> Listing:
    """Every ward with its beds in use."""
    query = sa.select(Ward, ward_beds.label("beds"), ward_occupied.label("occupied"))
    return Listing(
        query=query.outerjoin(in_wards, in_wards.c.ward_id == Ward.id),
        columns=ward_columns,
        noun=(_("ward"), _("wards")),
        default_sort="name",
        tie=Ward.id,
        kept=("sort", "page", "per_page"),
        rows=db.session.execute,
    )


@module.get("/wards/<int:record_id>", needs="view")
def ward(record_id: int):
    """One ward: what it takes, its rooms, and how full it was in the last two weeks."""
    one = get_or_404(Ward, record_id)
    shares = occupancy_by_day(one)
    labels = [f"{day.day} {day:%b}" for day in shares]
    chart = bar_chart(labels, [Series(_("Occupied"), shares.values())], "%")
    return page("rooms/ward.html", ward=one, chart=chart, rooms=rooms_of(one), words=words)


def rooms_of(one: Ward) -> list[sa.Row]:
    """The rooms of a ward with the number of their beds."""
    query = sa.select(Room, room_beds.label("beds")).outerjoin(in_rooms, in_rooms.c.room_id == Room.id)
    return list(db.session.execute(query.where(Room.ward_id == one.id).order_by(Room.number)))


@module.form("/wards/new", needs="add")
def ward_new():
    """Open a ward."""
    form = NewWardForm()
    added = once(form, Ward, form.save)
    if added is None:
        return form_page("rooms/ward_form.html", form, record=None)
    flash(_("{name} is added.", name=added), "success")
    return go(url_for(".ward", record_id=added.id))


@module.form("/wards/<int:record_id>/edit", needs="change")
def ward_edit(record_id: int):
    """Change or close a ward."""
    one = get_or_404(Ward, record_id)
    return edit_page("rooms/ward_form.html", EditWardForm(obj=one), one, url_for(".ward", record_id=record_id))


@module.get("/list/", needs="view")
def room_index():
    """Every room, by kind, ward and whether it is in use."""
    return page("rooms/rooms.html", listing=room_list(), wards=all_wards(), words=words, count=count_rooms)


def count_rooms(**filters: str) -> int:
    """How many rooms the list shows with these filters."""
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(filtered_rooms(sa.select(Room), filters).subquery())
    )


def room_list() -> Listing:
    """The list with the search and the filters of the address."""
    q = request.args.get("q", "").strip()
    query = sa.select(Room, Ward, room_beds.label("beds")).outerjoin(Ward, Ward.id == Room.ward_id)
    query = query.outerjoin(in_rooms, in_rooms.c.room_id == Room.id)
    return Listing(
        query=searched_rooms(filtered_rooms(query, request.args), q),
        columns=room_columns,
        noun=(_("room"), _("rooms")),
        default_sort="number",
        tie=Room.id,
        kept=("q", *ROOM_FILTERS, "sort", "page", "per_page"),
        q=q,
        rows=db.session.execute,
    )


@module.search("/list/export", needs="view")
def room_export():
    """The rooms of the list as a file for a spreadsheet."""
    return csv_file(room_list(), "rooms")


@module.form("/list/new", needs="add")
def room_new():
    """Open a room."""
    form = NewRoomForm()
    added = once(form, Room, form.save)
    if added is None:
        return form_page("rooms/room_form.html", form, record=None)
    flash(_("{name} is added.", name=added), "success")
    return go(url_for(".room_index"))


@module.form("/list/<int:record_id>/edit", needs="change")
def room_edit(record_id: int):
    """Change a room."""
    one = get_or_404(Room, record_id)
    return edit_page("rooms/room_form.html", EditRoomForm(obj=one), one, url_for(".room_index"))


@module.moves(Room, "/list", start_maintenance=None, end_maintenance=None)
def after_room_move(room: Room) -> str:
    """Back to the list."""
    return url_for("rooms.room_index")
