"""Where a piece of code stands in a file: exactly, but for trailing blanks, or but for a uniform indentation."""

import difflib
from typing import NamedTuple

_MOST_PLACES = 20
_MOST_LINES = 5000
_LONGEST_LINE = 200
_BLANKS = " \t"


class Place(NamedTuple):
    """A match."""

    line: int
    """Index of its first line."""
    deeper: str = ""
    """Indentation that the file has and the piece has not."""
    shallower: str = ""
    """Indentation that the piece has and the file has not."""


def find(piece: list[str], lines: list[str]) -> list[Place]:
    """The places of the piece, by the strictest way that finds any; at most some twenty of them."""
    exact = [Place(line) for line in _positions(piece, lines)]
    if exact:
        return exact
    ended = [line.rstrip(_BLANKS) for line in lines]
    piece = [line.rstrip(_BLANKS) for line in piece]
    if close := [Place(line) for line in _positions(piece, ended)]:
        return close
    stripped = _positions([line.lstrip(_BLANKS) for line in piece], [line.lstrip(_BLANKS) for line in ended])
    shifts = [_shift(piece, ended[line : line + len(piece)]) for line in stripped]
    return [Place(line, *shift) for line, shift in zip(stripped, shifts, strict=True) if shift]


def _positions(piece: list[str], lines: list[str]) -> list[int]:
    """Line indices where the lines of the piece stand; searched as text, which is linear."""
    text, wanted = "\n".join(["", *lines, ""]), "\n".join(["", *piece, ""])
    found: list[int] = []
    at, line, counted = text.find(wanted), 0, 0
    while at >= 0 and len(found) < _MOST_PLACES:
        line += text.count("\n", counted, at)
        counted = at
        found.append(line)
        at = text.find(wanted, at + 1)
    return found


def _shift(piece: list[str], there: list[str]) -> tuple[str, str] | None:
    """The indentation that lies between the two, the same in every line with text; None where it varies."""
    pairs = [(ours, theirs) for ours, theirs in zip(piece, there, strict=True) if ours]
    ours, theirs = pairs[0] if pairs else ("", "")
    more = len(theirs) - len(ours)
    deeper, shallower = theirs[: max(0, more)], ours[: max(0, -more)]
    same = all(deeper + one == shallower + other for one, other in pairs)
    return (deeper, shallower) if pairs and same else None


def shifted(lines: list[str], place: Place) -> list[str] | None:
    """The lines with the indentation of the place; None where one has less than is to be taken away."""
    if any(line.strip() and not line.startswith(place.shallower) for line in lines):
        return None
    return [place.deeper + line.removeprefix(place.shallower) if line.strip() else line for line in lines]


def nearest(piece: list[str], lines: list[str]) -> tuple[int, int] | None:
    """Index and length of the part of the file that is most like the piece; None where nothing is."""
    wanted = max(piece, key=lambda line: len(line.strip()))[:_LONGEST_LINE].strip()
    candidates = [line[:_LONGEST_LINE].strip() for line in lines[:_MOST_LINES]]
    close = difflib.get_close_matches(wanted, candidates, n=1, cutoff=0.6) if wanted else []
    if not close:
        return None
    offset = next(n for n, line in enumerate(piece) if line[:_LONGEST_LINE].strip() == wanted)
    start = max(0, candidates.index(close[0]) - offset)
    return start, min(len(piece), len(lines) - start)
