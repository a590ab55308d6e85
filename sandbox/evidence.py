"""What the observers of one run sent, read strictly: a frame that is not as it should be is left out and counted."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidatorFunctionWrapHandler, field_validator

from sandbox.contract import Contract
from sandbox.seen import Choices

Place = tuple[str, int] | None
M = TypeVar("M", bound=BaseModel)


class Raised(BaseModel):
    """The exception that ended the program."""

    type: str
    message: str
    file: str | None = None
    line: int | None = None
    missing: str | None = None
    reads_arguments: bool = False
    """Whether it was raised while the command line was read."""
    stage: str = ""
    steps: int = 0


class ModelFacts(BaseModel):
    class_name: str
    file: str | None = None
    line: int | None = None
    parameters: int
    trainable: int
    bytes: int


class OptimizerFacts(BaseModel):
    """One optimiser: `stale` counts steps whose gradients were added to those of the step before."""

    name: str
    where: Place = None
    held: int = 0
    steps: int = 0
    stale: int = 0
    without_backward: int = 0
    zero_gradients: int = 0
    zeroed: int = 0
    """How often gradients were set to zero between a backward pass and the step."""
    learning_rates: list[float] = []
    family: list[str] = []
    """Its class, then the classes that one extends."""
    options: dict[str, list[float]] = {}


class ParameterFacts(BaseModel):
    name: str
    values: int
    shape: list[int] = []
    trainable: bool
    held: bool
    gradient: bool
    changed: bool


class LossCall(BaseModel):
    """Calls of one loss function from one line, with the figures of a few of them."""

    function: str
    where: Place = None
    calls: int = 0
    sampled: list[dict[str, Any]] = []


class Note(BaseModel):
    model_config = ConfigDict(extra="allow")
    count: int
    where: Place = None


class Constructed(BaseModel):
    """A model that a file defines and does not call."""

    class_name: str = ""
    arguments: dict[str, Any] | str = {}
    """What it was made with: guesses by name, or where the file itself says so."""
    reason: str | None = None
    """Why it could not be made or called."""


class Facts(BaseModel):
    """What was counted until the program ended."""

    steps: int
    backwards: int
    forward_calls: int = 0
    bounded: str | None = None
    constructed: Constructed | None = None
    """Where the program only defines a model: what was made of it and called."""
    cut: str | None = None
    """When what comes behind the training was ended, because it took too long."""
    starting_s: float = 0.0
    """Seconds from the start of the program to the last of its first three steps."""
    step_time_ms: float | None = None
    warnings: list[dict[str, Any]] = []
    checkpoints: list[dict[str, Any]] = []
    stand_ins: list[str] = []
    loss_calls: list[LossCall] = []
    notes: dict[str, Note] = {}
    trouble: list[str] = []
    optimizers: list[OptimizerFacts] = []
    parameters: list[ParameterFacts] = []
    changed: int = 0
    apart: int = 0
    """Tensors that were trained and are of no model that was called, such as an image."""
    watched: int = 0
    gradient_norms: list[tuple[int, float]] = []
    nonfinite_gradients: int = 0
    schedulers: dict[str, int] = {}
    live_graphs: int = 0
    watched_graphs: int = 0
    modes: dict[str, int] = {}
    mode_layers: list[str] = []
    models: list[ModelFacts] = []
    choices: Choices | None = None
    """Left out alone where it is malformed: it decides nothing of what the checks look at."""
    backward_line: Place = None
    """Where most backward passes were made."""
    sections: dict[str, dict[str, Any] | None] = {}
    """Figures of further observers, under the names of their sections; see `section`."""

    @field_validator("choices", mode="wrap")
    @classmethod
    def _or_none(cls, value: Any, validate: ValidatorFunctionWrapHandler) -> Choices | None:
        try:
            return validate(value)
        except ValidationError:
            return None

    def section(self, name: str, kind: type[M]) -> M | None:
        """The figures of one observer; None where it sent none, or malformed ones."""
        try:
            return kind.model_validate(self.sections[name])
        except (KeyError, ValidationError):
            return None


class PassFacts(BaseModel):
    """The latest evaluation of one set of samples: what the model answered and what would have been right."""

    order: int
    complete: bool
    passes: int
    first_after_step: int
    after_step: int
    validates: bool = False
    """Whether these samples were handed over to be validated on, such as fit's validation_data."""
    in_train_mode: int = 0
    with_gradient: int = 0
    samples: int = 0
    hashed: int = 0
    unique: int = 0
    trained_on: int = 0
    again: int = 0
    """Calls in training mode that asked the same as the one before, as Monte Carlo dropout does."""
    integers: bool = False
    """Whether the samples are of whole numbers, of which equal ones may come about by chance."""
    history: list[tuple[int, float]] = []
    """(steps before it, share of right answers or negative mean square error) of each evaluation of these samples."""
    through_loader: bool = True
    where: Place = None
    task: str | None = None
    predicted: list[float] = []
    target: list[float] = []


