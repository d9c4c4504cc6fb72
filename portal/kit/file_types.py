"""What a file is, found from its bytes: neither its name nor the browser is believed (security.md 39)."""

import unicodedata
from dataclasses import dataclass

PLAIN = "text/plain"
PDF = "application/pdf"
KEPT_CONTROLS = frozenset("\t\n\r\f")


@dataclass(frozen=True)
class FileType:
    """A type of file that people may keep: the endings of its names, the first being the usual one.

    One that is an `image` is shown in the browser, the others are saved.
    """

    mime: str
    endings: tuple[str, ...]
    image: bool = False


TYPES = {
    kind.mime: kind
    for kind in (
        FileType(PDF, (".pdf",)),
        FileType("image/png", (".png",), image=True),
        FileType("image/jpeg", (".jpg", ".jpeg"), image=True),
        FileType("image/webp", (".webp",), image=True),
        FileType(PLAIN, (".txt", ".text", ".csv", ".md", ".log")),
    )
}
ACCEPTED = ",".join(ending for kind in TYPES.values() for ending in kind.endings)


def type_of(content: bytes, filename: str) -> FileType | None:
    """The type these bytes have, or None for one that is not kept.

    Text is text only where the name says so too: a page of markup or a damaged picture is text to anybody who looks.
    """
    if content.startswith(b"%PDF-"):
        return TYPES[PDF]
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return TYPES["image/png"]
    if content.startswith(b"\xff\xd8\xff"):
        return TYPES["image/jpeg"]
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return TYPES["image/webp"]
    plain = TYPES[PLAIN]
    return plain if filename.lower().endswith(plain.endings) and _is_text(content) else None


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(unicodedata.category(char) == "Cc" and char not in KEPT_CONTROLS for char in text)
