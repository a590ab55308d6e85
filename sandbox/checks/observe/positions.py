"""Which positions of a model's output move when one position of its input is changed.

Runs inside the jail, on numpy arrays, for both frameworks.
"""

import time
from typing import Any

import numpy as np

from observe.answers import SAME, Answers, changes
from observe.probe import NotApplicable

SECONDS = 1.2
SHORTEST, LONGEST = 4, 4096


def positions(subject: Any) -> dict[str, Any]:
    """One entry for each input and axis of it that the output has a counterpart of."""
    answers: Answers = subject.answers
    answers.must_repeat()
    ends = time.process_time() + SECONDS
    found = []
    for index, value in enumerate(answers.inputs):
        for axis in (1, 0):
            if value.ndim < 2 or (axis == 0 and (index != answers.lead or not found or not found[0]["mixes"])):
                continue
            if by_position(answers.base, value, axis) is not None and time.process_time() < ends:
                found.append(_dependencies(answers, index, axis, ends))
    if not found:
        raise NotApplicable("No axis of the output follows the positions of an input.")
    return {"seen": found}


def by_position(output: np.ndarray, value: np.ndarray, axis: int) -> np.ndarray | None:
    """The output as (samples, positions, the rest), where its shape shows the positions of this input."""
    rows, length = (value.shape[0], value.shape[1]) if axis == 1 else (value.shape[1], value.shape[0])
    if not SHORTEST <= length <= LONGEST:
        return None
    shape = (rows, length) if axis == 1 else (length, rows)
    if output.shape[:2] == shape and output.ndim >= 2:
        found = output.reshape(*shape, -1)
    elif axis == 1 and output.ndim == 3 and (output.shape[0], output.shape[2]) == shape:
        found = output.swapaxes(1, 2)
    elif output.ndim == 2 and output.shape[0] == rows * length:
        found = output.reshape(*shape, -1)
    else:
        return None
    return found if axis == 1 else found.swapaxes(0, 1)


def _dependencies(answers: Answers, index: int, axis: int, ends: float) -> dict[str, Any]:
    value = answers.inputs[index]
    length = value.shape[axis]
    entry: dict[str, Any] = {"input": index, "axis": axis, "length": length}
    entry |= {"asked": [], "earliest": [], "leak": 0.0, "own": 0.0, "mixes": _mixes(answers, index)}
    for position in some_positions(length):
        answer = answers.changed(index, disturbed(value, axis, position))
        moved = by_position(_change(answer, answers.base), value, axis)
        reached = moved.max((0, 2)) if moved is not None else np.zeros(length)
        where = np.flatnonzero(reached > SAME)
        if len(where):
            entry["asked"].append(position)
            entry["earliest"].append(int(where[0]))
            entry["leak"] = max(entry["leak"], float(reached[:position].max(initial=0.0)))
            entry["own"] = max(entry["own"], float(reached[position]))
        if time.process_time() > ends:
            break
    return entry


def _change(answer: np.ndarray, base: np.ndarray) -> np.ndarray:
    return changes(answer, base) if answer.shape == base.shape else np.zeros(base.shape)


def _mixes(answers: Answers, index: int) -> bool:
    """Whether the first sample's change moves the answer to another one."""
    value = answers.inputs[index].copy()
    value[0] = value[-1]
    answer = answers.changed(index, value)
    return answer.shape == answers.base.shape and bool((changes(answer, answers.base)[1:] > SAME).any())


def some_positions(length: int) -> list[int]:
    """All positions of a short sequence; of a long one its ends and its middle."""
    if length <= 10:
        return list(range(length))
    middle = length // 2
    return sorted({1, 2, 3, length // 4, middle, middle + 1, 3 * length // 4, length - 3, length - 2, length - 1})


def disturbed(value: np.ndarray, axis: int, position: Any) -> np.ndarray:
    """Other values at one position (or several) of every sample: ids that are there already, or floats like these."""
    part = [slice(None)] * value.ndim
    part[axis] = position
    result = value.copy()
    chosen = value[tuple(part)]
    if value.dtype.kind in "iu":
        known = np.unique(value)
        result[tuple(part)] = known[(np.searchsorted(known, chosen) + 1) % len(known)]
    elif value.dtype.kind == "b":
        result[tuple(part)] = ~chosen
    else:
        spread = float(np.nanstd(value)) or 1.0
        noise = np.random.default_rng(5).normal(size=chosen.shape)
        result[tuple(part)] = chosen + (spread * noise).astype(value.dtype)
    return result
