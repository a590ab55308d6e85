"""The request and the response: the seed's format, with what gradproof adds to it."""

import json
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from assistant.model.schema import Usage
from sandbox.report import Metrics, RunReport, Validation

Framework = Literal["pytorch", "tensorflow"]
DrafterName = Literal["embedded", "llm"]
Files = dict[str, str | bytes]
"""A project: path -> content. What was written is text; attached data is bytes."""
TaskType = Literal["model", "training", "evaluation", "deployment", "notebook"]
ProblemType = Literal["classification", "regression", "detection", "segmentation", "generation", "nlp"]
DataSource = Literal["sklearn", "csv", "npz", "synthetic"]
LossName = Literal[
    "cross_entropy",
    "binary_cross_entropy",
    "nll",
    "mse",
    "mae",
    "smooth_l1",
    "huber",
    "focal",
    "dice",
    "hinge",
    "kl_divergence",
    "ctc",
    "triplet",
    "contrastive",
    "quantile",
    "poisson",
]


TAKEN = ("data", "tests")


def project_folder(name: str) -> str:
    """A folder inside the project that training may fill, and that holds nothing else."""
    parts = PurePosixPath(name).parts
    if (
        not parts
        or name.startswith(("/", "~"))
        or "\\" in name
        or ".." in parts
        or parts[0] in TAKEN
        or PurePosixPath(parts[0]).suffix
    ):
        raise ValueError("should be a folder of its own inside the project, such as 'checkpoints'")
    return str(PurePosixPath(name))


Folder = Annotated[str, AfterValidator(project_folder)]
Probability = Annotated[float, Field(ge=0, lt=1)]


class Strict(BaseModel):
    """An unknown key in a request is a mistake that the user wants to hear of."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, serialize_by_alias=True)


class DatasetInfo(Strict):
    """Where the data comes from and what shape it has. None means not said."""

    dataset_name: str | None = None
    """"digits", "iris", "wine", "breast_cancer", "diabetes", or the name of an attached file."""
    dataset_path: str | None = None
    """Path of an attached CSV or .npz inside the project, such as "data/churn.csv"."""
    input_shape: list[PositiveInt] | None = None
    """One sample, channels first: [C, H, W], [features] or [tokens]."""
    output_shape: PositiveInt | list[PositiveInt] | None = None
    """Number of classes, or of regression targets."""
    num_samples: PositiveInt | None = None
    train_val_test_split: tuple[PositiveFloat, PositiveFloat, PositiveFloat] | None = None
    source: DataSource | None = None
    modality: Literal["image", "tabular", "text"] | None = None
    target: str | None = None
    """Column of a CSV, or key of an .npz, that holds what is predicted."""
    inputs: str | None = None
    """Text column of a CSV, or key of an .npz, that holds the inputs."""
    channels_last: bool | None = None
    vocab_size: PositiveInt | None = None


class PerformanceRequirements(Strict):
    target_metric: Literal["accuracy", "f1", "mse", "iou", "bleu"] | None = None
    target_value: float | None = None
    max_training_time_hours: PositiveFloat | None = None
    max_inference_time_ms: PositiveFloat | None = None


class MLTask(Strict):
    type: ProblemType
    problem_description: str = ""
    dataset_info: DatasetInfo = DatasetInfo()
    performance_requirements: PerformanceRequirements = PerformanceRequirements()


class ModelConfig(Strict):
    architecture: (
        Literal["resnet", "vit", "bert", "gpt", "unet", "custom", "cnn", "mlp", "lstm", "transformer"] | None
    ) = None
    pretrained: bool | None = None
    pretrained_source: Literal["torchvision", "huggingface", "custom"] | None = None
    backbone: str | None = None
    num_layers: PositiveInt | None = None
    hidden_dim: PositiveInt | None = None
    dropout: Probability | None = None
    activation: Literal["relu", "gelu", "silu", "tanh"] | None = None


class EarlyStopping(Strict):
    enabled: bool = False
    patience: PositiveInt | None = None
    min_delta: Annotated[float, Field(ge=0)] | None = None


class TrainingConfig(Strict):
    optimizer: Literal["adam", "adamw", "sgd", "lion"] | None = None
    learning_rate: PositiveFloat | None = None
    weight_decay: Annotated[float, Field(ge=0)] | None = None
    loss: LossName | None = None
    lr_scheduler: Literal["cosine", "step", "exponential", "plateau"] | None = None
    batch_size: PositiveInt | None = None
    num_epochs: PositiveInt | None = None
    early_stopping: EarlyStopping = EarlyStopping()
    gradient_clipping: PositiveFloat | None = None
    """Largest global norm of the gradients."""
    mixed_precision: bool | None = None
    distributed: bool | None = None
    seed: Annotated[int, Field(ge=0)] | None = None


class Normalization(Strict):
    mean: list[float]
    std: list[PositiveFloat]


class DataConfig(Strict):
    data_loader: Literal["torch", "huggingface", "custom"] | None = None
    augmentation: list[str] = []
    normalization: Normalization | None = None
    preprocessing: list[str] = []


class ExperimentConfig(Strict):
    tensorboard_enabled: bool | None = None
    tensorboard_log_dir: Folder | None = None
    checkpoint_dir: Folder | None = None
    save_frequency: PositiveInt | None = None
    wandb_enabled: bool | None = None
    wandb_project: str | None = None


class ComputeResources(Strict):
    gpus: Annotated[int, Field(ge=0)] | None = None
    memory_gb: PositiveFloat | None = None
    cpu_cores: PositiveInt | None = None


class Context(Strict):
    existing_codebase: bool | None = None
    codebase_path: str | None = None
    baseline_model: str | None = None
    compute_resources: ComputeResources = ComputeResources()


class PythonMLDLRequest(Strict):
    """What is asked for. A field that nobody named is None; the design fills it and says why."""

    request_id: str = Field(default_factory=lambda: str(uuid4()))
    task_type: TaskType = "training"
    framework: Framework | None = None
    ml_task: MLTask
    model: ModelConfig = Field(default=ModelConfig(), alias="model_config")
    training_config: TrainingConfig = TrainingConfig()
    data_config: DataConfig = DataConfig()
    experiment_config: ExperimentConfig = ExperimentConfig()
    context: Context = Context()
    stated: list[str] = []
    """Dotted names of the fields that the user named, like "training_config.lr_scheduler"; no repair changes them."""


class CreatedFile(BaseModel):
    path: str
    type: Literal["model", "training", "data", "utils", "config", "notebook", "test", "document"]
    lines_of_code: int
    content: str
    """Empty where the file is binary data that the user attached."""
    bytes: int
    pattern: str | None = None
    """The vetted pattern that the file was built from, or several joined by ", "."""


class ModelArchitecture(BaseModel):
    name: str
    path: str
    num_parameters: int | None
    num_trainable_parameters: int | None
    input_shape: list[int] | None
    output_shape: list[int] | None
    model_summary: str


class TrainingPipeline(BaseModel):
    training_script_path: str
    data_loader_path: str
    config_path: str
    supports_distributed: bool
    supports_mixed_precision: bool


class ExperimentTracking(BaseModel):
    tensorboard_log_dir: str | None
    tensorboard_command: str | None
    metrics_tracked: list[str]
    """Tags read back from the event files."""
    checkpoints_dir: str | None


class Notebook(BaseModel):
    path: str
    purpose: Literal["exploration", "training", "evaluation", "visualization"]
    description: str


class Deliverables(BaseModel):
    files_created: list[CreatedFile] = []
    model_architecture: ModelArchitecture | None = None
    training_pipeline: TrainingPipeline | None = None
    experiment_tracking: ExperimentTracking | None = None
    notebooks: list[Notebook] = []


class ResponseMetrics(Metrics):
    """Everything measured, and the same figures under the request format's names."""

    estimated_training_time_hours: float | None = None
    estimated_inference_time_ms: float | None = None
    memory_usage_gb: float | None = None


