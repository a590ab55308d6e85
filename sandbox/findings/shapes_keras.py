"""Which fault an exception of Keras or TensorFlow about shapes speaks of, as far as the shapes in it tell."""

import math
import re
from collections.abc import Callable, Sequence

from sandbox.evidence import Evidence, Place, Raised
from sandbox.findings.finding import COLOUR, Maker, one_line
from sandbox.findings.shapes import FIXES
from sandbox.report import Finding

Shape = tuple[int | None, ...]

SHAPE = r"[(\[]([\d, None?]*)[)\]]"
"""TensorFlow leaves the commas out at times."""
LOSS = re.compile(rf"target\.shape={SHAPE},? (?:and )?output\.shape={SHAPE}")
SPARSE = re.compile(r"output` must have rank \(ndim\) `target\.ndim - 1|same shape up until the last dimension")
ROWS = re.compile(
    rf"must have the same first dimension, got logits shape {SHAPE} and labels shape {SHAPE}"
    rf"|Received: (?:labels\.shape={SHAPE} and )logits\.shape={SHAPE}$"
)
BINARY = re.compile(
    rf"`logits` and `labels` must have the same shape, received {SHAPE} vs {SHAPE}|\({SHAPE} vs {SHAPE}\)"
)
PAIR = re.compile(
    rf"Incompatible shapes: {SHAPE} vs\.? {SHAPE}|shape\[0\] = {SHAPE} vs\. shape\[\d\] = {SHAPE}"
    rf"|with input shapes: {SHAPE}, {SHAPE}|Input shapes are: {SHAPE} and {SHAPE}|Received shapes {SHAPE} and {SHAPE}"
)
RESHAPED = r"Cannot reshape a tensor with \d+ elements to shape|Input to reshape is a tensor with \d+ values"
COMPARED = re.compile(rf"Detected at node (?:\S+/)?Equal(?:.|\n)*Incompatible shapes: {SHAPE} vs\.? {SHAPE}")
DIFFERENCE = re.compile(r"\b(?:mse|mae|mean_squared_error|mean_absolute_error)\w*/[sS]ub")
UNNAMED = r"required broadcastable shapes"
LAYER = re.compile(
    rf"expected axis -1 of input shape to have value (\d+), but received input with shape {SHAPE}"
    rf"|expected (?:min_)?ndim=(\d+), found ndim=\d+\. Full shape received: {SHAPE}"
)
GIVEN = re.compile(rf"expected shape={SHAPE}, found shape={SHAPE}")
VANISHED = re.compile(rf"output size would be zero or negative\. Received:? `?inputs[. ]shape={SHAPE}`?")
KERNEL = re.compile(rf"kernel shape={SHAPE}")
COLOURS = (1, 3, 4)
NEAR = 2
"""Pixels by which two paths of a net differ that were meant to meet."""
FLATTEN = "Bring the answer to one row of scores for each sample: a Flatten or a pooling layer before the last Dense."


def tensor_shape_error(evidence: Evidence, make: Maker, at: Place) -> Finding | None:
    """The finding for what the shapes in the message tell; None where they tell no more than a difference."""
    raised = evidence.raised
    if raised is None:
        return None
    plain = raised.model_copy(update={"message": COLOUR.sub("", raised.message)})
    id = next((found for rule in RULES if (found := rule(plain, evidence.steps)) is not None), None)
    if id is None:
        return None
    if id == "rows-lost" and _has_taken_the_batch(plain, evidence):
        id = "batch-axis-lost"
    told = f"{raised.type}: {one_line(plain.message)}"
    figures = {"exception": raised.type, "stage": raised.stage, "step": raised.steps}
    return make(id, "critical", told, HERE.get(id) or FIXES[id], at=at, **figures)


def _read(text: str) -> Shape:
    return tuple(int(one) if one.isdigit() else None for one in re.split(r"[, ]+", text) if one)


def _groups(found: re.Match[str]) -> list[Shape]:
    return [_read(one) for one in found.groups() if one is not None]


def _loss(raised: Raised, steps: int) -> str | None:
    """Targets beside an answer that has not one row of scores for each of them."""
    found = LOSS.search(raised.message)
    if found is None:
        return None
    target, output = _groups(found)
    if target == (1,) and len(output) == 1 and output != (1,):
        return "batch-of-one"
    if target[:1] != output[:1] and None not in (*target[:1], *output[:1]) and target and output:
        return _lost(output, target)
    missing = len(target) + (1 if SPARSE.search(raised.message) else 0) - len(output)
    if missing > 0 and not (len(target) == 2 and len(output) == 2):
        return "rows-lost"
    return "shape-mismatch" if missing < 0 and len(output) > 2 and len(output) > len(target) + 1 else None


def _lost(output: Shape, target: Shape) -> str | None:
    answers, targets = output[0] or 0, target[0] or 1
    return "batch-axis-lost" if answers > targets and answers % targets == 0 else "rows-lost"


def _has_taken_the_batch(raised: Raised, evidence: Evidence) -> bool:
    """Whether the one row that is left came of a layer as wide as all samples with all that other layers answer."""
    found = LOSS.search(raised.message)
    target, output = _groups(found) if found is not None else ((), ())
    if output[:1] != (1,) or not target or not target[0]:
        return False
    kernels = [one.shape for one in evidence.counted.parameters if len(one.shape) == 2]
    whole = [shape for shape in kernels if shape[1] == output[-1] and shape[0] > target[0]]
    return any(shape[0] % (target[0] * other[1]) == 0 for shape in whole for other in kernels if other[1] > output[-1])


