"""Words are found whatever their accents, capitals and order; numbers by their end."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.search import backwards, digits_of, ends_in, folded, has_words
from portal.tenancy.databases.postgres import PostgresDatabases
from tests import on_postgres

NAMES = sa.table("names", sa.column("name"), sa.column("number"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Zoë O’Brien", "zoe obrien"),
        ("Łukasz Wójcik", "lukasz wojcik"),
        ("Søren Ægir-Straße", "soren aegir strasse"),
        ("  NGUYỄN\tVăn  Đức ", "nguyen van duc"),
        ("Ελένη Παππά", "ελενη παππα"),
        ("अनिता शर्मा", "अनिता शरमा"),
        ("50% _off_;--", "50 off"),
        ("", ""),
    ],
)
def test_a_name_is_folded_to_plain_words(name, words):
    assert folded(name) == words


@given(st.text(max_size=400))
def test_folding_twice_changes_nothing_and_leaves_no_wildcard(text):
    once = folded(text)
    assert folded(once) == once
    assert not set(once) & set("%_\\'\"")
    assert len(once) <= 300


@pytest.fixture(scope="module")
def databases():
    """A server that is of another language than ours: there signs come before digits."""
    cluster = on_postgres.Cluster(locale="--locale=C.UTF-8 --locale-provider=icu --icu-locale=en-GB")
    assert cluster.execute("SELECT '2140077' < '2140:'") == [(False,)]
    made = PostgresDatabases(sa.make_url(cluster.url), "a key")
    made.start("build_names")
    yield made
    cluster.stop()


@pytest.fixture
def engine(request):
    """A database as a hospital has it."""
    if on_postgres.WANTED:
        engine = request.getfixturevalue("databases").build_engine("build_names")
    else:
        engine = sa.create_engine("sqlite://")
    yield engine
    engine.dispose()


@pytest.fixture
def names(engine):
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TABLE names (name TEXT, number TEXT)"))
        rows = [("Zoë Ann O’Brien", "+44 7700 900412"), ("Łukasz Wójcik", "020 7946 0001")]
        for name, number in rows:
            connection.execute(sa.insert(NAMES).values(name=folded(name), number=backwards(number)))
        yield connection


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("obrien ZOE", ["zoe ann obrien"]),
        ("an", ["zoe ann obrien"]),
        ("nn", []),
        ("lukasz obrien", []),
        ("%", []),
        ("", []),
    ],
)
def test_every_word_must_begin_a_word_of_the_name(names, text, found):
    assert names.scalars(sa.select(NAMES.c.name).where(has_words(NAMES.c.name, text))).all() == found


@pytest.mark.parametrize(
    ("digits", "count"), [("0412", 1), ("0 412", 1), ("0001", 1), ("447700900412", 1), ("0700", 0)]
)
def test_a_number_is_found_by_its_end(names, digits, count):
    where = ends_in(NAMES.c.number, digits)
    assert len(names.execute(sa.select(NAMES).where(where)).all()) == count


def test_the_digits_of_every_script_are_the_same_digits():
    assert digits_of("٠٧٧ 00-९") == "077009"
    assert backwards("no digits") is None
