"""Fenced blocks of a reply, those among them that never close or have fences inside a docstring."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.drafters.llm.reading.names import kind_of, language_of, path_in_heading, path_in_info
from assistant.python_source import parse

_FENCE = re.compile(r"([ \t]*+(?:(?:[-*+]|\d{1,3}[.)])[ \t]++)?)(`{3,}+|~{3,}+)(.*)")
_STRING_OR_COMMENT = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*+(?:"|$|\\$)|\'(?:\\.|[^\'\\])*+(?:\'|$|\\$)|#.*')
_TO_CLOSING = {mark: re.compile(rf"(?:\\.|(?!{mark})[^\\])*+{mark}") for mark in ('"""', "'''")}
_DEEPER = 3
"""A closing fence stands at most so much deeper than its opening, as in CommonMark."""
_MOST_DOUBTS = 20
"""So many blocks without a clear end are looked at twice, so that the time stays linear in the reply's length."""
_PARSED_AT_MOST = 200_000


@dataclass(frozen=True)
class Fence:
    """A line that opens or closes a block."""

    indent: int
    mark: str
    info: str

    def closes(self, opening: "Fence") -> bool:
        return not self.info and self.mark.startswith(opening.mark)

    def reopens(self, opening: "Fence") -> bool:
        """True for a fence with an info string that would open a block where `opening` is still open."""
        return bool(self.info) and self.mark.startswith(opening.mark) and self.indent <= opening.indent + _DEEPER


@dataclass(frozen=True)
class Block:
    """A fenced block: lines `start` to `end` of the reply, fences included, `end` excluded."""

    start: int
    end: int
    info: str
    body: list[str]
    closed: bool
    last: bool = False
    """True where it is unclosed and the reply ends in it."""


def parses(code: str) -> bool:
    """True for Python; what is too long to be a file of a project is not tried."""
    return len(code) <= _PARSED_AT_MOST and parse(code) is not None


def read_fence(line: str) -> Fence | None:
    """The fence on this line, one behind a list's bullet among them; None where it is none."""
    match = _FENCE.match(line)
    if match is None or (match[2][0] == "`" and "`" in match[3]):
        return None
    return Fence(indent=len(match[1]), mark=match[2], info=match[3].strip())


def find_blocks(lines: list[str]) -> list[Block]:
    """Every fenced block, in order."""
    fences = {n: fence for n, line in enumerate(lines) if (fence := read_fence(line))}
    return _Reader(lines, fences).blocks()


