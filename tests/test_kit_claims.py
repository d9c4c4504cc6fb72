"""A key that is taken is told at the answer it belongs to, whichever rule of the database noticed it (P1)."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from wtforms import StringField

from modules.inventory.models import Batch
from modules.rooms.models import Bed
from portal.extensions import db
from portal.kit import Refused, saved
from portal.kit.claims import Clash, clash_of
from portal.kit.forms import NewForm, Pick, Text
from portal.tenancy.current import in_hospital
from tests.filled_tables import fill_hospital


class BedForm(NewForm):
    """Adds a bed."""

    code = Text("Code", 20, "Enter the code")


class BatchForm(NewForm):
    """Adds a batch: its number, where, and in which state."""

    batch_no = Text("Number", 40)
    location_id = Pick("Place", "Select a place", {1: "Ward 1", 2: "Ward 2"}, coerce=int)


class OtherForm(NewForm):
    """Asks for nothing of the key."""

    note = StringField("Note")


@pytest.fixture
def filled(app, hospital):
    """A hospital with rows 1 to 3 in every table."""
    fill_hospital(app, hospital, "Spatz")
    return hospital


@pytest.fixture
def sent(app, filled):
    """A form with these answers, sent inside the hospital, and how it was saved."""
    contexts = []

    def send(kind: type[NewForm], make, **answers):
        context = app.test_request_context("/", method="POST", data=answers)
        context.push()
        inside = in_hospital(filled)
        inside.__enter__()
        contexts.append((context, inside))
        form = kind()
        return form, saved(form, lambda: make(form.answers))

    yield send
    for context, inside in reversed(contexts):
        inside.__exit__(None, None, None)
        context.pop()


def add(record):
    """Keep the record, as a verb does; the flush is left to whoever saves."""
    db.session.add(record)
    return record


def test_a_key_that_is_taken_is_told_at_its_answer_and_nothing_is_kept(sent):
    form, record = sent(BedForm, lambda answers: add(Bed(room_id=1, **answers)), code="1 Spatz")
    assert record is None
    assert form.code.errors == ["“1 Spatz” is used already. Choose a different one"]
    assert form.code.data == "1 Spatz"
    assert db.session.scalar(sa.select(sa.func.count(Bed.id))) == 3


def test_a_key_that_is_free_is_kept(sent):
    form, record = sent(BedForm, lambda answers: add(Bed(room_id=1, **answers)), code="B-12")
    assert (record.code, form.errors) == ("B-12", {})


def batch(answers: dict) -> Batch:
    """A batch with the key of the first that is there."""
    known = db.session.get(Batch, 1)
    return add(Batch(item_id=1, expiry_date=known.expiry_date, **answers))


def test_of_a_key_of_several_answers_the_first_that_was_asked_says_so_in_words(sent):
    form, record = sent(BatchForm, batch, batch_no="1 Spatz", location_id="1")
    assert record is None
    assert form.location_id.errors == ["“Ward 1” is used already. Choose a different one"]
    assert not form.batch_no.errors


def test_a_key_that_nobody_was_asked_for_is_told_of_the_whole_form(sent):
    form, record = sent(OtherForm, lambda answers: add(Bed(room_id=1, code="1 Spatz")), note="x")
    assert record is None
    assert form.form_errors == ["Another record has the same details already. Check them and try again"]


def test_another_breach_is_a_fault_and_no_sentence(sent):
    with pytest.raises(sa.exc.IntegrityError, match=r"(?i)foreign key"):
        sent(BedForm, lambda answers: add(Bed(room_id=4711, **answers)), code="B-12")


@dataclass
class Refusal(Exception):
    """What PostgreSQL's driver raises."""

    sqlstate: str
    table_name: str
    constraint_name: str

    @property
    def diag(self) -> "Refusal":
        return self


def refused(sqlstate: str, table: str, constraint: str) -> sa.exc.IntegrityError:
    return sa.exc.IntegrityError("INSERT", {}, Refusal(sqlstate, table, constraint))


@pytest.mark.parametrize(
    ("table", "constraint", "columns"),
    [
        ("rooms_bed", "uq_rooms_bed_code", ("code",)),
        ("inventory_batch", "uq_inventory_batch_item_id_location_id_batch_no_expiry_date",
         ("item_id", "location_id", "batch_no", "expiry_date")),
        ("core_idempotencykey", "pk_core_idempotencykey", ("token",)),
        ("rooms_bed", "a_constraint_nobody_declared", ()),
    ],
)  # fmt: skip
def test_postgresql_names_the_constraint_and_the_model_knows_its_columns(app, table, constraint, columns):
    assert clash_of(refused("23505", table, constraint)) == Clash(table, columns)


def test_postgresqls_other_breaches_are_no_clash(app):
    assert clash_of(refused("23503", "rooms_bed", "fk_rooms_bed_room_id")) is None


def test_a_refusal_at_an_answer_that_the_form_does_not_ask_for_is_told_of_the_whole_form(sent):
    def refuse(answers):
        raise Refused("The doctor is just taken.", "doctor_id")

    form, record = sent(BedForm, refuse, code="B-12")
    assert record is None
    assert form.form_errors == ["The doctor is just taken."]


def test_a_verb_that_gives_nothing_back_is_a_fault_for_its_form_would_be_shown_again(sent):
    with pytest.raises(TypeError, match="give back"):
        sent(BedForm, lambda answers: None, code="B-12")
