"""Tell a model's answer from what it thinks aloud, between <think> and </think> or the like, while both arrive in pieces.

A mark counts where it begins a line; a closing one that nothing opened also where it ends one. Any other is left alone:
code may hold marks in its strings.
"""

import re

TAGS = ("think", "thinking", "reasoning")

_OPENING = re.compile(f"<({'|'.join(TAGS)})>", re.IGNORECASE)
_LONE_CLOSING = re.compile(
    rf"(?<![^\r\n])[ \t]*+</({'|'.join(TAGS)})>|</({'|'.join(TAGS)})>(?=[ \t]*+(?:[\r\n]|\Z))", re.IGNORECASE
)
_LINE_END = re.compile(r"[\r\n]")


class Thinking:
    """Takes the text of a reply in pieces; a mark may be split over them."""

    def __init__(self) -> None:
        self._inside = ""
        """The tag that is open."""
        self._seen = False
        self._held = ""
        self._answer = ""
        self._reasoning = ""

    def feed(self, piece: str) -> str:
        """The answer's text that is certain by now and was not given before."""
        self._held += piece
        told = len(self._answer)
        while self._pass_mark():
            pass
        self._take(len(self._held) - self._begun())
        return self._answer[told:]

    def end(self) -> str:
        """What was held back because it looked like the beginning of a mark."""
        told = len(self._answer)
        self._take(len(self._held))
        return self._answer[told:]

    @property
    def text(self) -> str:
        """The answer so far. A closing mark that nothing opened ends the reasoning that a chat template had begun."""
        closing = _LONE_CLOSING.search(self._answer)
        answer = self._answer[closing.end() :] if closing else self._answer
        return answer.lstrip() if closing or self._seen else answer

    @property
    def reasoning(self) -> str:
        """What it thought aloud so far."""
        closing = _LONE_CLOSING.search(self._answer)
        return (self._reasoning + (self._answer[: closing.start()] if closing else "")).strip()

    def _pass_mark(self) -> bool:
        """Go past the next mark, if what is held has one."""
        mark = self._closing() if self._inside else self._opening()
        if mark is None:
            return False
        self._take(mark.start())
        self._held = self._held[mark.end() - mark.start() :]
        self._inside, self._seen = "" if self._inside else mark[1], True
        return True

    def _opening(self) -> re.Match[str] | None:
        return next((mark for mark in _OPENING.finditer(self._held) if self._starts_line(mark.start())), None)

    def _closing(self) -> re.Match[str] | None:
        return re.search(f"</{self._inside}>", self._held, re.IGNORECASE)

    def _starts_line(self, at: int) -> bool:
        line = _LINE_END.split(self._answer[-200:] + self._held[:at])[-1]
        return not line.strip(" \t\ufeff")

    def _begun(self) -> int:
        """Length of the end of what is held that may be the beginning of a mark."""
        end = self._held[self._held.rfind("<") :].lower() if "<" in self._held else ""
        marks = [f"</{self._inside.lower()}>"] if self._inside else [f"<{tag}>" for tag in TAGS]
        return len(end) if any(mark.startswith(end) for mark in marks) else 0

    def _take(self, length: int) -> None:
        if self._inside:
            self._reasoning += self._held[:length]
        else:
            self._answer += self._held[:length]
        self._held = self._held[length:]
