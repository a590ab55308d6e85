"""The verdict on one program: the JSON of `gradproof verify`."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, Field

from sandbox.contract import Contract
from sandbox.schema import Artifact, GpuUse
from sandbox.seen import Seen

CheckStatus = Literal["passed", "failed", "skipped"]
Severity = Literal["critical", "warning", "info"]


class CheckResult(BaseModel):
    """One thing that was looked at, with the figures that decided it."""

    id: str
    status: CheckStatus
    message: str
    evidence: dict[str, Any] = {}
    seconds: float = 0.0


def check(id: str, passed: bool | None, message: str, *, seconds: float = 0.0, **evidence: Any) -> CheckResult:
    """None stands for skipped."""
    status: CheckStatus = "skipped" if passed is None else "passed" if passed else "failed"
    return CheckResult(id=id, status=status, message=message, evidence=evidence, seconds=seconds)


class Finding(BaseModel):
    """One fault, named. `critical` cannot be meant, `warning` is almost surely not meant, `info` is worth knowing."""

    id: str
    """Stable kebab-case name of the fault."""
    catalogue: str | None = None
    """Number in the fault catalogue, such as "C1"."""
    severity: Severity
    file: str
    line: int | None = None
    message: str
    """What was observed."""
    why: str | None = None
    """Why it matters, in one sentence."""
    evidence: dict[str, Any] = {}
    fix: str | None = None
    """What to change."""


class NotChecked(BaseModel):
    """Something that could not be looked at."""

    id: str
    """Id of the check or name of the probe."""
    reason: str


class Validation(BaseModel):
    """The six fields of the request format. None means not applicable or not reached, never assumed."""

    model_loads: bool | None = None
    forward_pass_works: bool | None = None
    backward_pass_works: bool | None = None
    training_loop_runs: bool | None = None
    tensorboard_logs_generated: bool | None = None
    tests_pass: bool | None = None


class Metrics(BaseModel):
    """Figures measured on the captured model and batch."""

    num_parameters: int | None = None
    num_trainable_parameters: int | None = None
    model_size_mb: float | None = None
    """Parameters and buffers, in units of 10^6 bytes."""
    flops: int | None = None
    """Floating-point operations of one forward pass of one sample, from the framework's own counter."""
    inference_time_ms: float | None = None
    """Median of one forward pass of the captured batch in evaluation mode."""
    inference_time_p95_ms: float | None = None
    inference_batch_size: int | None = None
    step_time_ms: float | None = None
    """Median time from one optimiser step to the next."""
    peak_memory_mb: float | None = None
    device: str | None = None
    """Where the parameters lived while they were trained, as the framework names it: "cpu", "cuda:0", "GPU:0"."""
    peak_gpu_memory_mb: float | None = None
    """As the driver told it to the host; None where the run had no GPU."""
    training_steps: int | None = None
    evaluation: dict[str, float] = {}
    """Recomputed outside from predictions and targets of a pass over held-out data: accuracy and f1, or rmse and r2."""
    evaluation_samples: int | None = None


class RunReport(BaseModel):
    """Everything that was seen of one program, and the verdict computed from it."""

    status: Literal["passed", "failed", "error"]
    """`failed` if any check failed or any finding is critical; `error` if the program could not be observed."""
    framework: Literal["pytorch", "tensorflow"]
    path: str
    checks: list[CheckResult]
    findings: list[Finding] = []
    """The worst first."""
    silenced: list[Finding] = []
    """What a comment in the program asked not to be told of; it has no part in the verdict."""
    not_checked: list[NotChecked] = []
    """What could not be looked at, and why: checks that were skipped, then probes."""
    validation: Validation
    metrics: Metrics
    wall_s: float
    loss_curve: list[tuple[int, float]] = []
    """(optimiser step, loss), thinned to at most 500 points."""
    gradient_norms: list[tuple[int, float]] = []
    """(optimiser step, norm of all gradients before it) of some steps, finite ones only, thinned in the same way."""
    scalars: dict[str, list[tuple[int, float]]] = {}
    """Tag -> (step, value), read back from the TensorBoard event files that the program wrote."""
    model_summary: str = ""
    input_shape: list[int] | None = None
    """Shape of the captured batch without its first axis."""
    output_shape: list[int] | None = None
    seen: Seen = Seen()
    """The choices that the program was seen to make."""
    contract: Contract | None = None
    """What its drafter declared of the program; None for a script that somebody else wrote."""
    stand_ins: list[str] = []
    """One sentence for each dataset that was answered with a stand-in."""
    stdout: str = ""
    stderr: str = ""
    gpu: GpuUse | None = None
    """The GPU that the run was given; None where it had none."""
    tier: str = ""
    warm: bool = False
    artifacts: list[Artifact] = Field(default=[], exclude=True)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Those of one severity stay in the order in which they came."""
    return sorted(findings, key=lambda one: ("critical", "warning", "info").index(one.severity))


def verdict(checks: Iterable[CheckResult], findings: Iterable[Finding]) -> Literal["passed", "failed"]:
    """What the status of a program is that could be observed."""
    wrong = any(one.status == "failed" for one in checks) or any(one.severity == "critical" for one in findings)
    return "failed" if wrong else "passed"