class _Reader:
    """Goes through the fences once, and a second time where a block has no clear end."""

    def __init__(self, lines: list[str], fences: dict[int, Fence]) -> None:
        self.lines = lines
        self.fences = fences
        self.order = list(fences)
        self.doubts = 0

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        k = 0
        while k < len(self.order):
            end, closed = self._end(k)
            found.append(self._block(self.order[k], end, closed=closed))
            while k < len(self.order) and self.order[k] < end + closed:
                k += 1
        return found

    def _block(self, start: int, end: int, *, closed: bool) -> Block:
        fence = self.fences[start]
        return Block(
            start=start,
            end=end + closed,
            info=fence.info,
            body=_dedent(self.lines[start + 1 : end], fence.indent),
            closed=closed,
            last=not closed and end == len(self.lines),
        )

    def _end(self, k: int) -> tuple[int, bool]:
        """Line of the closing fence and True; or the line before which an unclosed block ends, and False."""
        opening = self.fences[self.order[k]]
        if self.doubts >= _MOST_DOUBTS:
            return self._first_end(k)
        markdown = self._is_markdown(k)
        end, closed = self._nested_end(k) if markdown else self._careful_end(k)
        if closed:
            return end, True
        self.doubts += 1
        if markdown:
            return self._first_end(k)
        end = self._before_heading(end)
        bare = [n for n in self._fences_after(k) if n < end and self.fences[n].closes(opening)]
        likely = {n for n in (bare[:1] + bare[-1:]) if parses("\n".join(self.lines[self.order[k] + 1 : n]))}
        if likely:
            return min(likely), True
        return (bare[-1], True) if bare and end < len(self.lines) else (end, False)

    def _first_end(self, k: int) -> tuple[int, bool]:
        """The first fence that closes, whatever stands before it; a block that names a file ends it too."""
        opening = self.fences[self.order[k]]
        for n in self._fences_after(k):
            if self.fences[n].closes(opening):
                return n, True
            if self.fences[n].reopens(opening) and self._names_file(n):
                return self._before_heading(n), False
        return len(self.lines), False

    def _nested_end(self, k: int) -> tuple[int, bool]:
        """In Markdown a fence with a language opens a block of the document, which the next bare one closes."""
        opening, depth = self.fences[self.order[k]], 0
        for n in self._fences_after(k):
            if self.fences[n].reopens(opening):
                depth += 1
            elif self.fences[n].closes(opening):
                if depth == 0:
                    return n, True
                depth -= 1
        return len(self.lines), False

    def _careful_end(self, k: int) -> tuple[int, bool]:
        """Fences inside triple quotes belong to the code; outside of them one that opens a block ends this one."""
        start = self.order[k]
        opening, python = self.fences[start], self._is_python(k)
        quotes, at = None, start + 1
        for n in self._fences_after(k):
            fence = self.fences[n]
            if python:
                for line in self.lines[at:n]:
                    quotes = open_quotes(line, quotes)
                at = n
            if fence.closes(opening) and not quotes and fence.indent <= opening.indent + _DEEPER:
                return n, True
            if fence.reopens(opening) and ((python and not quotes) or not opening.info or self._names_file(n)):
                return n, False
        return len(self.lines), False

    def _fences_after(self, k: int) -> Iterator[int]:
        return (self.order[later] for later in range(k + 1, len(self.order)))

    def _is_markdown(self, k: int) -> bool:
        info = self.fences[self.order[k]].info
        path = path_in_info(info) or self._heading_path(self.order[k]) or ""
        return language_of(info) in ("markdown", "md", "mdx") or path.lower().endswith((".md", ".mdx"))

    def _is_python(self, k: int) -> bool:
        info = self.fences[self.order[k]].info
        return kind_of(info) == "python" or (path_in_info(info) or "").endswith(".py")

    def _names_file(self, n: int) -> bool:
        return path_in_info(self.fences[n].info) is not None or self._heading_path(n) is not None

    def _heading_path(self, n: int) -> str | None:
        """The path in the nearest line with text before line `n`, two lines up at the most."""
        line = self._line_before(n)
        named = path_in_heading(self.lines[line]) if line is not None else None
        return named.path if named and named.sure else None

    def _before_heading(self, n: int) -> int:
        """Line `n`, or the one before it that names the file of the block there."""
        line = self._line_before(n)
        return line if line is not None and n < len(self.lines) and self._heading_path(n) is not None else n

    def _line_before(self, n: int) -> int | None:
        line = next((line for line in range(n - 1, max(0, n - 2) - 1, -1) if self.lines[line].strip()), None)
        return None if line in self.fences else line


def open_quotes(line: str, quotes: str | None) -> str | None:
    """The triple quotes that are open behind this line of Python, given those that were open before it."""
    at = 0
    while True:
        if quotes:
            closing = _TO_CLOSING[quotes].match(line, at)
            if closing is None:
                return quotes
            at, quotes = closing.end(), None
        token = _STRING_OR_COMMENT.search(line, at)
        if token is None:
            return None
        at = token.end()
        quotes = token[0] if token[0] in _TO_CLOSING else None


def _dedent(lines: list[str], indent: int) -> list[str]:
    """Without the indentation of the fence, as far as every line has it."""
    texts = [line for line in lines if line.strip()]
    shared = min([indent, *(len(line) - len(line.lstrip(" \t")) for line in texts)]) if indent else 0
    return [line[shared:] if line.strip() else line.strip(" \t") if shared else line for line in lines]
