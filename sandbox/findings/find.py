"""From evidence to findings: faults with a name, the line, the figures observed, and what to do.

`critical` is kept for what contradicts itself. What merely may be wrong is a warning or information.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.data import data, modes
from sandbox.findings.finding import Maker, one_line
from sandbox.findings.losses import contracts
from sandbox.findings.model import CAUSES_OF_NAN, model_faults
from sandbox.findings.probes import probes
from sandbox.findings.source import source_faults
from sandbox.findings.training import protocol
from sandbox.report import Finding, Severity
from sandbox.schema import ExecResult

SHAPE_MESSAGES = re.compile(
    r"shapes? cannot be multiplied|size mismatch|must match the size|[Ii]ncompatible shapes?|[Ss]hapes? mismatch"
    r"|is invalid for input of size|expected input.* to have|[Mm]atrix size-incompatible|is incompatible with the layer"
    r"|[Dd]imensions must be equal|Expected \d+D|Expected .*channels|[Ss]izes of tensors must match"
    r"|Calculated padded input size|[Kk]ernel size can't be greater|must be broadcastable|Target size .* input size"
    r"|expected axis|Expected input batch_size|[Aa]rguments `target` and `output` must have|must have the same shape"
    r"|inhomogeneous shape|Expected sequence length|[Nn]egative dimension size|Invalid input shape|Expected target size"
    r"|must have rank \(ndim\)",
)
MEMORY_MESSAGES = re.compile(
    r"can't allocate memory|out of memory|OOM when allocating|Unable to allocate|std::bad_alloc"
)
NO_GPU = re.compile(r"not compiled with CUDA|no NVIDIA driver|No CUDA GPUs|deserialize object on a CUDA device")

Rule = Callable[[Evidence, Facts, Maker], Iterator[Finding]]


def find_faults(
    evidence: Evidence, result: ExecResult, entry: str, files: Mapping[str, str | bytes] | None = None
) -> list[Finding]:
    """All findings, the worst first: of the run, and of the text of the program's files."""
    make = Maker(entry)
    facts = evidence.counted
    found = [*ending(evidence, result, make), *model_faults(evidence, facts, make)]
    found += numbers(evidence, facts, make, cause=next((one.id for one in found if one.id in CAUSES_OF_NAN), None))
    found += [one for rule in RULES for one in rule(evidence, facts, make)]
    found += source_faults(files or {}, make)
    return sorted(found, key=lambda one: RANK[one.severity])


def ending(evidence: Evidence, result: ExecResult, make: Maker) -> Iterator[Finding]:
    """Why the program did not come to its end."""
    raised = evidence.raised
    if result.status == "timeout":
        steps = evidence.steps
        message = result.reason or f"The program ran out of time after {steps} steps."
        yield make("timeout", "critical", message, "Train for fewer steps, or allow more time.", steps=steps)
    elif result.status == "out_of_memory" or (raised and is_out_of_memory(raised.type, raised.message)):
        message = result.reason or (raised.message if raised else "The program ran out of memory.")
        fix = "Use a smaller batch or model, or accumulate gradients over smaller batches."
        yield make("out-of-memory", "critical", one_line(message), fix, at=_raised_at(evidence))
    elif raised is not None:
        yield from _exception(evidence, make)
    elif result.status == "ok" and not evidence.ended:
        message = "The program ended itself before its last line, so nothing vouches for what it did."
        yield make("exited-early", "critical", message, "Let the script run to its end; do not call os._exit.")
    elif result.status != "ok":
        message = result.reason or f"The program ended with exit status {result.exit_code}."
        yield make("crash", "critical", message, "See the end of its error output.", exit_code=result.exit_code)


