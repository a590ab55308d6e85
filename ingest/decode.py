"""From bytes to text: what a document declares of its encoding, what its bytes say, and the repair of mojibake."""

import codecs
import io
import re
import tokenize
from functools import partial

from pydantic import BaseModel

from ingest.errors import Unreadable

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks; those of UTF-32 stand before those of UTF-16, which they begin with."""
META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
FOREIGN = re.compile(r"[^\x00-\x7f]+")


class Decoded(BaseModel):
    """A document's text, and how it was found."""

    text: str
    """With line ends of one kind, and no byte order mark."""
    encoding: str
    repaired: int = 0
    """Lines of mojibake that were mended."""


def decode(data: bytes) -> Decoded:
    """The text in these bytes. Raises Unreadable where they are none."""
    text, encoding = _text(data)
    if "\0" in text:
        raise Unreadable("it is not text")
    mended, repaired = mend(text.replace("\r\n", "\n").replace("\r", "\n"))
    return Decoded(text=writable(mended), encoding=encoding, repaired=repaired)


def writable(text: str) -> str:
    """The text with a question mark for each half of a character, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _text(data: bytes) -> tuple[str, str]:
    marked = next((encoding for mark, encoding in MARKS.items() if data.startswith(mark)), None)
    for encoding in filter(None, (marked, _declared(data), "utf-8", "cp1252")):
        try:
            return data.decode(encoding), encoding
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1"), "latin-1"


def _declared(data: bytes) -> str | None:
    """What Python's coding cookie or HTML's meta element names."""
    if COOKIE.search(b"\n".join(data.split(b"\n", 2)[:2])):
        try:
            return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        except SyntaxError:  # an encoding that Python does not know, or one that the bytes disprove
            return None
    found = META.search(data[:2048])
    return found[1].decode("ascii") if found else None


def mend(text: str) -> tuple[str, int]:
    """The text without mojibake, and in how many lines there was some.

    ftfy is sure of a line only where it holds enough evidence; a codec that it is sure of in one line is then tried
    on the other lines too, and only bytes that are UTF-8 throughout are taken.
    """
    from ftfy import fix_encoding_and_explain

    if text.isascii():
        return text, 0
    lines = text.split("\n")
    seen = [fix_encoding_and_explain(line) if not line.isascii() else (line, None) for line in lines]
    codecs_seen = sorted({step.parameter for _, steps in seen for step in steps or [] if step.action == "encode"})
    mended = [line for line, _ in seen]
    for codec in codecs_seen:
        mended = [FOREIGN.sub(partial(_reread, codec=codec), line) for line in mended]
    return "\n".join(mended), sum(before != after for before, after in zip(lines, mended, strict=True))


def _reread(found: re.Match[str], *, codec: str) -> str:
    try:
        return found[0].encode(codec).decode("utf-8")
    except (UnicodeError, LookupError):
        return found[0]
