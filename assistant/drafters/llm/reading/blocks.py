"""From fenced blocks to named files: which block is which file, which is none, and what is prose."""

import re
from dataclasses import dataclass, field

from assistant.drafters.llm.reading.edit_blocks import holds_edit
from assistant.drafters.llm.reading.fences import Block, find_blocks, parses
from assistant.drafters.llm.reading.given import Given, file_text
from assistant.drafters.llm.reading.names import (
    Named,
    fits,
    kind_of,
    language_of,
    looks_like_path,
    path_in_comment,
    path_in_heading,
    path_in_info,
    section_marker,
)

_HEADING_DISTANCE = 12
"""Lines that may stand between a heading that names a file and its block."""


@dataclass(frozen=True)
class Found:
    """What a reply's blocks are."""

    given: list[Given] = field(default_factory=list)
    prose: str = ""
    problems: list[str] = field(default_factory=list)
    anonymous: list[list[str]] = field(default_factory=list)
    """Lines of the Python blocks that name no file."""
    breaks_off: bool = False
    """True where the reply ends within the last of those."""
    json: str = ""
    """The one JSON block that names no file; it is part of the prose all the same."""
    prose_without_json: str = ""
    blocks: bool = False
    """True where there is a block at all."""


@dataclass
class _Sorting:
    """The blocks sorted so far, and the lines that are not prose."""

    lines: list[str]
    given: list[Given] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    anonymous: list[Block] = field(default_factory=list)
    json: list[Block] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)


def read_blocks(text: str) -> Found:
    """The files that a reply's blocks give. A reply that is wrapped in one Markdown block is unwrapped first."""
    lines = text.split("\n")
    blocks = find_blocks(lines)
    if wrapped := _unwrapped(lines, blocks):
        lines = wrapped
        blocks = find_blocks(lines)
    sorting = _Sorting(lines)
    before = 0
    for block in blocks:
        _sort(sorting, block, before)
        before = block.end
    json = sorting.json[0] if len(sorting.json) == 1 else None
    around = sorting.taken | (set(range(json.start, json.end)) if json else set())
    return Found(
        given=sorting.given,
        prose=_without(lines, sorting.taken),
        prose_without_json=_without(lines, around),
        problems=sorting.problems,
        anonymous=[block.body for block in sorting.anonymous],
        breaks_off=any(block.last for block in sorting.anonymous[-1:]),
        json="\n".join(json.body) if json else "",
        blocks=bool(blocks),
    )


def _without(lines: list[str], taken: set[int]) -> str:
    return "\n".join(line for n, line in enumerate(lines) if n not in taken)


def _unwrapped(lines: list[str], blocks: list[Block]) -> list[str] | None:
    """The lines inside the only block, where it is Markdown without a name and holds blocks of its own."""
    texts = [line for line in lines if line.strip()]
    if len(blocks) != 1 or not texts or language_of(blocks[0].info) not in ("markdown", "md", ""):
        return None
    wraps = lines[blocks[0].start] == texts[0] and path_in_info(blocks[0].info) is None
    return blocks[0].body if wraps and find_blocks(blocks[0].body) else None


def _sort(sorting: _Sorting, block: Block, before: int) -> None:
    """Decide what one block is; `before` is the line where the block before it ended."""
    kind = kind_of(block.info)
    if kind == "diff" or _is_diff(block.body):
        sorting.problems.append("A diff is not read; give the file whole, or as SEARCH/REPLACE blocks.")
        return
    if holds_edit(block.body):
        sorting.problems.append("A SEARCH/REPLACE block was left out: there is no file to edit; give the file whole.")
        return
    named, heading = _name(sorting.lines, block, before)
    if named and (fits(named.path, kind) or not named.path):
        _take(sorting, block, named, heading)
    elif kind == "python" or (kind == "other" and not block.info and _looks_like_python(block.body)):
        sorting.anonymous.append(block)
        sorting.taken.update(range(block.start, block.end))
    elif language_of(block.info) in ("json", ""):
        sorting.json.append(block)


