"""What an engine that holds the points of patterns and notes has to offer: two rankings, and what it keeps."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Asked(NamedTuple):
    """What an engine is to rank by."""

    dense: list[float] | None
    """None where only words count."""
    words: tuple[list[int], list[float]] | None
    """Hashed, with their weights; None where the query has none."""
    wanted: dict[str, str | list[str]]
    """Values that fields of the payload must have, one of them where it is a list."""
    depth: int
    """How many of each ranking."""


class Rankings(NamedTuple):
    """What an engine found: the id of each point, with its score."""

    meaning: dict[str, float]
    """The cosine of the vector that is nearest to the query's."""
    words: dict[str, float]
    """BM25."""


class Kept(NamedTuple):
    """What an engine keeps of a point."""

    record: str
    """The pattern or note, as JSON."""
    words: list[int]
    """Hashed."""


class Store(Protocol):
    """An engine that holds the points of patterns and notes."""

    def rank(self, asked: Asked) -> Rankings:
        """The points nearest by meaning, and those nearest by words."""

    def read(self, ids: Iterable[str]) -> dict[str, Kept]:
        """The points with these ids, as far as there are such."""

    def __len__(self) -> int: ...

    def close(self) -> None:
        """Let go of what is held open."""