class PerformanceReport(BaseModel):
    baseline_metric: float | None = None
    """The score of always answering with the most frequent class, or with the mean."""
    expected_metric: float | None = None
    """The score that was measured on held-out data."""
    convergence_estimate: Literal["fast", "medium", "slow"] | None = None
    recommendations: list[str] = []


class ResponseError(BaseModel):
    type: Literal["model_error", "data_error", "training_error", "validation_error"]
    message: str
    file: str | None = None
    line: int | None = None
    severity: Literal["critical", "warning", "info"]


class UsedPattern(BaseModel):
    id: str
    title: str
    score: float
    used_for: str


class Diagnostic(BaseModel):
    """One complaint of ruff, or one of "deprecated-api", "removed-api" and "unknown-module"."""

    code: str
    message: str
    file: str
    line: int
    fix: str | None = None
    """What to write instead, in a sentence, where that is known."""


class LintReport(BaseModel):
    passed: bool
    """False where something was found that is more than a matter of taste."""
    diagnostics: list[Diagnostic] = []
    fixed: int = 0
    """How many of ruff's own safe fixes were applied before this report."""


class Attempt(BaseModel):
    """One draft, what was seen of it, and what was changed to get to it."""

    n: int
    lint: LintReport
    verify: RunReport | None = None
    """None where the draft did not get past lint."""
    repair: str = ""
    """What was changed and why; empty for the first draft."""


class DesignChoice(BaseModel):
    """One decision, with the reason and the figures behind it."""

    name: str
    value: str
    reason: str


class PythonMLDLResponse(BaseModel):
    """The answer to one question."""

    request_id: str
    status: Literal["success", "partial", "failed"]
    execution_time_seconds: float
    deliverables: Deliverables = Deliverables()
    validation: Validation = Validation()
    metrics: ResponseMetrics = ResponseMetrics()
    performance_report: PerformanceReport = PerformanceReport()
    next_steps: list[str] = []
    errors: list[ResponseError] = []
    outcome: Literal["verified", "not_verified", "explained", "declined", "question"]
    thread_id: str = ""
    best_attempt: int | None = None
    """`n` of the attempt whose files these are; the others are kept for their reports."""
    answer: str
    """Markdown."""
    drafter: DrafterName = "embedded"
    """Who wrote the files that are given, or the explanation."""
    model: str | None = None
    """Name of the model that was asked, where one was."""
    usage: Usage = Usage()
    """What the model cost, over all its calls for this question."""
    remarks: list[str] = []
    """What happened on the way that the user should hear of, such as a model that failed half-way."""
    framework: Framework | None = None
    request: PythonMLDLRequest | None = None
    assumptions: list[str] = []
    design: list[DesignChoice] = []
    patterns: list[UsedPattern] = []
    attempts: list[Attempt] = []
    project_path: str | None = None
    """Folder that holds the files, where one was written."""

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints and gradproof.json holds; figures that are NaN or infinite are null."""
        return json.loads(self.model_dump_json(by_alias=True))