def _is_diff(body: list[str]) -> bool:
    return len(body) > 2 and body[0].startswith("--- ") and body[1].startswith("+++ ")


def _looks_like_python(body: list[str]) -> bool:
    """For a block without a language: Python that does something, rather than a word or a line of output."""
    text = "\n".join(body)
    return re.search(r"^(?:import|from|def|class) ", text, re.MULTILINE) is not None and parses(text)


def _name(lines: list[str], block: Block, before: int) -> tuple[Named | None, int | None]:
    """The name of a block, and the number of the line that gives it where that line says nothing else."""
    path = path_in_info(block.info)
    if path is not None:
        return Named(path, sure=True), None
    near, at = _heading(lines, block, before)
    first = _first_text(block.body)
    comment = _named_inside(block, block.body[first]) if first is not None else None
    if near and near.sure:
        return near, at if near.alone else None
    if comment:
        return comment, block.start + 1 + (first or 0) if comment.alone else None
    if near and (kind_of(block.info) == "python" or parses("\n".join(block.body))):
        return near, None
    return None, None


def _named_inside(block: Block, line: str) -> Named | None:
    """The name that a block's first line gives, in a comment or, which no Python program does, alone."""
    path = line.strip()
    alone = kind_of(block.info) == "python" and looks_like_path(path) and not re.search(r"[\s#]", path)
    return Named(path, sure=True) if alone and len(block.body) > 1 else path_in_comment(line)


def _heading(lines: list[str], block: Block, before: int) -> tuple[Named | None, int | None]:
    """The nearest line before a block that names a file: any line next to it, further up only a heading."""
    nearest = True
    for n in range(block.start - 1, max(before, block.start - _HEADING_DISTANCE) - 1, -1):
        if not lines[n].strip():
            continue
        named = path_in_heading(lines[n])
        if named and (nearest or (named.sure and re.match(r"[ \t]*+(?:#|\*\*|`[^`]*+`:?$)", lines[n]))):
            return named, n
        nearest = False
    return None, None


def _first_text(body: list[str]) -> int | None:
    """The first line with text; a shebang or a coding line is passed over."""
    texts = (n for n, line in enumerate(body[:5]) if line.strip() and not line.startswith(("#!", "# -*-")))
    return next(texts, None)


def _take(sorting: _Sorting, block: Block, named: Named, at: int | None) -> None:
    """Note the block as a file, or as several where comments part it."""
    body, complete = block.body, block.closed
    if not complete:
        body, complete = _without_tail(block)
    inside = at is not None and block.start < at < block.end
    if inside:
        body = [line for n, line in enumerate(body, block.start + 1) if n != at]
        sections = _sections(named.path, body)
    else:
        sections = [(named.path, body)]
    for n, (path, lines) in enumerate(sections, 1):
        sorting.given.append(Given(path, file_text(lines), complete=complete or n < len(sections)))
    sorting.taken.update(range(block.start, block.end))
    if at is not None:
        sorting.taken.add(at)


def _sections(path: str, body: list[str]) -> list[tuple[str, list[str]]]:
    sections: list[tuple[str, list[str]]] = [(path, [])]
    for line in body:
        marker = section_marker(line)
        if marker:
            sections.append((marker, []))
        else:
            sections[-1][1].append(line)
    return sections


def _without_tail(block: Block) -> tuple[list[str], bool]:
    """An unclosed block's lines, and whether they are whole.

    Where the reply goes on with another file, what cannot be code is cut off: the prose before that file.
    """
    if block.last:
        body = block.body[:-1] if block.body and block.body[-1].strip() in ("`", "``", "~", "~~") else block.body
        return body, False
    body = block.body
    for _ in range(4):
        if parses("\n".join(body)):
            return body, True
        blank = next((n for n in range(len(body) - 1, 0, -1) if not body[n - 1].strip() and body[n].strip()), None)
        if blank is None:
            break
        body = body[:blank]
        while body and not body[-1].strip():
            body = body[:-1]
    return block.body, False
