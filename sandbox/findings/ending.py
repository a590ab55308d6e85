"""Why a program did not come to its end: the exception that it raised, or the limit that it met."""

import re
from collections.abc import Iterator

from sandbox.evidence import Evidence, Place, Raised
from sandbox.findings.finding import Maker, one_line
from sandbox.findings.keras_crashes import keras_crash
from sandbox.findings.losses_raised import loss_error
from sandbox.findings.shapes import shape_error
from sandbox.findings.shapes_keras import tensor_shape_error
from sandbox.findings.training_errors import training_error
from sandbox.report import Finding
from sandbox.schema import ExecResult

SHAPES = (
    r"shapes? cannot be multiplied|size mismatch|must match the size|[Ii]ncompatible shapes?|[Ss]hapes? mismatch"
    r"|is invalid for input of size|expected input.* to have|[Mm]atrix size-incompatible|is incompatible with the layer"
    r"|[Dd]imensions must be equal|Expected \d+D|Expected .*channels|[Ss]izes of tensors must match"
    r"|Calculated padded input size|[Kk]ernel size can't be greater|must be broadcastable|Target size .* input size"
    r"|expected axis|Expected input batch_size|[Aa]rguments `target` and `output` must have|must have the same shape"
    r"|inhomogeneous shape|Expected sequence length|[Nn]egative dimension size|Invalid input shape|Expected target size"
    r"|must have rank \(ndim\)|output size would be zero or negative|could not be broadcast together"
    r"|inconsistent numbers of samples|must have the same first dimension|Cannot broadcast shape|shape` must equal"
    r"|Cannot reshape a tensor with|Input to reshape is a tensor with|must be fully-defined"
)
MEMORY_MESSAGES = re.compile(
    r"can't allocate memory|out of memory|OOM when allocating|Unable to allocate|std::bad_alloc"
)
LESS_MEMORY = "Use a smaller batch or model, or accumulate gradients over smaller batches."
NO_GPU = r"not compiled with CUDA|no NVIDIA driver|No CUDA GPUs|deserialize object on a CUDA device"
EXCEPTIONS: dict[str, tuple[str, str]] = {
    r"^(Syntax|Indentation|Tab)Error": ("syntax-error", "Correct the syntax on this line."),
    r"^(ImportError|ModuleNotFoundError)": ("missing-import", "Correct the import."),
    r"^FileNotFoundError.*No such file": (
        "file-missing",
        "Give the file with --with: a program sees no files of this machine but its own, beside which it starts.",
    ),
    r"input should be between 0 and 1": (
        "logits-into-bce", "Use BCEWithLogitsLoss on the logits, or apply a sigmoid before BCELoss.",
    ),
    r"None values not supported": (
        "loss-of-decisions",
        "Compute the loss from the outputs themselves: argmax, rounding and comparisons have no gradient.",
    ),
    r"No gradients provided": (
        "no-gradients", "Call the model inside the tape, and keep the loss connected to its variables.",
    ),
    r"automatically determine whether that metric": (
        "monitor-not-available", "Monitor a name that is logged, such as 'val_loss', or give the mode.",
    ),
    r"is not installed here": ("missing-import", "Install it, or do without what its stand-in has not."),
    NO_GPU: (
        "device-hard-coded",
        'Choose the device: "cuda" if torch.cuda.is_available() else "cpu", and pass it as map_location to load.',
    ),
    r"[Ee]xpected (scalar type|target dtype)": (
        "labels-of-wrong-type", "Make class labels whole numbers: labels.long(), or a LongTensor in the dataset.",
    ),
    r"Expected more than 1 value per channel when training": (
        "statistics-of-one-sample",
        "Use larger batches, drop the last one where it holds one sample, or normalise with GroupNorm or LayerNorm.",
    ),
    r"Weights only load failed": (
        "pickled-checkpoint",
        "Save model.state_dict() instead of the model itself, and load it into a model of the same class; "
        "where you trust the file, pass weights_only=False.",
    ),
    SHAPES: ("shape-mismatch", "Make the two shapes agree on this line."),
}  # fmt: skip
"""What an exception says -> the fault and its remedy; the first that fits is taken."""