def _exception(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    raised = evidence.raised
    assert raised is not None
    at, told = _raised_at(evidence), f"{raised.type}: {one_line(raised.message)}"
    figures = {"exception": raised.type, "stage": raised.stage, "step": raised.steps}
    if raised.type in ("SyntaxError", "IndentationError", "TabError"):
        yield make("syntax-error", "critical", told, "Correct the syntax on this line.", at=at)
    elif raised.type in ("ModuleNotFoundError", "ImportError"):
        fix = f"Install {raised.missing!r}, or do without it." if raised.missing else "Correct the import."
        yield make("missing-import", "critical", told, fix, at=at, missing=raised.missing)
    elif "between 0 and 1" in raised.message:
        fix = "Use BCEWithLogitsLoss on the logits, or apply a sigmoid before BCELoss."
        yield make(
            "logits-into-bce",
            "critical",
            f"BCELoss was given values that are no probabilities ({told}).",
            fix,
            at=at,
        )
    elif "No gradients provided" in raised.message:
        fix = "Call the model inside the tape, and keep the loss connected to its variables."
        yield make("no-gradients", "critical", told, fix, at=at, **figures)
    elif "automatically determine whether that metric" in raised.message:
        fix = "Monitor a name that is logged, such as 'val_loss', or give the mode."
        yield make("monitor-not-available", "critical", told, fix, at=at, **figures)
    elif NO_GPU.search(raised.message):
        fix = 'Choose the device: "cuda" if torch.cuda.is_available() else "cpu", and pass it as map_location to load.'
        yield make("device-hard-coded", "critical", told, fix, at=at, **figures)
    elif "Weights only load failed" in raised.message:
        fix = "Save model.state_dict() instead of the model itself, and load it into a model of the same class."
        yield make("pickled-checkpoint", "critical", told, fix, at=at, **figures)
    elif SHAPE_MESSAGES.search(raised.message):
        yield make("shape-mismatch", "critical", told, "Make the two shapes agree on this line.", at=at, **figures)
    else:
        yield make("crash", "critical", told, "Mend what this line raises.", at=at, **figures)


def is_out_of_memory(type: str, message: str) -> bool:
    return type in ("MemoryError", "ResourceExhaustedError", "OutOfMemoryError") or bool(
        MEMORY_MESSAGES.search(message)
    )


def numbers(evidence: Evidence, facts: Facts, make: Maker, *, cause: str | None) -> Iterator[Finding]:
    """Losses and gradients that are not finite; `cause` is a finding that explains them."""
    bad = next((entry for entry in evidence.losses if not math.isfinite(entry[1])), None)
    if bad is not None:
        fix = "Lower the learning rate, clip the gradients, and keep log, sqrt and division away from zero."
        fix = f"This follows from {cause}: mend that." if cause else fix
        message = f"The loss is {bad[1]} from step {bad[0]} on."
        yield make("non-finite-loss", "critical", message, fix, at=facts.backward_line, step=bad[0])
    elif facts.nonfinite_gradients > 2:
        count = facts.nonfinite_gradients
        message = f"Gradients were NaN or infinite in {count} of the sampled steps."
        yield make(
            "non-finite-gradients", "warning", message, "Clip the gradients and lower the learning rate.", count=count
        )


def told(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What the framework itself warned of."""
    for warning in facts.warnings:
        text = str(warning.get("message", ""))
        for pattern, (id, severity, fix) in WARNINGS.items():
            if re.search(pattern, text):
                file, line = warning.get("file"), warning.get("line")
                at = (file, line) if isinstance(file, str) and isinstance(line, int) else None
                yield make(id, severity, one_line(text), fix, at=at)
                break


WARNINGS: dict[str, tuple[str, Severity, str]] = {
    r"(?i)conditioned on metric|can save best model only with": (
        "monitor-not-available", "critical",
        "Monitor a name that is logged, such as 'val_loss', and pass validation data.",
    ),
    r"lr_scheduler\.step\(\)` before `optimizer\.step": (
        "scheduler-before-optimizer", "warning", "Call scheduler.step() after optimizer.step().",
    ),
    r"Implicit dimension choice": ("implicit-softmax-dimension", "warning", "Pass dim to softmax."),
    r"Gradients do not exist": (
        "parameters-without-gradient", "warning", "Use these variables inside the tape, or leave them out.",
    ),
    r"does not have any trainable weights": (
        "no-trainable-parameters", "critical", "Set trainable to True on what is to be trained, before compile.",
    ),
    r"ran out of data": ("data-exhausted", "warning", "Repeat the dataset, or give fewer steps_per_epoch."),
}  # fmt: skip


def _raised_at(evidence: Evidence) -> Place:
    raised = evidence.raised
    return (raised.file, raised.line) if raised and raised.file and raised.line else None


RULES: tuple[Rule, ...] = (
    protocol,
    modes,
    contracts,
    data,
    told,
    probes,
)
"""In the order in which their findings are told, among those of one severity."""
RANK = {"critical": 0, "warning": 1, "info": 2}
