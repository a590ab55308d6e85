"""From the pieces of a document to programs: each piece with what it builds on, in the document's order."""

import ast
import re
from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from ingest.pieces import Piece
from ingest.python_source import parsed, runs_something

CONVENTIONS = {
    "F": "import torch.nn.functional as F",
    "K": "from keras import backend as K",
    "keras": "import keras",
    "layers": "from keras import layers",
    "nn": "from torch import nn",
    "np": "import numpy as np",
    "optim": "from torch import optim",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "tf": "import tensorflow as tf",
    "torch": "import torch",
}
"""Names that documents use without saying where they come from."""


class Program(BaseModel):
    """Pieces that run together."""

    pieces: list[Piece]
    imports: list[str]
    """Statements put in front: what the document imports elsewhere, or never says."""
    assumed: list[str]
    """Those of them that the document never says."""

    @property
    def code(self) -> str:
        """The program's text."""
        front = "".join(f"{line}\n" for line in self.imports)
        return front + ("\n" if front else "") + "\n\n".join(piece.code.strip("\n") for piece in self.pieces) + "\n"

    def piece_at(self, line: int) -> Piece | None:
        """Which piece holds a line of the text; None for the imports in front."""
        at = len(self.imports) + (1 if self.imports else 0)
        for piece in self.pieces:
            height = piece.code.strip("\n").count("\n") + 1
            if at < line <= at + height:
                return piece
            at += height + 1
        return None

    @property
    def runs(self) -> bool:
        """Whether it does more than define things."""
        return any(_acts(node) for piece in self.pieces for node in parsed(piece.code).body)


def _acts(node: ast.stmt) -> bool:
    """In a document an assignment counts as soon as it calls something: `y = layer(x)` is what it shows."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return node.value is not None and any(isinstance(inner, ast.Call) for inner in ast.walk(node.value))
    return runs_something(node)


def programs_in(pieces: Sequence[Piece]) -> tuple[list[Program], dict[int, str]]:
    """The programs, in the order in which they begin; and section -> the reason, for pieces that can be in none."""
    sources, missing = _connect(pieces)
    unusable = _with_dependents(sources, set(missing))
    faults = {
        pieces[number].section: f"it uses {missing[number]!r}, which the document does not define"
        for number in sorted(missing, reverse=True)
    }
    groups = _groups([number for number in range(len(pieces)) if number not in unusable], sources)
    return [program_of([pieces[number] for number in group], pieces) for group in groups], faults


def without(program: Program, failing: Sequence[Piece], every: Sequence[Piece]) -> Program | None:
    """The program without pieces that fail and all that builds on them; None where nothing is left that runs."""
    pieces = program.pieces
    sources, _ = _connect(pieces)
    gone = _with_dependents(sources, {number for number, piece in enumerate(pieces) if piece in failing})
    kept = [piece for number, piece in enumerate(pieces) if number not in gone]
    rest = program_of(kept, every) if kept else None
    return rest if rest and rest.runs else None


def pieces_that_need(module: str, program: Program, every: Sequence[Piece]) -> list[Piece]:
    """Those that import a package, or use what another piece imports from it."""
    wanted = re.compile(rf"(?:import|from) {re.escape(module)}\b")

    def uses(piece: Piece) -> bool:
        own = piece.names.imports.values()
        taken = [
            line for name in piece.names.needs if (line := _import_of(name, piece, every) or CONVENTIONS.get(name))
        ]
        return any(wanted.match(line) for line in (*own, *taken))

    return [piece for piece in program.pieces if uses(piece)]


def _import_of(name: str, piece: Piece, every: Sequence[Piece]) -> str | None:
    """The statement by which the document imports a name, the last one before this piece."""
    before = [one for one in every if one.first <= piece.first and name in one.names.imports]
    return before[-1].names.imports[name] if before else None


def program_of(group: Sequence[Piece], every: Sequence[Piece]) -> Program:
    """These pieces, with the imports that they need put in front."""
    imports: list[str] = []
    assumed: list[str] = []
    bound: set[str] = set()
    for piece in group:
        for name in sorted(piece.names.needs - bound):
            said = _import_of(name, piece, every)
            line = said or CONVENTIONS.get(name)
            imports += [line] if line else []
            assumed += [line] if line and not said else []
        bound |= piece.names.binds | piece.names.imports.keys() | piece.names.needs
    return Program(pieces=list(group), imports=_future_first(imports), assumed=sorted(set(assumed)))


def _future_first(imports: list[str]) -> list[str]:
    return sorted(dict.fromkeys(imports), key=lambda line: not line.startswith("from __future__"))


def _connect(pieces: Sequence[Piece]) -> tuple[dict[int, set[int]], dict[int, str]]:
    """Piece -> the earlier pieces that it needs; and piece -> a name that nothing before it defines."""
    sources: dict[int, set[int]] = {}
    missing: dict[int, str] = {}
    for number, piece in enumerate(pieces):
        sources[number] = set()
        for name in sorted(piece.names.needs):
            found = _definer(name, pieces[:number])
            if found is not None and name in pieces[found].names.binds:
                sources[number].add(found)
            elif found is None and name not in CONVENTIONS:
                missing.setdefault(number, name)
    return sources, missing


def _definer(name: str, before: Sequence[Piece]) -> int | None:
    """The last piece that defines or imports this name."""
    for number in range(len(before) - 1, -1, -1):
        if name in before[number].names.binds or name in before[number].names.imports:
            return number
    return None


def _with_dependents(sources: dict[int, set[int]], first: set[int]) -> set[int]:
    gone = set(first)
    for number in sorted(sources):  # what is needed always comes before
        if sources[number] & gone:
            gone.add(number)
    return gone


def _groups(numbers: list[int], sources: dict[int, set[int]]) -> Iterator[list[int]]:
    """Pieces that are connected, directly or over others; each group in the document's order."""
    leader = {number: number for number in numbers}

    def find(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    for number in numbers:
        for source in sources[number]:
            first, second = sorted((find(number), find(source)))
            leader[second] = first
    together: dict[int, list[int]] = {}
    for number in numbers:
        together.setdefault(find(number), []).append(number)
    yield from together.values()
