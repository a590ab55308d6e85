"""What was made, file by file, with what was seen of it."""

from assistant.design.plan import Design
from assistant.drafters.base import Draft
from assistant.schema import (
    CreatedFile,
    Deliverables,
    ExperimentTracking,
    ModelArchitecture,
    PythonMLDLRequest,
    TrainingPipeline,
)
from sandbox.report import RunReport

FILE_TYPES = {
    "config.py": "config",
    "pyproject.toml": "config",
    "data.py": "data",
    "model.py": "model",
    "train.py": "training",
    "training.py": "training",
    "optim.py": "training",
    "checkpoint.py": "training",
    "evaluate.py": "training",
}


def deliverables(draft: Draft, design: Design, request: PythonMLDLRequest, report: RunReport | None) -> Deliverables:
    """The files of a draft, and its parts under the response format's names."""
    return Deliverables(
        files_created=[created_file(name, draft) for name in sorted(draft.files)],
        model_architecture=_architecture(design, report),
        training_pipeline=TrainingPipeline(
            training_script_path=draft.entry,
            data_loader_path="data.py" if "data.py" in draft.files else draft.entry,
            config_path="config.py" if "config.py" in draft.files else draft.entry,
            supports_distributed=False,
            supports_mixed_precision=bool(request.training_config.mixed_precision),
        ),
        experiment_tracking=_tracking(design, report),
    )


def created_file(name: str, draft: Draft) -> CreatedFile:
    """One file of the project; binary data is named but not inlined."""
    content = draft.files[name]
    text = content if isinstance(content, str) else ""
    return CreatedFile(
        path=name,
        type=_file_type(name),
        lines_of_code=sum(1 for line in text.splitlines() if line.strip()),
        content=text,
        bytes=len(content.encode() if isinstance(content, str) else content),
        pattern=", ".join(draft.sources.get(name, [])) or None,
    )


def next_steps(design: Design, request: PythonMLDLRequest, *, verified: bool) -> list[str]:
    """What to do with the project, most useful first."""
    steps = [
        "Train it yourself: python train.py",
        "Go on with a training that was interrupted: python train.py --resume",
    ]
    if "log_dir" in design.config:
        steps.append(f"Watch the curves: tensorboard --logdir {design.config['log_dir']}")
    if (request.ml_task.dataset_info.source or "synthetic") == "synthetic":
        steps.append(
            "Replace load_splits in data.py with your own data; the synthetic data only proves that the code learns."
        )
    if not verified:
        steps.insert(0, "Mend what the failed checks name before you rely on this project.")
    return steps


def _file_type(name: str) -> str:
    if name.startswith("tests/"):
        return "test"
    if name.endswith(".md"):
        return "document"
    if name.startswith("data/"):
        return "data"
    return FILE_TYPES.get(name, "utils")


def _architecture(design: Design, report: RunReport | None) -> ModelArchitecture | None:
    if report is None:
        return None
    return ModelArchitecture(
        name=design.architecture,
        path="model.py",
        num_parameters=report.metrics.num_parameters,
        num_trainable_parameters=report.metrics.num_trainable_parameters,
        input_shape=report.input_shape,
        output_shape=report.output_shape,
        model_summary=report.model_summary,
    )


def _tracking(design: Design, report: RunReport | None) -> ExperimentTracking:
    log_dir = design.config.get("log_dir")
    return ExperimentTracking(
        tensorboard_log_dir=log_dir,
        tensorboard_command=f"tensorboard --logdir {log_dir}" if log_dir else None,
        metrics_tracked=sorted(report.scalars) if report else [],
        checkpoints_dir=design.config.get("checkpoint_dir"),
    )
