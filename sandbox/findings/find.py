"""From evidence to findings: faults with a name, the line, the figures observed, and what to do.

`critical` is kept for what contradicts itself. What merely may be wrong is a warning or information.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping

from sandbox.evidence import Evidence, Facts
from sandbox.findings.data import data, gradients, modes
from sandbox.findings.data_order import order
from sandbox.findings.data_repeatable import repeatable
from sandbox.findings.data_values import values
from sandbox.findings.devices import gpu_use
from sandbox.findings.ending import ending
from sandbox.findings.exports import exports
from sandbox.findings.finding import Maker, one_line
from sandbox.findings.keras import KERAS_RULES
from sandbox.findings.layouts import layouts
from sandbox.findings.losses import contracts
from sandbox.findings.losses_added import added_terms
from sandbox.findings.model import CAUSES_OF_NAN, model_faults
from sandbox.findings.probes import probes
from sandbox.findings.records import checkpoints, decisions, logs
from sandbox.findings.sequences import sequences
from sandbox.findings.source import source_faults
from sandbox.findings.sums import sums
from sandbox.findings.symptoms import without_symptoms
from sandbox.findings.thresholds import thresholds
from sandbox.findings.training import protocol
from sandbox.findings.training_by_hand import by_hand
from sandbox.findings.training_graph import graph
from sandbox.findings.training_protocol import steps_out_of_order
from sandbox.findings.training_schedules import schedules
from sandbox.findings.training_state import kept_weights, own_functions, structure
from sandbox.findings.training_updates import updates
from sandbox.findings.trial import cannot_learn
from sandbox.report import Finding, Severity, worst_first
from sandbox.schema import ExecResult

Rule = Callable[[Evidence, Facts, Maker], Iterator[Finding]]


def find_faults(
    evidence: Evidence, result: ExecResult, entry: str, files: Mapping[str, str | bytes] | None = None
) -> list[Finding]:
    """All findings, the worst first: of the run, and of the text of the program's files."""
    make = Maker(entry)
    facts = evidence.counted
    found = [*ending(evidence, result, make), *model_faults(evidence, facts, make)]
    found += numbers(evidence, facts, make, cause=next((one.id for one in found if one.id in CAUSES_OF_NAN), None))
    rules = RULES if facts.constructed is None else OF_A_MODEL
    found += [one for rule in rules for one in rule(evidence, facts, make)]
    found += gpu_use(evidence, result, files or {}, make)
    written = list(source_faults(files or {}, make))
    same = {(one.id, one.severity) for one in written}  # The text knows the line better than the run does.
    found = [*(one for one in found if (one.id, one.severity) not in same), *written]
    return worst_first(without_symptoms(worst_first(found)))


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
    """What the framework itself warned of; of another model than the one that was trained, it may say what it likes."""
    trained = any(one.trainable and one.changed for one in facts.parameters)
    for warning in facts.warnings:
        text = str(warning.get("message", ""))
        for pattern, (id, severity, fix) in WARNINGS.items():
            if re.search(pattern, text) and not (id == "no-trainable-parameters" and trained):
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
}  # fmt: skip


def only_defined(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A file that trains nothing is told what was made of it, or how it can be helped."""
    made = facts.constructed
    if made is None:
        return
    if made.reason is not None:
        fix = "Train the model in the file, make an instance of it there, or give the shape of one input with --shape."
        yield make("model-not-constructed", "critical", f"Nothing could be checked: {made.reason}.", fix)
        return
    message = f"The file defines {made.class_name} and trains nothing; it was made with {made.arguments} and called."
    yield make("model-only-defined", "info", message, "Nothing, if that is what the file is for.", made=made.class_name)


RULES: tuple[Rule, ...] = (
    only_defined,
    decisions,
    thresholds,
    sums,
    exports,
    logs,
    checkpoints,
    protocol,
    by_hand,
    graph,
    steps_out_of_order,
    schedules,
    updates,
    kept_weights,
    structure,
    own_functions,
    modes,
    gradients,
    contracts,
    added_terms,
    data,
    values,
    order,
    repeatable,
    told,
    layouts,
    probes,
    sequences,
    cannot_learn,
    *KERAS_RULES,
)
"""In the order in which their findings are told, among those of one severity."""
OF_A_MODEL: tuple[Rule, ...] = (only_defined, told, layouts, probes, sequences)
"""For a file that trains nothing."""
