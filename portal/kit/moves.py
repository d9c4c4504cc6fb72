"""The moves of a record as pages: its buttons, the question or form before one, and the answer after it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature

from flask import current_app, flash, url_for
from flask_login import current_user

from portal.extensions import db
from portal.i18n import _
from portal.kit.records import RecordForm, get_or_404, saved
from portal.kit.states import Transition, moves_from, refuse_move, transitions_of
from portal.pages.answers import back_to, form_page, go
from portal.record import Record
from portal.tenancy.current import current_hospital


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


def refuse_misfit(model: type[Record], forms: Mapping[str, type[MoveForm] | None]) -> None:
    """Raise TypeError for a form of a move that is not there, and for a move whose form does not ask what it needs."""
    moves = [move.name for move in transitions_of(model)]
    for name in forms.keys() - set(moves):
        raise TypeError(f"{model.__name__} has no move “{name}”; it has {', '.join(moves)}")
    for name in moves:
        form = forms.get(name, MoveForm)
        if form is not None and form.answers is RecordForm.answers:
            lost = [word for word in _needed(getattr(model, name)) if not hasattr(form, word)]
            if lost:
                cure = f"give `moves` a form for it, or {name}=None where only code makes the move"
                raise TypeError(f"{model.__name__}.{name} needs “{'”, “'.join(lost)}”: {cure}")


def _needed(move: Callable) -> list[str]:
    """The arguments of a move that have to be given."""
    _record, *asked = signature(move).parameters.values()
    named = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    return [one.name for one in asked if one.kind in named and one.default is Parameter.empty]


def label_of(move: Transition) -> str:
    """The words of a move's button: “Record death” for `record_death`."""
    return _(move.name.replace("_", " ").capitalize())


def moves_of(record: Record) -> list[Offer]:
    """The moves that are possible from the record's state and permitted to the person at work: its buttons."""
    offers = []
    for move in moves_from(record):
        module, endpoint = _registered(record, move)
        if endpoint and module in current_hospital().modules and current_user.may(f"{module}.{move.needs}"):
            is_asked = "GET" in _methods(endpoint)
            offers.append(Offer(label_of(move), move.says, url_for(endpoint, record_id=record.id), is_asked))
    return offers


def way_on(record: Record | None) -> str | None:
    """Where people see a record as it is now: the page they come to after its moves; None where there is no such page.

    What was only to be added, and was taken back, is nowhere.
    """
    if record is None or record not in db.session:
        return None
    known = [module.after[type(record)] for module in _modules() if type(record) in module.after]
    return known[0](record) if known else None


def _modules() -> Iterable:
    return current_app.extensions["modules"].values()


def _registered(record: Record, move: Transition) -> tuple[str, str | None]:
    for module in _modules():
        if (type(record), move.name) in module.moving:
            return module.name, module.moving[type(record), move.name]
    return "", None


def _methods(endpoint: str) -> set[str]:
    return set().union(*(rule.methods for rule in current_app.url_map.iter_rules(endpoint)))


def move_view(model: type[Record], move: Transition, form_class: type[MoveForm], after: Callable) -> Callable:
    """The view of one move: asks where there is something to ask, makes the move, and goes where `after` says."""

    def view(record_id: int):
        record = get_or_404(model, record_id)
        if move not in moves_from(record):
            refuse_move(record)
        form = form_class(record=record)
        if saved(form, lambda: getattr(record, move.name)(**form.answers) or record) is None:
            words = {"label": label_of(move), "says": move.says, "asks": move.asks}
            return form_page(form.template, form, record=record, back=back_to(after(record)), **words)
        flash(_("{record}: {says}", record=record, says=move.says), "success")
        return go(back_to(after(record)))

    view.__doc__ = move.says
    return view