class Evidence(BaseModel):
    """All frames of one run."""

    started: bool = False
    ended: bool = False
    """Whether the last frame came: the program ran to its end under observation."""
    exit_code: int | None = None
    raised: Raised | None = None
    model: ModelFacts | None = None
    """The first model that was called, known even where the run was cut short."""
    facts: Facts | None = None
    losses: list[tuple[int, float, int]] = []
    """(steps before it, loss, number of the line it was differentiated on)."""
    passes: list[PassFacts] = []
    probes: dict[str, dict[str, Any]] = {}
    scalars: dict[str, list[tuple[int, float]]] = {}
    """Tag -> (step, value), read back from the TensorBoard event files of the run."""
    contract: Contract | None = None
    """What the drafter declared of its program; None for a program that somebody else wrote."""
    malformed: int = 0
    forged: int = 0
    """Frames that no observer sent."""

    @property
    def declared(self) -> Contract:
        """The contract, which says nothing of a program that somebody else wrote."""
        return self.contract or Contract()

    @property
    def complete(self) -> bool:
        """Whether the program came to its end without raising; only then is what is missing a failure."""
        return self.ended and self.raised is None

    @property
    def counted(self) -> Facts:
        """The facts; of a run that was cut short before it sent them, what its losses tell."""
        return self.facts or Facts(steps=self.steps, backwards=len(self.losses))

    @property
    def steps(self) -> int:
        if self.facts is not None:
            return self.facts.steps
        return max((step for step, _, _ in self.losses), default=0)

    def probe(self, name: str, kind: type[M]) -> M | None:
        """The figures of one probe; None where it was not made, met an error, or sent malformed ones."""
        try:
            return kind.model_validate(self.probes[name])
        except (KeyError, ValidationError):
            return None


class _Losses(BaseModel):
    losses: list[tuple[int, float, int]]


def read_evidence(frames: Iterable[dict[str, Any]], *, contract: Contract | None = None) -> Evidence:
    """Read the frames in the order in which they came."""
    evidence = Evidence(contract=contract)
    for frame in frames:
        try:
            _add(evidence, frame)
        except (ValidationError, KeyError, TypeError, ValueError):
            evidence.malformed += 1
    return evidence


def read_losses(frame: dict[str, Any]) -> list[tuple[int, float, int]]:
    """The losses of one frame of kind "steps"; empty where the frame is malformed."""
    try:
        return _Losses.model_validate(frame).losses
    except ValidationError:
        return []


def _add(evidence: Evidence, frame: dict[str, Any]) -> None:
    match frame.get("kind"):
        case "start":
            evidence.started = True
        case "steps":
            evidence.losses += _Losses.model_validate(frame).losses
        case "model":
            evidence.model = evidence.model or ModelFacts.model_validate(frame)
        case "exception":
            evidence.raised = Raised.model_validate(frame)
        case "facts":
            evidence.facts = Facts.model_validate(frame)
        case "pass":
            evidence.passes.append(PassFacts.model_validate(frame))
        case "probe":
            evidence.probes[str(frame["name"])] = frame
        case "final":
            evidence.ended = True
            evidence.exit_code = frame.get("exit_code")
        case _:
            evidence.malformed += 1
