"""The faults that a finding can name: number, title, and why each matters, read from the TOML files beside this one."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from sandbox.entry import Framework

FOLDER = Path(__file__).parent


class Fault(BaseModel):
    """One kind of fault. What was observed, and what to change, is told by the finding."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Stable kebab-case name."""
    number: str | None = None
    """Entry of the fault catalogue, such as "C1"; None for what has no entry, such as a syntax error."""
    title: str
    """What is wrong, in a few words that start a sentence without its full stop."""
    why: str
    """Why it matters, in one sentence."""
    frameworks: tuple[Framework, ...] = ("pytorch", "tensorflow")
    """Where it can be found."""
    unexampled: str | None = None
    """Why there is no example, as a sentence, where there is none."""


@cache
def faults() -> dict[str, Fault]:
    """Id -> fault, of all files, in their order. Raises ValueError where two files name the same fault."""
    found: dict[str, Fault] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for id, fields in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if id in found:
                raise ValueError(f"{path.name} describes {id!r}, and so does another file; keep one of them")
            found[id] = Fault(id=id, **fields)
    return found
