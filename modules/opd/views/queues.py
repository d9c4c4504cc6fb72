"""The page of a queue: calling the next patient, calling again, skipping, and pausing the whole queue."""

from collections.abc import Callable

from flask import flash, url_for

from modules.doctors.api import find_own
from modules.opd import module, words
from modules.opd.board import read_board
from modules.opd.forms.desk import CallForm
from modules.opd.models import Queue, Token
from modules.opd.queueing import call_again, call_next, call_token
from portal.kit import Record, _, acted, board_page, get_or_404, go


@module.get("/queues/<int:record_id>", needs="token_view")
def queue(record_id: int):
    """Who waits in a queue, and who is called."""
    one = get_or_404(Queue, record_id)
    form = CallForm(formdata=None, queue=one, data={"counter": str(one.room)})
    board = read_board([one])
    shown = {"board": board, "line": board.lines[0], "form": form, "own": find_own(), "words": words}
    return board_page("opd/queue.html", "opd/_queue.html", queue=one, **shown)


@module.post("/queues/<int:record_id>/call-next", needs="call")
def queue_call_next(record_id: int):
    """Call who comes next."""
    one = get_or_404(Queue, record_id)
    return called(one, lambda counter: call_next(one, counter))


@module.post("/tokens/<int:record_id>/call", needs="call")
def token_call(record_id: int):
    """Call this patient, out of turn."""
    token = get_or_404(Token, record_id, hold=False)
    return called(token.queue, lambda counter: call_token(token, counter))


@module.post("/tokens/<int:record_id>/call-again", needs="call")
def token_call_again(record_id: int):
    """Call a patient who did not answer once more."""
    token = get_or_404(Token, record_id, hold=False)
    return done(token.queue_id, lambda: call_again(token))


def called(queue: Queue, call: Callable[[str], Token]):
    """Call to the room of the form, or say which room is missing."""
    form = CallForm(queue=queue)
    if not form.validate_on_submit():
        flash(form.counter.errors[0] if form.counter.errors else _("Choose the room to which you call"), "error")
        return go(url_for(".queue", record_id=queue.id))
    return done(queue.id, lambda: call(form.remember()))


def done(queue_id: int, work: Callable[[], Record]):
    """Back to the queue, which says what happened."""
    token = acted(work)
    if token:
        where = token.counter if token.status == "called" else words.TOKEN_STATES[token.status][2]
        flash(_("{label}: {where}.", label=token, where=where), "success")
    return go(url_for(".queue", record_id=queue_id))


@module.moves(Queue, "/queues")
def after_queue(queue: Queue) -> str:
    """Back to the queue."""
    return url_for("opd.queue", record_id=queue.id)


@module.moves(Token, "/tokens", call=None, come_back=None, cancel=None, finish=None)
def after_token(token: Token) -> str:
    """Back to the queue of the number."""
    return url_for("opd.queue", record_id=token.queue_id)
