"""Whether the rows that a model was given are no batch: one sample's features or tokens, or the nodes of one graph.

Works on numpy arrays, for both frameworks. Runs inside the jail.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

FEWEST = 4
"""Rows from which a square table is more likely to tell which belong together than to be square by chance."""


def is_one_sample(lead: np.ndarray, sizes: Mapping[str, Any]) -> bool:
    """Whether numbers in a row are one sample: no smaller part of them was taken as a batch."""
    return lead.ndim == 1 and lead.dtype.kind == "f" and bool(sizes["errors"]) and not sizes["differences"]


def is_one_sequence(lead: np.ndarray, *, in_order: bool) -> bool:
    """Whether whole numbers in a row are tokens of one sequence: layers of the model go through them `in_order`."""
    return in_order and lead.ndim == 1 and lead.dtype.kind in "iu"


def are_nodes(rows: int, given: Iterable[np.ndarray], known: Iterable[np.ndarray], sizes: Mapping[str, Any]) -> bool:
    """Whether a table says which rows belong together, and no part of them is taken without the rest.

    `given` came with the rows, and `known` is what the model or the program holds beside them.
    """
    if rows < FEWEST or not sizes["errors"] or sizes["differences"]:
        return False
    return any(one.shape == (rows, rows) or _lists_edges(one, rows) for one in given) or any(
        _joins(one, rows) or _lists_edges(one, rows) for one in known
    )


def _joins(one: np.ndarray, rows: int) -> bool:
    """A table with gaps in which each row is joined to those that are joined to it."""
    if one.shape != (rows, rows) or one.dtype.kind not in "fiub":
        return False
    joined = one != 0
    return not joined.all() and bool(joined.any()) and bool((joined == joined.T).all())


def _lists_edges(one: np.ndarray, rows: int) -> bool:
    """Two rows of numbers of nodes, the first and the last of which are in use."""
    listed = one.ndim == 2 and one.shape[0] == 2 and one.shape[1] >= rows / 2 and one.dtype.kind in "iu"
    return listed and int(one.min()) >= 0 and rows / 2 < int(one.max()) + 1 <= rows


def held_by_program(convert: Callable[[Any], np.ndarray | None]) -> Iterator[np.ndarray]:
    """Arrays among the names of the program itself, and one level inside of its tuples."""
    for value in list(vars(sys.modules["__main__"]).values()):
        for one in value if isinstance(value, tuple) else (value,):
            array = convert(one)
            if array is not None:
                yield array
