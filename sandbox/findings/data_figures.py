"""What the observers tell of a run's samples, read strictly; every figure may be missing."""

from typing import Literal

from pydantic import BaseModel

from sandbox.evidence import Place
from sandbox.findings.data_series import Series


class Labels(BaseModel):
    """The labels of one set, where each sample has one."""

    kind: str = ""
    distinct: int = 0
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    counts: list[tuple[float, int]] = []
    """Label -> samples, of at most 100 labels."""
    runs: float = 0.0
    """Share of the samples that have the label of the one before them, in the order in which they are kept."""
    step: float = 0.0
    even: bool = False
    """Whether the labels are evenly spaced."""


class SampleSet(BaseModel):
    """One set of samples, as the model was given them or as they left their loader."""

    where: Place = None
    rows: int = 0
    passes: int = 0
    shape: list[int] = []
    kind: str = ""
    mean: float = 0.0
    std: float = 0.0
    low: float = 0.0
    high: float = 0.0
    column_means: list[float] = []
    column_stds: list[float] = []
    labels: Labels | None = None
    asked: bool = False
    """Whether a model was asked about them without a label, as one may about a grid of one's own."""


class Order(BaseModel):
    """Two passes over the training samples, compared."""

    batches: int = 0
    rows: int = 0
    again: float = 0.0
    """Share of the second pass's samples that were in the first, value for value."""
    in_place: float = 0.0
    same_batches: float = 0.0
    label_chance: float | None = None
    """How often two samples drawn at random have the same label."""
    label_runs: float = 0.0
    """How often two samples that follow each other have the same label."""
    labels_in_place: float = 0.0
    relabelled: float = 0.0
    """Share of the samples of both passes that came with another label the second time."""


class Fitted(BaseModel):
    """Columns with a mean of 0 and a deviation of 1, or from 0 to 1: over the training samples, and over all."""

    rows: int
    rows_together: int
    left_out: int = 0
    """Held-out sets that are not among those together."""
    continuous: int = 0
    standard_together: int = 0
    standard_alone: int = 0
    ranged_together: int = 0
    ranged_alone: int = 0


class Apart(BaseModel):
    """Columns of one set that have a mean of 0 and a deviation of 1, or a range of 0 to 1, over that set alone."""

    where: Place = None
    role: str = ""
    rows: int = 0
    varied: int = 0
    """Columns of at least eight different values."""
    standard: int = 0
    continuous: int = 0
    """Columns most of whose values are different."""
    ranged: int = 0
    overall: bool = False
    """Whether all values together have a mean of 0 and a deviation of 1."""


class Leak(BaseModel):
    """How well one column alone tells the label, from 0 to 1: the best one, and the next."""

    column: int
    best: float
    next: float


class Information(BaseModel):
    """How much more alike the labels of like samples are than chance would have it."""

    rows: int
    sigmas: float
    noise: bool
    """Whether the samples are made-up noise, of which nobody expects anything."""


class KeptMeans(BaseModel):
    """A buffer of a model that is the mean of samples which were not trained on."""

    name: str
    of: Literal["held-out", "all"]
    rows: int = 0


class Neighbours(BaseModel):
    """Held-out windows of a series, and those of them that are one step from a window that was trained on."""

    held_out: int
    beside: int


class Redrawn(BaseModel):
    """Samples of a held-out set that were asked for again."""

    where: Place = None
    drawn: int
    differ: int


class WorkerDraws(BaseModel):
    """Random samples that workers of a loader were asked for, each of two workers in each of two epochs."""

    where: Place = None
    workers: int
    across: bool
    """Whether both workers drew the same."""
    again: bool
    """Whether both epochs did."""


class Sampler(BaseModel):
    """Passes over one sampler of several processes, and the epoch that it was told for each."""

    where: Place = None
    shuffle: bool = True
    passes: int = 0
    epochs: list[int] = []


class Samplers(BaseModel):
    """The section "samplers"."""

    seen: list[Sampler] = []


class Empty(BaseModel):
    role: str = ""
    where: Place = None


class Pipeline(BaseModel):
    """Steps of a tf.data pipeline, from the last one back, and what is wrong with their order."""

    where: Place = None
    steps: list[str] = []
    shuffle_buffer: int | None = None
    rows: int | None = None
    shuffles_batches: bool = False
    random_before_cache: bool = False
    shuffled_apart: bool = False
    """Whether samples and labels were mixed each by itself, and put together afterwards."""


class Adapted(BaseModel):
    """A layer that learned statistics from data, some of which is evaluated."""

    layer: str
    where: Place = None
    rows: int
    evaluated: int
    """Samples among them that are evaluated and not trained on."""
    kept_away: int = 0
    """Held-out sets that it did not learn from."""


class Overlap(BaseModel):
    """A held-out dataset before anything random was done to its samples, and those of them that were trained on."""

    where: Place = None
    evaluated: int
    unique: int
    trained_on: int
    validates: bool = False


class DataFigures(BaseModel):
    """The section "data" of the facts."""

    train: SampleSet | None = None
    held_out: list[SampleSet] = []
    order: Order = Order()
    windows: bool = False
    """Whether samples are the windows of a series, each the one before moved on."""
    fitted: Fitted | None = None
    apart: list[Apart] = []
    series: Series | None = None
    kept_means: KeptMeans | None = None
    leak: Leak | None = None
    information: Information | None = None
    neighbours: Neighbours | None = None
    copied: int | None = None
    """A value of each window of a series that is the label itself."""
    redrawn: list[Redrawn] = []
    workers: list[WorkerDraws] = []
    empty: list[Empty] = []
    frozen_statistics: list[str] = []
    pipelines: list[Pipeline] = []
    batched: int | None = None
    """How often the samples were put into batches of the dataset that a loop went through last, where that is known."""
    frozen_draws: list[Place] = []
    """Where a pipeline's function drew random numbers outside of TensorFlow while it was traced."""
    adapted: list[Adapted] = []
    overlaps: list[Overlap] = []


class Scale(BaseModel):
    """The section "scale": what the first layer with weights is given."""

    layer: str = ""
    mean: float = 0.0
    std: float = 0.0
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    """Whether all of the values are whole numbers."""
    largest_column: float | None = None
    """Root of the mean square of the column with the largest one, of samples that are rows of numbers."""
    column: int | None = None


class KeptGraph(BaseModel):
    """A line whose losses could be differentiated, and none of them was."""

    where: Place = None
    kept: int = 0


class KeptGraphs(BaseModel):
    """The section "kept-graphs"."""

    lines: list[KeptGraph] = []


class Repeatable(BaseModel):
    """The section "repeatable": seeds and draws."""

    drawn: list[str] = []
    """Generators that were drawn from and never seeded."""
    late: list[tuple[str, Place]] = []
    """Generators that had been drawn from when they were seeded."""
    seeded: list[tuple[str, Place]] = []
    unseeded: list[Place] = []
    mentioned: list[tuple[str, int]] = []
