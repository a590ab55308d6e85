"""The programs that the checks are measured on: correct ones, variants of them with one fault each, and odd ones."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from sandbox.entry import Framework

DATA = Path(__file__).parent / "data"
FRAMEWORKS: dict[str, Framework] = {"torch": "pytorch", "keras": "tensorflow"}


class Program(BaseModel):
    """One file of the corpus, or a variant of it."""

    name: str
    framework: Framework
    text: str


class Variant(Program):
    """A correct program with one fault in it."""

    number: str
    """Entry of the catalogue."""
    also: list[str] = []
    """Entries that name the same fault as well."""
    silent: bool
    """Whether it runs to its end without an exception."""
    held_out: bool
    """Whether nothing was tuned on it: the folder `unseen` was written by somebody who did not know the rules."""


def correct() -> list[Program]:
    return [_program(path) for path in sorted((DATA / "corpus").rglob("*.py"))]


def suspicious() -> list[Program]:
    """Correct programs that look as if they were not; the first line of each says why it is right."""
    return [_program(path) for path in sorted((DATA / "suspicious").glob("*.py"))]


def variants() -> list[Variant]:
    return [one for path in sorted((DATA / "corpus").rglob("*.toml")) for one in _variants(path)]


def _variants(path: Path) -> Iterator[Variant]:
    program = _program(path.with_suffix(".py"))
    for fault in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]:
        text = program.text
        for old, new in fault.pop("replace"):
            if text.count(old) != 1:
                raise ValueError(
                    f"{path.name}: {fault['name']!r} replaces {old!r}, which is there {text.count(old)} times"
                )
            text = text.replace(old, new)
        name = f"{program.name}/{fault.pop('name')}"
        held_out = path.parent.name == "unseen"
        yield Variant(name=name, framework=program.framework, text=text, held_out=held_out, **fault)


def _program(path: Path) -> Program:
    framework = FRAMEWORKS[path.stem.split("_")[0]]
    return Program(name=path.stem, framework=framework, text=path.read_text(encoding="utf-8"))
