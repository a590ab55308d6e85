"""What to change after a failed attempt, within what the user asked for; and when to stop."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel

from assistant.design.plan import Design
from assistant.request.fields import field_values, make_request
from assistant.request.invariants import changed_invariants
from assistant.schema import Attempt, PythonMLDLRequest
from knowledge.schema import Hit
from sandbox.report import RunReport

Approach = Literal["mend", "smaller-step", "fresh"]
"""A smaller step, with other patterns, then a fresh draft from the design follow where mending changed nothing."""
APPROACHES: tuple[Approach, ...] = ("mend", "smaller-step", "fresh")


class Revision(BaseModel):
    """A number of the design that was changed after a failed attempt."""

    field: str
    """Dotted name in the request, such as "training_config.batch_size"."""
    value: Any
    reason: str


class Repair(BaseModel):
    """What failed, what should change, and what must not."""

    fault: str
    """Id of the finding or check that is to be mended."""
    instruction: str
    """One sentence for the drafter."""
    approach: Approach = "mend"
    revisions: list[Revision] = []
    refused: list[str] = []
    """Fields whose change would mend it, which the user named and which therefore stay."""
    related: list[Hit] = []
    """Vetted patterns found for the fault."""


def plan_repair(request: PythonMLDLRequest, design: Design, attempt: Attempt, *, approach: Approach = "mend") -> Repair:
    """The change that mends the first fault of the attempt; the user's own numbers are never among its revisions."""
    fault, message = first_fault(attempt)
    wanted = _recoveries(fault, design)
    locked = changed_invariants(request, apply_revisions(request, wanted))
    return Repair(
        fault=fault,
        instruction=f"{fault}: {message}",
        approach=approach,
        revisions=[revision for revision in wanted if revision.field not in locked],
        refused=locked,
    )


def apply_revisions(request: PythonMLDLRequest, revisions: list[Revision]) -> PythonMLDLRequest:
    """The request with the revised numbers in place; `stated` stays, so that the lock holds."""
    values = field_values(request) | {revision.field: revision.value for revision in revisions}
    return make_request({**values, "request_id": request.request_id}, stated=request.stated)


def first_fault(attempt: Attempt) -> tuple[str, str]:
    """Id and message of what is to be mended first: lint, then critical findings, then failed checks."""
    if attempt.verify is None:
        worst = attempt.lint.diagnostics[0]
        return worst.code, f"{worst.message} ({worst.file}:{worst.line})"
    for finding in attempt.verify.findings:
        if finding.severity == "critical":
            where = f" ({finding.file}:{finding.line})" if finding.line else ""
            return finding.id, f"{finding.message}{where}"
    failed = [(check.id, check.message) for check in attempt.verify.checks if check.status == "failed"]
    return failed[0] if failed else ("training-steps", "forward pass, backward pass or training was not seen")


def verified(report: RunReport | None) -> bool:
    """True where every check passed, with forward pass, backward pass and training seen."""
    if report is None or report.status != "passed":
        return False
    seen = report.validation
    return bool(seen.forward_pass_works and seen.backward_pass_works and seen.training_loop_runs)


def since_first_draft(attempts: list[Attempt]) -> list[Attempt]:
    """The draft that repairs go on from, and those repairs; other candidates for a first draft are left out."""
    first = max(n for n, attempt in enumerate(attempts) if n == 0 or not attempt.repair)
    return attempts[first:]


def next_approach(attempts: list[Attempt]) -> Approach | None:
    """How to go on after the last of `attempts`; None where every approach has led to the same failure.

    An attempt that fails like an earlier one, with the same evidence, changes the approach.
    """
    alike = sum(_signature(attempt) == _signature(attempts[-1]) for attempt in attempts)
    return APPROACHES[alike - 1] if alike <= len(APPROACHES) else None


def best_attempt(attempts: list[Attempt]) -> int:
    """Index of the attempt that is verified, or else of the one that kept to what was asked and passed most checks.

    Among equals the one with fewer failures, then the later one.
    """
    return max(range(len(attempts)), key=lambda n: (*_merit(attempts[n]), n))


def _merit(attempt: Attempt) -> tuple[bool, bool, int, int]:
    if attempt.verify is None:
        return (False, False, 0, -len(attempt.lint.diagnostics))
    statuses = {check.id: check.status for check in attempt.verify.checks}
    passed, failed = (list(statuses.values()).count(status) for status in ("passed", "failed"))
    return (verified(attempt.verify), statuses.get("scope-kept") != "failed", passed, -failed)


def _signature(attempt: Attempt) -> tuple[str, ...]:
    if attempt.verify is None:
        return tuple(f"{item.code} {item.message}" for item in attempt.lint.diagnostics)
    failed = [f"{check.id} {check.message}" for check in attempt.verify.checks if check.status == "failed"]
    return (*failed, *(f"{item.id} {item.evidence}" for item in attempt.verify.findings if item.severity == "critical"))


def _recoveries(fault: str, design: Design) -> list[Revision]:
    recover = _RECOVERIES.get(fault)
    return recover(design.config) if recover else []


def _smaller_batch(config: dict[str, Any]) -> list[Revision]:
    size = max(1, config["batch_size"] // 4)
    reason = f"the batch of {config['batch_size']} did not fit into memory"
    return [Revision(field="training_config.batch_size", value=size, reason=reason)]


def _gentler_steps(config: dict[str, Any]) -> list[Revision]:
    rate = float(f"{config['learning_rate'] / 10:.2g}")
    reason = f"the loss was not finite at {config['learning_rate']:g}"
    return [
        Revision(field="training_config.learning_rate", value=rate, reason=reason),
        Revision(
            field="training_config.gradient_clipping", value=1.0, reason="bounds the step that a bad batch can cause"
        ),
    ]


def _other_rate(config: dict[str, Any]) -> list[Revision]:
    rate = float(f"{config['learning_rate'] / 3:.2g}")
    reason = f"the loss did not fall at {config['learning_rate']:g}"
    return [Revision(field="training_config.learning_rate", value=rate, reason=reason)]


def _longer_training(config: dict[str, Any]) -> list[Revision]:
    reason = f"the target was not reached in {config['epochs']} epochs"
    return [Revision(field="training_config.num_epochs", value=config["epochs"] * 2, reason=reason)]


def _shorter_training(config: dict[str, Any]) -> list[Revision]:
    reason = f"{config['epochs']} epochs did not end within the time limit"
    return [Revision(field="training_config.num_epochs", value=max(1, config["epochs"] // 3), reason=reason)]


_RECOVERIES: dict[str, Callable[[dict[str, Any]], list[Revision]]] = {
    "out-of-memory": _smaller_batch,
    "non-finite-loss": _gentler_steps,
    "loss-finite": _gentler_steps,
    "loss-falls": _other_rate,
    "target-reached": _longer_training,
    "timeout": _shorter_training,
}
