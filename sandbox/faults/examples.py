"""Examples of faults: one program per fault and framework, which holds the wrong and the right version at once.

A line that ends in `# WRONG` is left out of the right version, one that ends in `# RIGHT` out of the wrong version, so
that both differ in the fault alone. Both are executed by the tests, and neither is ever run here.
"""

import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from sandbox.entry import Framework

FOLDER = Path(__file__).parent / "examples"
MARK = re.compile(r"[ \t]*# (WRONG|RIGHT)$")
FRAMEWORKS: tuple[Framework, ...] = ("pytorch", "tensorflow")

Version = Literal["wrong", "right"]


class Line(BaseModel):
    """One line of an example, without its mark."""

    text: str
    only: Version | None = None
    """The version that it belongs to; None for both."""


def example(text: str, version: Version) -> str:
    """One version of a marked program."""
    return "".join(f"{line.text}\n" for line in lines(text) if line.only in (None, version))


def lines(text: str) -> list[Line]:
    """The lines of both versions, as a diff reads."""
    return [_line(line) for line in text.splitlines()]


def _line(text: str) -> Line:
    mark = MARK.search(text)
    if mark is None:
        return Line(text=text)
    return Line(text=text[: mark.start()], only="wrong" if mark[1] == "WRONG" else "right")


@cache
def examples(id: str) -> dict[Framework, str]:
    """Framework -> marked program, of the frameworks that a fault has an example in."""
    paths = {framework: FOLDER / framework / f"{id.replace('-', '_')}.py" for framework in FRAMEWORKS}
    return {framework: path.read_text(encoding="utf-8") for framework, path in paths.items() if path.is_file()}
