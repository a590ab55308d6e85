"""Which fault an exception about shapes, lengths or ids speaks of, where its figures tell more than a difference."""

import re
from collections.abc import Callable

from sandbox.evidence import Evidence, Place, Raised
from sandbox.findings.finding import Maker, one_line
from sandbox.report import Finding

LENGTHS = r"sorted in decreasing order|lengths. argument should be|Length of all samples has to be"
IDS = r"index out of range in self|indices\[.*\] = (-?\d+ is not in \[0, \d+\)|\[.*\] does not index into)"
RESHAPE = r"shape '\[.*\]' is invalid for input of size|Input to reshape is a tensor with \d+ values"
JOINED = r"must match except in dimension|matching shapes except for the concatenation axis|ConcatOp.*[Dd]imension"
SIZES = re.compile(r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)")
PRODUCT = re.compile(r"cannot be multiplied \((\d+)x(\d+) and (\d+)x\d+\)")
VECTOR = re.compile(r"size mismatch, got input \(\d+\), mat \(\d+x(\d+)\), vec \((\d+)\)")
CHANNELS = re.compile(r"expected input\[(\d+), (\d+), (\d+), (\d+)\] to have (\d+) channels")
NORM = re.compile(r"normalized_shape=\[(\d+)\].* got input of size ?\[(\d+)\]", re.DOTALL)
AXIS = re.compile(r"expected axis -1 of input shape to have value (\d+), but received input with shape \(([^)]*)\)")
ROWS = re.compile(r"input batch_size \((\d+)\) to match target batch_size \((\d+)\)")

FIXES = {
    "fixed-batch-size": "Take the batch size from the input's shape, x.shape[0], or write -1.",
    "batch-axis-lost": "Flatten all but the first axis: x.flatten(1), or keras.layers.Flatten().",
    "channels-misplaced": "Move the channels to where the layer looks for them: permute(0, 3, 1, 2), or np.moveaxis.",
    "skip-sizes-differ": "Make both paths of the same size: check kernel, stride and padding of what goes down and up.",
    "packed-lengths": "Sort the batch by length, or pass enforce_sorted=False; the lengths are a CPU tensor of int64.",
    "token-out-of-range": "Make the embedding as large as the vocabulary: the largest id + 1, special tokens included.",
    "batch-first-missing": "Create the layer with batch_first=True, or transpose what it is given and what it answers.",
    "rows-lost": "Reduce over the axis that is meant, never over axis 0: that one holds the samples.",
}


def shape_error(evidence: Evidence, make: Maker, at: Place) -> Finding | None:
    """The finding for what the figures of the message tell; None where it is any other exception."""
    raised = evidence.raised
    if raised is None:
        return None
    id = next((found for rule in RULES if (found := rule(raised, evidence.steps)) is not None), None)
    if id is None:
        return None
    told = f"{raised.type}: {one_line(raised.message)}"
    return make(id, "critical", told, FIXES[id], at=at, exception=raised.type, stage=raised.stage, step=raised.steps)


def _ids(raised: Raised, steps: int) -> str | None:
    if re.search(LENGTHS, raised.message):
        return "packed-lengths"
    return "token-out-of-range" if re.search(IDS, raised.message) else None


def _flattened(raised: Raised, steps: int) -> str | None:
    """One row that is several times as long as a layer expects holds the whole batch."""
    rows = 1
    if found := PRODUCT.search(raised.message):
        rows, given, wanted = (int(one) for one in found.groups())
    elif found := VECTOR.search(raised.message) or NORM.search(raised.message):
        wanted, given = (int(one) for one in found.groups())
    elif found := AXIS.search(raised.message):
        wanted, sizes = int(found[1]), re.findall(r"\d+", found[2])
        rows, given = (int(sizes[0]) if len(sizes) > 1 else 1), int(sizes[-1]) if sizes else 0
    else:
        return None
    return "batch-axis-lost" if rows == 1 and given > wanted and given % wanted == 0 else None


def _channels(raised: Raised, steps: int) -> str | None:
    """A picture whose expected number of channels stands at its other end."""
    if found := CHANNELS.search(raised.message):
        sizes, wanted = [int(one) for one in found.groups()[:4]], int(found[5])
        return "channels-misplaced" if sizes[3] == wanted != sizes[1] else None
    if found := AXIS.search(raised.message):
        shape = [one.strip() for one in found[2].split(",")]
        return "channels-misplaced" if len(shape) == 4 and shape[1] == found[1] else None
    return None


def _batch_size(raised: Raised, steps: int) -> str | None:
    """What fits at first and then no more was made for one size of a batch: the last one of an epoch is smaller."""
    sizes = SIZES.search(raised.message)
    reshaped = re.search(RESHAPE, raised.message) or (sizes is not None and sizes[3] == "0")
    hidden = "Expected hidden" in raised.message
    return "fixed-batch-size" if steps and (reshaped or hidden) else None


def _time_first(raised: Raised, steps: int) -> str | None:
    swapped = re.search(r"Expected key_padded_mask.shape|Expected hidden\[?\d?\]? size", raised.message)
    return "batch-first-missing" if swapped else None


def _skip(raised: Raised, steps: int) -> str | None:
    """Two paths of a net whose pictures differ by a pixel or two."""
    if re.search(JOINED, raised.message):
        return "skip-sizes-differ"
    sizes = SIZES.search(raised.message)
    near = sizes is not None and abs(int(sizes[1]) - int(sizes[2])) <= 2 and int(sizes[3]) >= 2
    return "skip-sizes-differ" if near and raised.stage == "forward" else None


def _rows(raised: Raised, steps: int) -> str | None:
    """The loss is given another number of answers than of targets."""
    found = ROWS.search(raised.message)
    if found is None:
        return None
    answers, targets = int(found[1]), int(found[2])
    return "batch-axis-lost" if answers > targets and answers % targets == 0 else "rows-lost"


RULES: tuple[Callable[[Raised, int], str | None], ...] = (
    _ids, _batch_size, _flattened, _channels, _time_first, _skip, _rows,
)  # fmt: skip
