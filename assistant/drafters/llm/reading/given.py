"""One file as a reply gives it, and which of several versions of it is taken."""

import re
from dataclasses import dataclass

_LEFT_OUT = re.compile(
    r"[ \t]*+(?:#|//|<!--)[ \t]*+(?:"
    r"(?:\.\.\.|…)(?:\W*$|.*\b(?:rest|remaining|existing|unchanged|same|previous|omitted|before|above|other)\b)"
    r"|\W*(?:the[ \t]++)?(?:rest|remaining|remainder|existing)\b"
    r".*(?:\.\.\.|…|\b(?:unchanged|as before|omitted|goes here|the same)\b)"
    r"|.*\b(?:code|methods?|functions?|class|imports?|everything)\b"
    r".*\b(?:unchanged|as before|omitted)(?: for brevity)?\W*$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Given:
    """A version of a file."""

    path: str
    content: str
    complete: bool = True

    @property
    def left_out(self) -> int | None:
        """Number of the first line that stands for code which is not there, such as `# ... rest unchanged ...`."""
        lines = self.content.split("\n")
        return next((n for n, line in enumerate(lines, 1) if len(line) < 200 and _LEFT_OUT.match(line)), None)


def file_text(lines: list[str]) -> str:
    """The lines as a file's text: no blank lines at its end, one line end."""
    text = "\n".join(lines).rstrip("\n")
    return f"{text}\n" if text else ""


def choose(versions: list[Given]) -> Given:
    """The last whole version; else the last that does not break off; else the last."""
    whole = [given for given in versions if given.complete and given.left_out is None]
    complete = [given for given in versions if given.complete]
    return (whole or complete or versions)[-1]
