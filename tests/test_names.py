"""What may be a hospital's subdomain, and every name that follows from it (tenancy.md T5, security.md 37, D25)."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tenancy.names import (
    RESERVED,
    names_of,
    normalised,
    subdomain_problem,
    suggestions,
)

REFUSED_WORDS = """
    a ab a-b- -abc abc- - -- --- a.b a_b a+b ab! ab/c ab\\c ../x .abc abc. a@b a:b a%2eb ab--c xn--abc ab--
    123 000 1234567890 www admin api new con nul aux prn com1 lpt9 localhost mail smtp ns1 static platform login auth
    status root support test {{7*7}} '; <b> %00 ABC Abc aBc
"""
BAD = [
    *REFUSED_WORDS.split(),
    "",
    " ",
    "a b c",
    " abc",
    "abc ",
    "abc\n",
    "abc\x00",
    "ab\tc",
    "a" * 55,
    "\u0441ity-general",  # A Cyrillic letter first.
    "\uff43ity-general",  # Full width.
    "city\u2010general",  # A hyphen that is no hyphen.
    "city\u202egeneral",  # A mark that turns the reading direction.
    "city\u200bgeneral",  # A space of no width.
    "cit\u212a-general",  # The sign of kelvin, whose small letter is k.
    "\u0131-hospital",  # A dotless i.
    "\ufb01rst-hospital",  # Two letters in one.
    "caf\u00e9-hospital",
    "cafe\u0301-hospital",
    "\u0661\u0662\u0663",  # Arabic digits.
    "\u2177-general",  # A Roman numeral.
    "\U0001f3e5-general",
]
GOOD = ["abc", "city-general", "a1b", "1ab", "9-lives", "st-mary", "a" * 54, "a-b", "x--y", "abcd--e", "conn", "com10x"]


@pytest.mark.parametrize("text", BAD, ids=ascii)
def test_a_bad_subdomain_is_refused_in_a_sentence(text):
    sentence = subdomain_problem(text)
    assert sentence
    assert re.match(r"[A-Z“]", sentence)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        names_of(text, "localhost")


@pytest.mark.parametrize("text", GOOD)
def test_a_good_subdomain_gives_every_name(text):
    names = names_of(text, "hospitals.example")
    assert names.host == f"{text}.hospitals.example"
    assert (names.database, names.filename) == (f"hospital_{text}", f"hospital_{text}.db")


DNS_LABEL = re.compile(r"(?!-)(?!..--)[a-z0-9-]{1,63}(?<!-)")
LIKELY = st.text(alphabet="abcn019-_. А", max_size=60)


@given(st.one_of(st.text(max_size=60), LIKELY))
def test_what_is_accepted_is_a_dns_label_a_file_name_and_an_identifier(text):
    if subdomain_problem(text) is not None:
        return
    names = names_of(text, "localhost")
    assert DNS_LABEL.fullmatch(text)
    assert not text.isdigit()
    assert normalised(text) == text == text.lower()
    assert len(names.database.encode()) <= 63
    assert set(names.filename) <= set(string.ascii_lowercase + string.digits + "-_.")


@given(st.from_regex(r"[a-z][a-z0-9]([a-z0-9]-?){1,20}[a-z0-9]", fullmatch=True))
def test_a_plain_word_that_nobody_reserves_is_accepted(text):
    assert subdomain_problem(text) is None or text in RESERVED or len(text) > 54 or re.match(r"(com|lpt)\d$", text)


NEAR_EACH_OTHER = st.from_regex(r"[ab][ab0-]{1,4}[ab]", fullmatch=True).filter(lambda text: not subdomain_problem(text))


@given(st.tuples(NEAR_EACH_OTHER, NEAR_EACH_OTHER))
def test_two_subdomains_never_share_a_name(two):
    names = [names_of(text, "localhost") for text in two]
    if two[0] != two[1]:
        assert names[0].host.casefold() != names[1].host.casefold()
        assert names[0].database.casefold()[:63] != names[1].database.casefold()[:63]
        assert names[0].filename.casefold() != names[1].filename.casefold()


def test_the_longest_name_fits_where_the_database_server_would_cut_it():
    assert len(names_of("a" * 54, "localhost").database) == 63


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(" City-General ", "city-general"), ("LAKESIDE", "lakeside"), ("İstanbul", "İstanbul"), ("Кирова", "Кирова")],
)
def test_only_ascii_capitals_and_outer_spaces_are_forgiven(typed, meant):
    assert normalised(typed) == meant


@given(st.text(max_size=80), st.sets(st.integers(0, 30)))
def test_suggestions_are_acceptable_free_and_different(wanted, taken):
    everything = suggestions(wanted, lambda subdomain: True, count=31)
    used = {text for place, text in enumerate(everything) if place in taken}
    found = suggestions(wanted, lambda subdomain: subdomain not in used)
    assert len(found) == len(set(found)) <= 3
    assert not used & set(found)
    assert all(subdomain_problem(text) is None for text in found)


def test_suggestions_stay_near_what_was_wanted():
    assert suggestions("City General!", lambda subdomain: True) == [
        "city-general",
        "city-general-hospital",
        "city-general-2",
    ]
    assert suggestions("Hôpital Général", lambda subdomain: True)[0] == "hopital-general"
    assert suggestions("a" * 80, lambda subdomain: True)


def test_the_form_offers_only_subdomains_that_no_hospital_has(app, hospital, signed_in):
    page = signed_in.page("/admin/hospitals/subdomain?subdomain=city-general")
    assert "already used" in page.text
    assert "city-general-hospital" in page.text


def test_a_word_that_is_a_page_of_the_hospitals_list_is_reserved(app):
    prefix = "/admin/hospitals/"
    words = {
        rule.rule.removeprefix(prefix).split("/")[0]
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(prefix) and rule.rule != prefix
    }
    static = {word for word in words if "<" not in word}
    assert static >= {"new", "poll", "subdomain"}
    assert static <= RESERVED, f"add to RESERVED in portal/tenancy/names.py: {sorted(static - RESERVED)}"


def test_no_module_has_the_name_of_a_path_of_the_portal(app):
    own = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules() if not rule.endpoint.startswith(tuple(
        f"{name}." for name in app.extensions["modules"]
    ))}  # fmt: skip
    assert own >= {"admin", "sign-in", "static", "readyz"}
    assert not own & set(app.extensions["modules"])