def _rows(raised: Raised, steps: int) -> str | None:
    """One-hot labels come flattened, as many as there are scores; any other number tells of lost samples."""
    found = ROWS.search(raised.message)
    if found is None:
        return None
    output, target = _groups(found) if found[1] is not None else _groups(found)[::-1]
    sizes = [one for one in (*output, *target) if one is not None]
    if len(sizes) != len(output) + len(target) or math.prod(output) == math.prod(target):
        return None
    return _lost(output, target)


def _column(raised: Raised, steps: int) -> str | None:
    """A column of answers and a row of targets, or another number of answers than of targets."""
    found = BINARY.search(raised.message)
    if found is None or "must have the same shape" not in raised.message:
        return None
    output, target = _groups(found)
    if len(output) == len(target) > 1 and output[1:] == target[1:] and None not in (output[0], target[0]):
        return _lost(output, target)
    shapes = [tuple(size for size in one if size != 1) for one in (output, target)]
    return "loss-broadcasting" if shapes[0] == shapes[1] else None


def _compared(raised: Raised, steps: int) -> str | None:
    """Labels that are compared with scores, as a metric for another kind of labels does."""
    found = COMPARED.search(raised.message)
    labels, scores = _groups(found) if found is not None else ((), ())
    return "accuracy-of-wrong-kind" if labels and len(scores) == len(labels) + 1 else None


def _regression(raised: Raised, steps: int) -> str | None:
    """One label for each sample, subtracted from a row of scores."""
    found = PAIR.search(raised.message) if DIFFERENCE.search(raised.message) else None
    labels, scores = _groups(found) if found is not None else ((), ())
    return "regression-loss-on-classes" if len(scores) == len(labels) + 1 == 2 and scores[-1] not in (1, None) else None


def _flattened(raised: Raised, steps: int) -> str | None:
    """One row that is several times as long as a layer expects, or no row at all, holds the whole batch."""
    found = LAYER.search(raised.message)
    if found is None:
        return None
    wanted, shape = int(found[1] or found[3]), _read(found[2] or found[4])
    if found[3]:
        return "batch-axis-lost" if wanted == 2 and len(shape) == 1 else None
    alone = len(shape) == 1 or (len(shape) == 2 and shape[0] == 1)
    given = shape[-1] if shape else None
    return "batch-axis-lost" if alone and given and given > wanted and given % wanted == 0 else None


def _channels(raised: Raised, steps: int) -> str | None:
    """A picture whose channels stand at its other end, so that a layer finds another number or no room."""
    found = LAYER.search(raised.message)
    if found is not None and found[1]:
        shape = _read(found[2])
        return "channels-misplaced" if len(shape) in (4, 5) and shape[1] == int(found[1]) else None
    found = GIVEN.search(raised.message)
    if found is not None:
        wanted, shape = _groups(found)
        turned = (*shape[:1], *shape[2:], *shape[1:2])
        moved = len(wanted) == len(shape) >= 4 and shape[1] == wanted[-1] != shape[-1]
        fits = moved and all(want in (None, size) for want, size in zip(wanted, turned, strict=True))
        return "channels-misplaced" if fits else None
    found = VANISHED.search(raised.message)
    if found is None:
        return None
    shape, kernel = _read(found[1]), KERNEL.search(raised.message)
    taken = _read(kernel[1])[-2:-1] if kernel else ()
    first = len(shape) >= 4 and shape[1] in COLOURS and (shape[2] or 0) > 4 and (shape[-1] or 0) > 4
    turned = len(shape) >= 4 and taken == shape[1:2] != shape[-1:]
    return "channels-misplaced" if first or turned else "skip-sizes-differ"


def _batch_size(raised: Raised, steps: int) -> str | None:
    """What fits at first and then no more was made for one size of a batch: the last one of an epoch is smaller."""
    if not steps:
        return None
    if re.search(UNNAMED, raised.message) or re.search(RESHAPED, raised.message):
        return "fixed-batch-size"
    found = PAIR.search(raised.message)
    shapes = _groups(found) if found is not None else []
    return "fixed-batch-size" if len(shapes) == 2 and _but_for_rows(*shapes) else None


def _but_for_rows(first: Shape, second: Shape) -> bool:
    return len(first) == len(second) and first[:1] != second[:1] and first[1:] == second[1:]


def _paths(raised: Raised, steps: int) -> str | None:
    """Two paths of a net whose pictures differ by a pixel or two."""
    found = PAIR.search(raised.message)
    shapes = _groups(found) if found is not None else []
    near = len(shapes) == 2 and len(shapes[0]) == len(shapes[1]) >= 3 and _is_near(*shapes)
    return "skip-sizes-differ" if near else None


def _is_near(first: Sequence[int | None], second: Sequence[int | None]) -> bool:
    apart = [abs((a or 0) - (b or 0)) for a, b in zip(first, second, strict=True)]
    return apart[-1] == 0 and 0 < max(apart) <= NEAR


HERE = {
    "shape-mismatch": FLATTEN,
    "accuracy-of-wrong-kind": "Take the accuracy that fits the labels: sparse_categorical, categorical or binary.",
    "regression-loss-on-classes": "Use sparse_categorical_crossentropy for class labels, or one-hot targets.",
    "batch-of-one": "Squeeze the one axis that is meant, such as tf.squeeze(x, -1), never all axes of size one.",
    "loss-broadcasting": "Bring both to the same shape, for example with target[:, None] or tf.squeeze(answer, -1).",
    "channels-misplaced": "Move the channels to where the layer looks for them: np.moveaxis(x, 1, -1), data_format.",
    "skip-sizes-differ": 'Check kernel, stride and padding along the way, such as padding="same".',
}
RULES: tuple[Callable[[Raised, int], str | None], ...] = (
    _loss, _rows, _column, _compared, _regression, _channels, _flattened, _batch_size, _paths,
)  # fmt: skip