LESS = {
    "output": "Print a line per epoch or per hundred steps, not per step or per value.",
    "processes": "Use fewer workers and threads, and end the processes that are no longer needed.",
    "disk": "Write less: keep the best checkpoint, not all of them.",
    "inodes": "Write fewer files: one per run, not one per sample.",
    "cpu": "Train for fewer steps, or allow more time.",
}
"""What mends a program that was ended for a limit."""


def ending(evidence: Evidence, result: ExecResult, make: Maker) -> Iterator[Finding]:
    """Why the program did not come to its end."""
    raised = evidence.raised
    if result.status == "timeout":
        steps = evidence.steps
        message = result.reason or f"The program ran out of time after {steps} steps."
        yield make("timeout", "critical", message, "Train for fewer steps, or allow more time.", steps=steps)
    elif result.status == "out_of_memory" or (raised and is_out_of_memory(raised.type, raised.message)):
        message = result.reason or (raised.message if raised else "The program ran out of memory.")
        yield make("out-of-memory", "critical", one_line(message), LESS_MEMORY, at=_raised_at(evidence))
    elif (hit := next((one for one in result.limits_hit if one.ended), None)) is not None:
        fix = LESS.get(hit.name, "Use less of it, or allow more.")
        message = result.reason or f"The program went over its limit of {hit.allowed:g} ({hit.name})."
        yield make("limit-exceeded", "critical", message, fix, limit=hit.name, allowed=hit.allowed, used=hit.used)
    elif raised is not None:
        at = _raised_at(evidence)
        rules = (keras_crash, tensor_shape_error, loss_error, training_error, shape_error)
        named = next((found for rule in rules if (found := rule(evidence, make, at)) is not None), None)
        yield named or _exception(raised, make, at)
    elif result.status == "ok" and not evidence.ended:
        message = "The program ended itself before its last line, so nothing vouches for what it did."
        yield make("exited-early", "critical", message, "Let the script run to its end; do not call os._exit.")
    elif result.status != "ok" and MEMORY_MESSAGES.search(result.stderr[-2000:]):
        message = "The program ended where no more memory could be had."
        yield make("out-of-memory", "critical", message, LESS_MEMORY, exit_code=result.exit_code)
    elif result.status != "ok":
        message = result.reason or f"The program ended with exit status {result.exit_code}."
        yield make("crash", "critical", message, "See the end of its error output.", exit_code=result.exit_code)


def _exception(raised: Raised, make: Maker, at: Place) -> Finding:
    told = f"{raised.type}: {one_line(raised.message)}"
    figures = {"exception": raised.type, "stage": raised.stage, "step": raised.steps}
    if raised.missing:
        fix = f"Install {raised.missing!r}, or do without it."
        return make("missing-import", "critical", told, fix, at=at, missing=raised.missing)
    if raised.reads_arguments:
        fix = "Give the script's arguments after its path, such as: gradproof verify train.py -- --epochs 2."
        return make("arguments-missing", "critical", "The script wants arguments that were not given.", fix, at=at)
    for pattern, (id, fix) in EXCEPTIONS.items():
        if re.search(pattern, f"{raised.type}: {raised.message}"):
            return make(id, "critical", told, fix, at=at, **figures)
    return make("crash", "critical", told, "Mend what this line raises.", at=at, **figures)


def is_out_of_memory(type: str, message: str) -> bool:
    return type in ("MemoryError", "ResourceExhaustedError", "OutOfMemoryError") or bool(
        MEMORY_MESSAGES.search(message)
    )


def _raised_at(evidence: Evidence) -> Place:
    raised = evidence.raised
    return (raised.file, raised.line) if raised and raised.file and raised.line else None
