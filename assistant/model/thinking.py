"""Tell a model's answer from what it thinks aloud between <think> and </think>, while both arrive in pieces."""

OPEN, CLOSE = "<think>", "</think>"


class Thinking:
    """Takes the text of a reply in pieces; a mark may be split over them.

    An opening mark counts at the start of a line only, so that code which mentions one stays whole.
    """

    def __init__(self) -> None:
        self._inside = False
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
        self._take(len(self._held) - _overlap(self._held, CLOSE if self._inside else OPEN))
        return self._answer[told:]

    def end(self) -> str:
        """What was held back because it looked like the beginning of a mark."""
        told = len(self._answer)
        self._take(len(self._held))
        return self._answer[told:]

    @property
    def text(self) -> str:
        """The answer so far. A closing mark that nothing opened ends the reasoning that a chat template had begun."""
        if not self._seen and CLOSE in self._answer:
            return self._answer.partition(CLOSE)[2].lstrip()
        return self._answer.lstrip() if self._seen else self._answer

    @property
    def reasoning(self) -> str:
        """What it thought aloud so far."""
        if not self._seen and CLOSE in self._answer:
            return self._answer.partition(CLOSE)[0].strip()
        return self._reasoning.strip()

    def _pass_mark(self) -> bool:
        """Go past the next mark, if what is held has one."""
        mark = CLOSE if self._inside else OPEN
        at = self._held.find(mark)
        while not self._inside and at >= 0 and not self._starts_line(at):
            at = self._held.find(mark, at + 1)
        if at < 0:
            return False
        self._take(at)
        self._held = self._held[len(mark) :]
        self._inside, self._seen = not self._inside, True
        return True

    def _starts_line(self, at: int) -> bool:
        before = self._held[:at] if "\n" in self._held[:at] else self._answer[-200:] + self._held[:at]
        return not before.rpartition("\n")[2].strip()

    def _take(self, length: int) -> None:
        if self._inside:
            self._reasoning += self._held[:length]
        else:
            self._answer += self._held[:length]
        self._held = self._held[length:]


def _overlap(text: str, mark: str) -> int:
    """Length of the longest end of the text that begins the mark."""
    return next((size for size in range(min(len(mark) - 1, len(text)), 0, -1) if text.endswith(mark[:size])), 0)
