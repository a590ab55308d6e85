"""How a program ended, as its way into the sandbox tells; what the program prints itself decides nothing."""

import re
from typing import Literal, NamedTuple

from pydantic import BaseModel

from sandbox.schema import ExecResult


class Ended(BaseModel):
    """The end of the program itself, which is not that of its process."""

    how: Literal["returned", "exited", "raised"]
    type: str = ""
    """Name of the exception, without its module."""
    message: str = ""
    line: int | None = None
    """Of the program's top level, where the exception was raised or passed through."""
    lines: list[int] = []
    """Those that were reached, where that was asked for."""
    raised: dict[int, str] = {}
    """Line -> type of the last exception that it raised or let through, whatever became of it; where asked for."""


class Run(NamedTuple):
    """One run of one program."""

    result: ExecResult
    """Without what was told of the end."""
    ended: Ended | None
    """None where the program left, or was ended, before its end could be told."""


def with_its_end(result: ExecResult, word: str) -> Run:
    """The run, with what was told after this word."""
    told = re.compile(rf"\n?^{word} (.*)\n?", re.MULTILINE)
    found = told.findall(result.stderr)
    rest = result.model_copy(update={"stderr": told.sub("", result.stderr)})
    return Run(rest, Ended.model_validate_json(found[-1]) if found else None)
