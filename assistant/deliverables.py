"""What was made, file by file, with what was seen of it."""

from assistant.design.plan import Design
from assistant.drafters.base import Draft
from assistant.request.attachments import DATA_FOLDER
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
        model_architecture=_architecture(draft, design, report),
        training_pipeline=TrainingPipeline(
            training_script_path=draft.entry,
            data_loader_path="data.py" if "data.py" in draft.files else draft.entry,
            config_path="config.py" if "config.py" in draft.files else draft.entry,
            supports_distributed=False,
            supports_mixed_precision=bool(request.training_config.mixed_precision),
        ),
        experiment_tracking=_tracking(draft, design, report),
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


def next_steps(draft: Draft, request: PythonMLDLRequest, report: RunReport | None, *, verified: bool) -> list[str]:
    """What to do with the project, most useful first."""
    composed, config = draft.drafter == "embedded", draft.design.config if draft.design else {}
    steps = [f"Train it yourself: python {draft.entry}"]
    if composed:
        steps.append("Go on with a training that was interrupted: python train.py --resume")
    if "log_dir" in config and (composed or (report and report.scalars)):
        steps.append(f"Watch the curves: tensorboard --logdir {config['log_dir'] if composed else '.'}")
    if request.ml_task.dataset_info.source == "synthetic":
        where = "load_splits in data.py" if composed else "the synthetic data"
        steps.append(f"Replace {where} with your own data; the synthetic data only proves that the code learns.")
    if not verified:
        steps.insert(0, "Mend what the failed checks name before you rely on this project.")
    return steps


def _file_type(name: str) -> str:
    if name.startswith("tests/"):
        return "test"
    if name.endswith(".md"):
        return "document"
    if name.startswith(f"{DATA_FOLDER}/"):
        return "data"
    return FILE_TYPES.get(name, "utils")


def _architecture(draft: Draft, design: Design, report: RunReport | None) -> ModelArchitecture | None:
    if report is None:
        return None
    return ModelArchitecture(
        name=design.architecture,
        path="model.py" if "model.py" in draft.files else draft.entry,
        num_parameters=report.metrics.num_parameters,
        num_trainable_parameters=report.metrics.num_trainable_parameters,
        input_shape=report.input_shape,
        output_shape=report.output_shape,
        model_summary=report.model_summary,
    )


def _tracking(draft: Draft, design: Design, report: RunReport | None) -> ExperimentTracking:
    """Where a composed project writes is known from its design; a model's draft may write anywhere below its folder."""
    composed, tags = draft.drafter == "embedded", sorted(report.scalars) if report else []
    log_dir = design.config.get("log_dir") if composed else "." if tags else None
    return ExperimentTracking(
        tensorboard_log_dir=log_dir,
        tensorboard_command=f"tensorboard --logdir {log_dir}" if log_dir else None,
        metrics_tracked=tags,
        checkpoints_dir=design.config.get("checkpoint_dir") if composed else None,
    )
