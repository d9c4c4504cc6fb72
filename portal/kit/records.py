"""How a page makes or changes one record: answers go to a verb of the model, refusals come back to the form."""

from collections.abc import Callable, Iterator

import sqlalchemy as sa
from flask import abort, flash, request
from wtforms import HiddenField

from portal.extensions import db
from portal.i18n import _
from portal.kit.audit import plain, said
from portal.kit.claims import Clash, clash_of
from portal.kit.holds import held
from portal.kit.models import IdempotencyKey
from portal.pages.answers import form_page, go, page
from portal.pages.forms import Form
from portal.record import Actor, Overtaken, Record, Refused, Voidable, WrongState
from portal.tenancy.current import is_writing
from portal.types import new_uuid

ROUTE = IdempotencyKey.__table__.c.route.type.length
AS_SENT = {"autocomplete": "off"}  # or a browser that loads the page again fills in the value of the page before


class RecordForm(Form):
    """A form whose answers are the columns of a record."""

    @property
    def answers(self) -> dict:
        """The answers by column, without the fields that only carry the form itself."""
        return {field.name: field.data for field in self if not isinstance(field, HiddenField)}

    def is_submitted(self) -> bool:
        """The form was sent to be saved, not to find what a picker shall offer."""
        return super().is_submitted() and "find" not in request.form


class NewForm(RecordForm):
    """A form that makes a record once, however often it is sent (P6)."""

    token = HiddenField(default=new_uuid, render_kw=AS_SENT)


class ChangeForm(RecordForm):
    """A form that changes the version of the record it was filled with, and no other (P5)."""

    version = HiddenField(render_kw=AS_SENT)


def get_or_404(model: type[Record], record_id: int, *, hold: bool = True) -> Record:
    """The record with this id in this hospital; a 404 page where there is none.

    What is to change something holds it: of two who come with one record, the second reads what the first one kept.
    Where the verb holds more than this record, in an order of its own, a view leaves it to the verb.
    """
    if not (hold and is_writing()):
        return db.session.get(model, record_id) or abort(404)
    return db.session.scalar(held(sa.select(model).where(model.id == record_id))) or abort(404)


def saved(form: Form, save: Callable[[], Record]) -> Record | None:
    """What `save` gives when the form was sent and is right; None when there is something to show or mend.

    Raises TypeError where `save` gives nothing back: its form would be shown again, as if nothing had been kept.
    """
    if not form.validate_on_submit():
        return None
    try:
        record = save()
        db.session.flush()
    except WrongState:
        raise
    except Refused as refused:
        db.session.rollback()
        if refused.field and refused.field in form:
            form[refused.field].errors = [refused.sentence]
        else:
            form.form_errors = [refused.sentence]
        return None
    except sa.exc.IntegrityError as error:
        clash = clash_of(error)
        if clash is None:
            raise
        db.session.rollback()
        _say_used(form, clash)
        return None
    if record is None:
        raise TypeError("the verb that a form saves by must give back what it saved")
    return record


def _say_used(form: Form, clash: Clash) -> None:
    """Tell at the first answer of the key that another record has it; at the form where the key is no answer."""
    field = next((form[column] for column in clash.columns if column in form), None)
    if field is None:
        form.form_errors = [_("Another record has the same details already. Check them and try again")]
        return
    field.errors = [_("“{value}” is used already. Choose a different one", value=said(field, plain(field.data)))]


def acted(work: Callable[[], Record]) -> Record | None:
    """What a button without a form does; where that is refused, None, and the page that comes next says why."""
    try:
        record = work()
        db.session.flush()
    except Overtaken:
        raise
    except Refused as refused:
        db.session.rollback()
        flash(refused.sentence, "error")
        return None
    return record


def once(form: NewForm, model: type[Record], save: Callable[[], Record]) -> Record | None:
    """As `saved`, but a form sent again leads to the record that it made (CORE-7)."""
    if not form.is_submitted():
        return None
    token = (form.token.data or "")[:36]
    mine = {"user_id": Actor.find_id(), "route": request.path[-ROUTE:], "result_type": model.__tablename__}
    key = db.session.get(IdempotencyKey, token)
    if key and _is_mine(key, mine):
        return db.session.get(model, key.result_id)
    return saved(form, save if key or not token else lambda: _save_under(token, mine, model, save))


def _save_under(token: str, mine: dict, model: type[Record], save: Callable[[], Record]) -> Record:
    """Take the token, then save: whoever takes it at the same moment waits, and gets what was saved."""
    key = IdempotencyKey(token=token, result_id=0, **mine)
    try:
        with db.session.begin_nested():
            db.session.add(key)
    except sa.exc.IntegrityError:
        taken = db.session.get_one(IdempotencyKey, token)
        return db.session.get_one(model, taken.result_id) if _is_mine(taken, mine) else save()
    record = save()
    db.session.flush()
    key.result_id = record.id
    return record


def _is_mine(key: IdempotencyKey, mine: dict) -> bool:
    """The token was used by the same person, at the same address, for the same kind of record."""
    return all(getattr(key, name) == value for name, value in mine.items())


def edit_page(template: str, form: ChangeForm, record: Record, done: str):
    """The page that changes a record by its verb `change`, then goes to `done`.

    Answers 409 with what is kept now, and with what was sent, when somebody else changed the record meanwhile. Raises
    `WrongState` for a voided record.
    """
    if isinstance(record, Voidable):
        record.refuse_voided()
    if form.is_submitted() and form.version.data != str(record.version):
        sent, form = form, type(form)(formdata=None, obj=record)
        form.form_errors = [
            _("Somebody else changed this record while you worked on it. Nothing was saved; this is how it reads now.")
        ]
        return page(template, 409, form=form, record=record, form_errors=True, sent=list(_different(sent, form)))
    if saved(form, lambda: record.change(**form.answers)):
        return go(done)
    return form_page(template, form, record=record)


def _different(sent: Form, form: Form) -> Iterator[tuple[str, str]]:
    """The answers that are not those of the other form, in words, so that nobody has to type them again from memory."""
    for field in sent:
        if not isinstance(field, HiddenField) and field.data != form[field.name].data:
            yield field.label.text, said(field, plain(field.data)) or " ".join(field.raw_data or ())
