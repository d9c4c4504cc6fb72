"""The moves of a record as pages: its buttons, the question or form before one, and the answer after it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, flash, url_for
from flask_login import current_user

from portal.i18n import _
from portal.kit.records import RecordForm, get_or_404, saved
from portal.kit.states import Transition, moves_from
from portal.pages.answers import form_page, go
from portal.record import Record


class MoveForm(RecordForm):
    """What somebody answers before a move of `record`; its fields are the arguments of the move's method.

    `template` is the page that asks: one that extends `records/move.html` may say more about what moves.
    """

    template = "records/move.html"

    def __init__(self, *args, record: Record | None = None, **kwargs):
        self.record = record
        super().__init__(*args, **kwargs)


@dataclass(frozen=True)
class Offer:
    """A move that the person at work may make now: its words and address; `asks` where a page comes first."""

    label: str
    says: str
    url: str
    asks: bool


def label_of(move: Transition) -> str:
    """The words of a move's button: “Record death” for `record_death`."""
    return _(move.name.replace("_", " ").capitalize())


def moves_of(record: Record) -> list[Offer]:
    """The moves that are possible from the record's state and permitted to the person at work: its buttons."""
    offers = []
    for move in moves_from(record):
        module, endpoint = _registered(record, move)
        if endpoint and current_user.may(f"{module}.{move.needs}"):
            is_asked = "GET" in _methods(endpoint)
            offers.append(Offer(label_of(move), move.says, url_for(endpoint, record_id=record.id), is_asked))
    return offers


def _registered(record: Record, move: Transition) -> tuple[str, str | None]:
    for module in current_app.extensions["modules"].values():
        if (type(record), move.name) in module.moving:
            return module.name, module.moving[type(record), move.name]
    return "", None


def _methods(endpoint: str) -> set[str]:
    return set().union(*(rule.methods for rule in current_app.url_map.iter_rules(endpoint)))


def move_view(model: type[Record], move: Transition, form_class: type[MoveForm], after: Callable) -> Callable:
    """The view of one move: asks where there is something to ask, makes the move, and goes where `after` says."""

    def view(record_id: int):
        record = get_or_404(model, record_id)
        form = form_class(record=record)
        if saved(form, lambda: getattr(record, move.name)(**form.answers) or record) is None:
            words = {"label": label_of(move), "says": move.says, "asks": move.asks}
            return form_page(form.template, form, record=record, back=after(record), **words)
        flash(_("{record}: {says}", record=record, says=move.says), "success")
        return go(after(record))

    view.__doc__ = move.says
    return view
