"""Find search/replace blocks in a reply, fenced or not, and take them out of it."""

import re
from dataclasses import dataclass, field

from pydantic import BaseModel

from assistant.drafters.llm.reading.fences import read_fence
from assistant.drafters.llm.reading.names import (
    looks_like_path,
    only_path,
    path_in_comment,
    path_in_heading,
    path_in_info,
)

_SEARCH = re.compile(r"([ \t]*+)<{5,9}[ \t]*+(?:SEARCH|ORIGINAL|HEAD)\b[ \t:]*+(.*)")
_DIVIDER = re.compile(r"[ \t]*+={5,9}[ \t]*+")
_REPLACE = re.compile(r"[ \t]*+>{5,9}[ \t]*+(?:REPLACE|UPDATED|HEAD|END)?[ \t]*+")
_LOOK_BACK = 4
"""Lines before a block that may hold its path and its fence."""
_LOOK_FURTHER = 8
"""Lines of prose before those that may mention the file."""


class Edit(BaseModel):
    """One block: what is there, and what is to stand in its place."""

    n: int
    """Its number in the reply, from 1."""
    path: str
    """As the model wrote it; empty where it named none."""
    search: str
    """Without a line end behind its last line; empty to make a new file."""
    replace: str


@dataclass
class _Cutting:
    lines: list[str]
    edits: list[Edit] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seen: int = 0
    path: str = ""
    behind: int = 0
    """So many of the other lines stand before the end of the last block."""
    open: bool = False
    """True where the last fence of the other lines opens a block."""
    fenced: bool = False
    """True where the block before stood in a fence that was not closed yet."""


def holds_edit(lines: list[str]) -> bool:
    """True where a search/replace block begins in these lines."""
    return any(_SEARCH.fullmatch(line) for line in lines)


def cut_edits(lines: list[str]) -> tuple[list[Edit], list[str], list[str]]:
    """The edits, the other lines of the reply, and one sentence for each block that cannot be read.

    A block without a path belongs to the file of the block before it.
    """
    cutting = _Cutting(lines)
    at = 0
    while at < len(lines):
        marker = _SEARCH.fullmatch(lines[at])
        if marker:
            at = _cut(cutting, at, marker)
        elif cutting.fenced and not lines[at].strip():
            at += 1
        else:
            fence = read_fence(lines[at]) if cutting.fenced else None
            if fence is None or fence.info:
                _keep(cutting, lines[at])
            cutting.fenced = False
            at += 1
    return cutting.edits, cutting.rest, cutting.problems


def _keep(cutting: _Cutting, line: str) -> None:
    cutting.rest.append(line)
    if fence := read_fence(line):
        cutting.open = bool(fence.info) or not cutting.open


def _cut(cutting: _Cutting, at: int, marker: re.Match[str]) -> int:
    """Read the block whose marker stands at this line; the line behind it comes back."""
    cutting.seen += 1
    path, fenced = _take_heading(cutting)
    cutting.fenced = fenced or cutting.fenced
    named = marker[2].strip("`*\"' ")
    cutting.path = named if looks_like_path(named) else path if path is not None else cutting.path
    divider = _next(cutting.lines, at + 1, _DIVIDER)
    end = _next(cutting.lines, divider + 1, _REPLACE) if divider is not None else None
    if divider is None or end is None:
        missing = "=======" if divider is None else ">>>>>>> REPLACE"
        cutting.problems.append(f"Block {cutting.seen} has no {missing!r} line and was left out; give it whole.")
        return _next_block(cutting.lines, at + 1)
    indent = len(marker[1])
    search, replace = (_body(cutting.lines[a:b], indent) for a, b in ((at + 1, divider), (divider + 1, end)))
    cutting.behind = len(cutting.rest)
    cutting.edits.append(Edit(n=cutting.seen, path=cutting.path, search=search, replace=replace))
    return end + 1


def _next(lines: list[str], start: int, pattern: re.Pattern[str]) -> int | None:
    """The next line that is this mark, before another block begins."""
    for n in range(start, len(lines)):
        if pattern.fullmatch(lines[n]):
            return n
        if _SEARCH.fullmatch(lines[n]):
            return None
    return None


def _next_block(lines: list[str], start: int) -> int:
    """Where a block that cannot be read is left: at the next one, or at a fence that closes or opens."""
    stops = (n for n in range(start, len(lines)) if _SEARCH.fullmatch(lines[n]) or read_fence(lines[n]))
    return next(stops, len(lines))


def _body(lines: list[str], indent: int) -> str:
    shared = min([indent, *(len(line) - len(line.lstrip(" \t")) for line in lines if line.strip())])
    return "\n".join(line[shared:] for line in lines)


def _take_heading(cutting: _Cutting) -> tuple[str | None, bool]:
    """The path in the lines just before a block, and whether a fence opens there; such lines leave the rest."""
    path: str | None = None
    fenced = False
    rest = cutting.rest
    for _ in range(_LOOK_BACK):
        blank = bool(rest) and not rest[-1].strip()
        fence = read_fence(rest[-1]) if rest else None
        if not rest or (fence and not cutting.open):
            break
        found = _path_in_line(rest[-1], fenced_line=fence is not None)
        if not blank and fence is None and (found is None or path is not None):
            break
        path = path if path is not None else found
        if fence:
            fenced, cutting.open = True, False
        rest.pop()
    return path if path is not None else _mentioned_before(cutting), fenced


def _mentioned_before(cutting: _Cutting) -> str | None:
    """The file that the prose before a block mentions last, as far as no other block lies between."""
    for line in reversed(cutting.rest[max(cutting.behind, len(cutting.rest) - _LOOK_FURTHER) :]):
        if read_fence(line):
            return None
        if path := only_path(line):
            return path
    return None


def _path_in_line(line: str, *, fenced_line: bool) -> str | None:
    if fenced_line:
        fence = read_fence(line)
        return path_in_info(fence.info) if fence else None
    named = path_in_heading(line) or path_in_comment(line)
    return named.path if named and named.alone else None
