"""Which reshapes put values of different places into one place, where a transpose was needed before.

Runs inside the jail, on shapes alone, for both frameworks.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import isqrt


def scrambles(before: Sequence[int], after: Sequence[int]) -> bool:
    """Whether a reshape of these shapes tears axes apart and joins the parts with others.

    Joining neighbours and splitting an axis keep every value with its own. An axis that is cut so that its parts join
    different neighbours, or parts of two axes that end in one, do not: that is a permutation meant and not made.
    """
    return bool(scrambled_axes(before, after))


def scrambled_axes(before: Sequence[int], after: Sequence[int]) -> list[int]:
    """The axes of the shape before that are torn, in their order."""
    for first, old, new in _segments(before, after):
        axes = [first + place for place, size in enumerate(old) if size > 1]
        old, new = [size for size in old if size > 1], [size for size in new if size > 1]
        if len(old) < 2 or len(new) < 2:
            continue
        if sorted(old) == sorted(new):
            shifted = len(old) == 2 and abs(old[0] - old[1]) == 1  # relative positions are shifted in this way
            if not shifted:
                return axes
        elif _tears(old, new):
            return axes
    return [1, 2] if _takes_rows_for_patches(before, after) else []


def _segments(before: Sequence[int], after: Sequence[int]) -> list[tuple[int, list[int], list[int]]]:
    """(axis where it begins, sizes before, sizes after) of the parts between boundaries that both shapes have."""
    found, i, j = [], 0, 0
    while i < len(before) and j < len(after):
        start, ends = i, (i + 1, j + 1)
        left, right = before[i], after[j]
        begin = j
        i, j = ends
        while left != right:
            if left < right and i < len(before):
                left, i = left * before[i], i + 1
            elif right < left and j < len(after):
                right, j = right * after[j], j + 1
            else:
                return found
        found.append((start, list(before[start:i]), list(after[begin:j])))
    return found


def _tears(old: list[int], new: list[int]) -> bool:
    cuts = sorted({*_products(old), *_products(new)})
    if any(high % low for low, high in pairwise(cuts)):
        return True
    parts = [high // low for low, high in zip([1, *cuts], cuts, strict=False)]
    olds, news = _owners(parts, old), _owners(parts, new)
    pieces = range(len(parts))
    joined = [sum(news[other] == news[one] for other in pieces) > 1 for one in pieces]
    split = [sum(olds[other] == olds[one] for other in pieces) > 1 for one in pieces]
    twice = any(sum(joined[one] for one in pieces if olds[one] == axis) > 1 for axis in set(olds))
    torn_together = any(sum(split[one] for one in pieces if news[one] == axis) > 1 for axis in set(news))
    return twice or torn_together


def _products(sizes: list[int]) -> list[int]:
    found, product = [], 1
    for size in sizes:
        product *= size
        found.append(product)
    return found


def _owners(parts: list[int], sizes: list[int]) -> list[int]:
    """For each part the axis that it belongs to."""
    found, axis, product = [], 0, 1
    for part in parts:
        found.append(axis)
        product *= part
        if product == sizes[axis]:
            axis, product = axis + 1, 1
    return found


def _takes_rows_for_patches(before: Sequence[int], after: Sequence[int]) -> bool:
    """Whether n = p² rows of a square image become n patches of p x p pixels, each of which is then a row."""
    if len(before) != 4 or len(after) != 3 or before[1] != before[2] or after[1] != before[1] or before[1] < 9:
        return False
    return isqrt(before[1]) ** 2 == before[1] and before[3] <= 4
