"""Quoting: text that others wrote goes into a prompt as data, between markers that it cannot forge."""

import json
import re
import secrets

MAX_NAME = 120
_PLAIN = re.compile(r"[\w./-]{1,120}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")


class Quoter:
    """Marks data with a number that is drawn anew for each prompt, so that no text can hold the closing marker."""

    def __init__(self, nonce: str | None = None) -> None:
        self.nonce = nonce or secrets.token_hex(6)

    @property
    def opening(self) -> str:
        """What every opening marker starts with."""
        return f"<data {self.nonce}"

    @property
    def closing(self) -> str:
        return f"</data {self.nonce}>"

    def data(self, what: str, text: str) -> str:
        """`text` between the markers. `what` is said by gradproof, never by the text."""
        inside = text.replace(self.nonce, "…")  # it was drawn after the text was written, so this is an echo
        return f"{self.opening} {what}>\n{inside.rstrip()}\n{self.closing}"


def fenced(text: str, language: str = "") -> str:
    """`text` in a fence that is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{printable(text).rstrip()}\n{fence}"


def printable(text: str) -> str:
    """`text` with plain line ends and without control characters, which could hide something from a reader."""
    return _CONTROL.sub("�", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """`text` on one line, each run of white space as one blank."""
    return " ".join(printable(text).split())


def quoted_name(name: str) -> str:
    """A file's or column's name on one line, escaped and cut."""
    short = name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"
    return json.dumps(printable(short), ensure_ascii=False)


def file_name(path: str) -> str:
    """A project's path as it is where it is plain, quoted where it could be taken for anything else."""
    return path if _PLAIN.fullmatch(path) else quoted_name(path)


def cap_lines(text: str, *, most: int, width: int = 400) -> str:
    """At most `most` lines of `text`, left out from the middle, each at most `width` characters."""
    lines = [line if len(line) <= width else f"{line[: width - 1]}…" for line in printable(text).split("\n")]
    if len(lines) <= most:
        return "\n".join(lines)
    head = (most + 1) // 2
    tail = most - head
    kept = lines[len(lines) - tail :] if tail else []
    return "\n".join([*lines[:head], f"… {len(lines) - most} lines left out …", *kept])
