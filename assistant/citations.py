"""What a model's prose claims to rest on: its citations, its own list of sources, and the code in it."""

import re
from collections.abc import Sequence

from knowledge.schema import Hit

PATTERN_ID = r"(?:pt|tf)\.[a-z0-9_-]+\.[a-z0-9_-]+"
CITATION = re.compile(rf"\[`?({PATTERN_ID}`?(?:\s*[,;]\s*`?{PATTERN_ID}`?)*)\](\([^)\s]*\))?")
FENCE = re.compile(r"^([ \t>]*)(`{3,}|~{3,})(.*)$")
SOURCES_HEADING = re.compile(r"^\s*(?:#{1,6}\s*)?\**(?:sources|references|citations)\**:?\**\s*$", re.IGNORECASE)
LISTED = re.compile(r"^\s*(?:[-*+]|\d+[.)]|\[)")
NOT_EXECUTED = "*This code was not executed.*"
FEWEST_LINES = 3
"""Shorter pieces stand in many programs, and say nothing of where they come from."""


def check_citations(text: str, given: Sequence[str]) -> tuple[str, list[str], list[str]]:
    """The text without citations of anything but `given`, the ids that it cites, and those that were removed."""
    cited: list[str] = []
    invented: list[str] = []

    def keep(match: re.Match[str]) -> str:
        names = re.findall(PATTERN_ID, match[1])
        known = [name for name in names if name in given]
        if match[2] and not known and names[0].startswith("tf."):
            return f"`{names[0]}`"  # a link to a page about TensorFlow, and no citation
        cited.extend(known)
        invented.extend(name for name in names if name not in given)
        return f"[{', '.join(known)}]" if known else ""

    blocks = _blocks(text)
    kept = [block if code else _tidied(CITATION.sub(keep, block)) for block, code in blocks]
    return "\n".join(kept), list(dict.fromkeys(cited)), list(dict.fromkeys(invented))


def without_source_list(text: str) -> str:
    """The text without a list of sources at its end, which is not the model's to make."""
    lines = text.split("\n")
    start = next((n for n in range(len(lines) - 1, -1, -1) if SOURCES_HEADING.match(lines[n])), None)
    if start is None or not all(LISTED.match(line) or not line.strip() for line in lines[start + 1 :]):
        return text
    return "\n".join(lines[:start]).rstrip()


def mark_code(text: str, hits: Sequence[Hit]) -> str:
    """The text with a line below each block of code that says whether it stands in a program that was executed."""
    return "\n".join(_marked(block, hits) if code else block for block, code in _blocks(text))


def _marked(block: str, hits: Sequence[Hit]) -> str:
    first, *inside = block.split("\n")
    match = FENCE.match(first)
    assert match is not None
    indent, fence, _ = match.groups()
    closed = bool(inside) and _closes(inside[-1], fence)
    end = "" if closed else f"\n{indent}{fence}"
    origin = _origin(inside[:-1] if closed else inside, hits)
    return f"{block}{end}\n{indent.rstrip()}\n{indent}{origin}\n"


def _closes(line: str, fence: str) -> bool:
    match = FENCE.match(line)
    return bool(match) and match[2].startswith(fence) and not match[3].strip()


def _origin(lines: Sequence[str], hits: Sequence[Hit]) -> str:
    piece = _plain("\n".join(lines))
    if piece.count("\n") + 1 >= FEWEST_LINES:
        for hit in hits:
            pattern = hit.pattern
            if pattern.vetting and _holds(pattern.code, piece):
                return f"*From `{pattern.id}`, which was executed.*"
            if pattern.vetting and pattern.wrong and _holds(pattern.wrong, piece):
                return f"*From the wrong example of `{pattern.id}`, which fails.*"
    return NOT_EXECUTED


def _holds(program: str, piece: str) -> bool:
    """True where the piece's lines follow one another in the program, at any indentation."""
    return f"\n{piece}\n" in f"\n{_plain(program)}\n"


def _plain(code: str) -> str:
    return "\n".join(line.strip() for line in code.split("\n") if line.strip())


def _tidied(text: str) -> str:
    """Without the gaps that removed citations leave."""
    return re.sub(r"(?<=\S)[ \t]+(?=[.,;:!?](?:\s|$))", "", re.sub(r"(?<=\S)[ \t]{2,}(?=\S)", " ", text))


def _blocks(text: str) -> list[tuple[str, bool]]:
    """The text in pieces of whole lines, each with whether it is a fenced block of code, its fences included."""
    pieces: list[tuple[list[str], bool]] = []
    fence = ""
    for line in text.split("\n"):
        opens = FENCE.match(line) if not fence else None
        if opens or not pieces or (not fence and pieces[-1][1]):
            pieces.append(([], opens is not None))
        pieces[-1][0].append(line)
        if opens:
            fence = opens[2]
        elif fence and _closes(line, fence):
            fence = ""
    return [("\n".join(lines), code) for lines, code in pieces]
