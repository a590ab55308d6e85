"""Whether a model notices the order of its tokens or patches.

Runs inside the jail, on numpy arrays, for both frameworks.
"""

from typing import Any

import numpy as np

from observe.answers import Answers, relative
from observe.positions import by_position, disturbed
from observe.probe import NotApplicable

PATCHES = (2, 4, 8, 16, 3, 5, 6, 7, 14, 32)


def order(subject: Any) -> dict[str, Any]:
    """How much the answer moves when tokens change places, against how much it moves when they are replaced.

    The first and the last token stay where they are, and of an output with positions only the last one is compared.
    """
    answers: Answers = subject.answers
    answers.must_repeat()
    value = answers.inputs[answers.lead]
    if value.ndim == 4 and value.dtype.kind == "f":
        return {"what": "patches", **_patches(answers, value)}
    if value.ndim not in (2, 3) or value.shape[1] < 5 or (value.ndim == 2 and value.dtype.kind == "f"):
        raise NotApplicable("The input is no sequence.")
    inner = np.arange(1, value.shape[1] - 1)
    moved = value.copy()
    moved[:, inner] = value[:, np.random.default_rng(7).permutation(inner)]
    base = _last(answers.base, value)
    return {
        "what": "ids" if value.dtype.kind in "iu" else "vectors",
        "moved": relative(_last(answers.changed(answers.lead, moved), value), base),
        "replaced": relative(_last(answers.changed(answers.lead, disturbed(value, 1, inner)), value), base),
        "different": float((moved != value).mean()),
        "uniform": _uniform(answers, value),
    }


def _uniform(answers: Answers, value: np.ndarray) -> float | None:
    """How much positions differ in their answers when all hold the same; None where the output has no positions."""
    same = np.broadcast_to(value[:, 1:2], value.shape).copy()
    ordered = by_position(answers.changed(answers.lead, same), value, 1)
    return None if ordered is None else relative(ordered, np.broadcast_to(ordered[:, :1], ordered.shape))


def _last(output: np.ndarray, value: np.ndarray) -> np.ndarray:
    ordered = by_position(output, value, 1)
    return output if ordered is None else ordered[:, -1]


def _patches(answers: Answers, image: np.ndarray) -> dict[str, Any]:
    """How far the answer moves when patches change places, at the size of a patch that moves it least."""
    channels_last = image.shape[-1] <= min(image.shape[1:3]) and image.shape[-1] <= 16
    pixels = image if channels_last else np.moveaxis(image, 1, -1)
    height, width = pixels.shape[1:3]
    base, found = answers.base, []
    for size in PATCHES:
        if height % size or width % size or (height // size) * (width // size) < 4 or len(found) > 3:
            continue
        other = _shuffled(pixels, size)
        moved = answers.changed(answers.lead, other if channels_last else np.moveaxis(other, -1, 1).copy())
        found.append(relative(moved, base))
    if not found:
        raise NotApplicable("No patch size divides the image.")
    replaced = relative(answers.changed(answers.lead, disturbed(image, 1, slice(None))), base)
    return {"moved": min(found), "replaced": replaced, "different": 1.0}


def _shuffled(pixels: np.ndarray, size: int) -> np.ndarray:
    rows, height, width, channels = pixels.shape
    grid = pixels.reshape(rows, height // size, size, width // size, size, channels).swapaxes(2, 3)
    patches = grid.reshape(rows, -1, size, size, channels)
    patches = patches[:, np.random.default_rng(7).permutation(patches.shape[1])]
    return patches.reshape(grid.shape).swapaxes(2, 3).reshape(pixels.shape)
