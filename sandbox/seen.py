"""What a run showed of the choices that a person can ask for: layers, optimiser, loss, data. It judges nothing.

What no observer could see stays empty or None, so that nobody takes silence for a contradiction.
"""

from typing import Any, Literal

from pydantic import BaseModel

LayerKind = Literal[
    "convolution", "recurrent", "attention", "linear", "embedding", "normalisation", "dropout", "activation", "other"
]


class SeenLayer(BaseModel):
    """One layer of the model that was trained."""

    name: str
    """Its class."""
    kind: LayerKind
    size: int | None = None
    """Units, channels or width of its output."""
    stacked: int = 1
    """Layers that it holds itself, as a recurrent one may."""
    rate: float | None = None
    """Share of the values that it drops while training."""
    activation: str | None = None


class SeenOptimizer(BaseModel):
    """One optimiser that made steps."""

    family: list[str]
    """Its class, then the classes that one extends."""
    steps: int = 0
    learning_rates: list[float] = []
    """Lowest and highest that were used."""
    options: dict[str, list[float]] = {}
    """Hyper-parameter -> its values as constructed, one for each group of parameters that differs."""


class SeenLoss(BaseModel):
    """A loss function that training differentiated, or that was compiled into the model."""

    name: str
    calls: int = 0
    file: str | None = None
    line: int | None = None


class SeenCallback(BaseModel):
    """A callback that was given to `fit`."""

    name: str
    figures: dict[str, float] = {}


class Choices(BaseModel):
    """The frame section of this name, as the observers send it at the end of a run."""

    layers: list[SeenLayer] = []
    schedules: list[str] = []
    """Classes of learning-rate schedules, whether they stepped or were given to the optimiser."""
    losses: list[SeenLoss] = []
    callbacks: list[SeenCallback] = []
    batch_sizes: list[tuple[int, int]] = []
    """(samples in a training batch, how often), the most frequent first."""
    samples_trained: int | None = None
    """Summed over all training batches."""
    epochs: int | None = None
    """Complete passes over the training data; None where batches were not drawn from a loader."""
    epoch_samples: int | None = None
    """Samples in the largest of these passes."""
    clipping: list[float] = []
    """Limits that gradients were clipped to."""
    mixed_precision: Literal["used", "prepared"] | None = None
    """`prepared` where it is switched off on this device; None where there is no trace of it."""
    seeds: list[int] = []
    datasets: list[str] = []
    """scikit-learn's data files that were opened and generators that were called."""
    files_read: list[str] = []
    """Files of the project other than Python's that were read."""
    files_unread: list[str] = []
    regularized: bool = False
    """Whether layers add a penalty of their own to the loss."""


class Seen(Choices):
    """Everything of this kind that one run showed."""

    observed: bool = False
    """Whether the observers told anything at the end; where they did not, nothing below means anything."""
    optimizers: list[SeenOptimizer] = []
    sizes: list[int] = []
    """Along the axes of the trained model's parameters, each once, without the first one's, which has the input's."""
    operations: dict[str, int] = {}
    """Function -> calls in one forward pass of the trained model; empty where that could not be watched."""
    dropped: list[float] = []
    """Rates of the dropout functions in that pass."""
    targets: list[int] = []
    """Sizes that the outputs given to the training loss had, beside the batch."""
    rows: int | None = None
    """Size of the first axis of the captured batch."""
    single_input: bool | None = None
    """Whether the model was called with one tensor and nothing else."""
    largest_norm: float | None = None
    """Of the gradients, when the optimiser got them."""
    backwards: int = 0
    checkpoints: list[str] = []
    """Where states of the model were saved."""
    logs: list[str] = []
    """TensorBoard's event files."""


def read_operations(probe: dict[str, Any]) -> tuple[dict[str, int], list[float]]:
    """Counts and dropout rates of the probe of this name; empty where it met an error or is malformed."""
    counts, rates = probe.get("counts"), probe.get("rates")
    if not isinstance(counts, dict) or not isinstance(rates, list):
        return {}, []
    named = {str(name): count for name, count in counts.items() if isinstance(count, int)}
    return named, [float(rate) for rate in rates if isinstance(rate, (int, float))]
