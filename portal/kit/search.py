"""Finding people by what is known of them: words of a name in any order, without accents, and the end of a number."""

import unicodedata

import sqlalchemy as sa

MOST_WORDS = 6
LONGEST = 300
JOINING = dict.fromkeys(map(ord, "'’‘ʼ`´"))
PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t"}
)


def folded(*parts: str | None) -> str:
    """The words to search by: lower case, accents away, apostrophes closed up, other marks made spaces."""
    text = " ".join(filter(None, parts))[:LONGEST]  # some letters unfold to eighteen, and anybody may post megabytes
    text = unicodedata.normalize("NFKD", text).casefold().translate(JOINING)
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    kept = "".join(char if _is_part_of_a_word(char) else " " for char in plain.translate(PLAIN))
    return unicodedata.normalize("NFC", " ".join(kept.split()))[:LONGEST].rstrip()


def _is_part_of_a_word(char: str) -> bool:
    """Letters and digits, and the vowel signs that Indian scripts write as marks."""
    return char.isalnum() or unicodedata.category(char).startswith("M")


def has_words(column, text: str) -> sa.ColumnElement[bool]:
    """The folded column has, for each word of the text, a word that begins with it; without a word nothing matches."""
    words = folded(text).split()[:MOST_WORDS]
    return sa.and_(
        sa.true() if words else sa.false(),
        *[sa.or_(column.like(f"{word}%"), column.like(f"% {word}%")) for word in words],
    )


def digits_of(text: str | None) -> str:
    """The digits of a text in order, those of every script as 0 to 9."""
    return "".join(str(unicodedata.decimal(char)) for char in text or "" if char.isdecimal())


def backwards(text: str | None) -> str | None:
    """The digits from last to first: kept in a column of its own, it lets an index find a number by its end."""
    return digits_of(text)[::-1] or None


def ends_in(backwards_column, digits: str) -> sa.ColumnElement[bool]:
    """The number whose digits are kept backwards ends in these digits."""
    start = digits_of(digits)[::-1]
    return sa.and_(backwards_column >= start, backwards_column < f"{start}:")
