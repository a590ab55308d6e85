"""Tell a model's answer from what it thinks aloud, between <think> and </think> or the like. Both arrive in pieces.

A mark counts where it begins a line; a closing one that nothing opened also where it ends one. Any other is left alone:
code may hold marks in its strings.
"""

import re

TAGS = ("think", "thinking", "reasoning")
LONGEST_INDENT = 200
"""Characters before a mark that are looked at."""

_NAME, _LINE = "|".join(TAGS), r"(?<![^\r\n])[ \t\ufeff]*+"
_OPENING = re.compile(f"{_LINE}(?P<mark><(?P<tag>{_NAME})>)", re.IGNORECASE)
_CLOSING = {tag: re.compile(f"(?P<mark></{tag}>)", re.IGNORECASE) for tag in TAGS}
_LONE_CLOSING = re.compile(rf"{_LINE}</({_NAME})>|</({_NAME})>(?=[ \t]*+(?:[\r\n]|\Z))", re.IGNORECASE)
_BLANK = re.compile(r"(?:\A|[\r\n])[ \t\ufeff]*\Z")


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
        begun = "" if _BLANK.search(self._answer[-LONGEST_INDENT:]) else "."
        mark = (_CLOSING[self._inside] if self._inside else _OPENING).search(begun + self._held)
        if mark is None:
            return False
        self._take(mark.start("mark") - len(begun))
        self._held = self._held[mark.end("mark") - mark.start("mark") :]
        self._inside, self._seen = "" if self._inside else mark["tag"].lower(), True
        return True

    def _begun(self) -> int:
        """Length of the end of what is held that may be the beginning of a mark."""
        end = self._held[self._held.rfind("<") :].lower() if "<" in self._held else ""
        marks = [f"</{self._inside}>"] if self._inside else [f"<{tag}>" for tag in TAGS]
        return len(end) if any(mark.startswith(end) for mark in marks) else 0

    def _take(self, length: int) -> None:
        if self._inside:
            self._reasoning += self._held[:length]
        else:
            self._answer += self._held[:length]
        self._held = self._held[length:]
