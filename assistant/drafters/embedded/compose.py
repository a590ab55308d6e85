"""Compose a project: each role's pattern goes into its module, and the glue binds it to the configuration."""

import re
from pathlib import PurePosixPath
from typing import Any

import jinja2

from assistant.design.plan import Design
from assistant.drafters.base import Draft
from assistant.drafters.embedded.calls import data_call, data_settings, model_call
from assistant.drafters.embedded.merge import merge_modules
from assistant.schema import Files, PythonMLDLRequest
from knowledge.patterns import project_source
from knowledge.schema import Hit

MODULES = {
    "data.py": ("Load, split and batch the data.", ["data", "augmentation", "loaders"]),
    "model.py": ("The model.", ["model"]),
    "optim.py": ("The optimiser{schedule}.", ["optimizer", "schedule"]),
    "training.py": (
        "The parts of training: one epoch, evaluation, and what goes with them.",
        ["seed", "precision", "loop", "evaluation", "early-stopping", "logging"],
    ),
    "checkpoint.py": ("Save and restore everything that training needs to go on.", ["checkpoint"]),
}
"""Module of the project -> its docstring and the roles whose patterns it holds."""

CONTENTS = {
    "config.py": "every number of the run",
    "data.py": "load, split and batch the data",
    "model.py": "the model",
    "optim.py": "the optimiser, and its schedule where there is one",
    "training.py": "one epoch, evaluation, and what goes with them",
    "checkpoint.py": "save and restore what training needs to go on",
    "train.py": "the training itself: run this",
    "evaluate.py": "the best checkpoint on held-out data",
    "tests/test_project.py": "the promises of this project",
}
"""What the project's README says of each file."""

REQUIREMENTS = {
    "pytorch": ["numpy", "scikit-learn", "tensorboard", "torch", "tqdm"],
    "tensorflow": ["numpy", "scikit-learn", "tensorboard", "tensorflow"],
}


def compose(request: PythonMLDLRequest, design: Design, patterns: dict[str, Hit]) -> Draft:
    """The project's files, without the user's data, and the patterns behind each of them."""
    framework = request.framework or "pytorch"
    files: Files = {}
    sources: dict[str, list[str]] = {}
    for name, (docstring, roles) in MODULES.items():
        used = [patterns[role].pattern for role in roles if role in patterns]
        docstring = docstring.format(schedule=" and its learning-rate schedule" if "schedule" in patterns else "")
        files[name] = merge_modules(docstring, [project_source(pattern) for pattern in used])
        sources[name] = [pattern.id for pattern in used]
    values = _template_values(request, design, patterns)
    for target, template in (
        ("config.py", "config.py.j2"),
        ("train.py", f"{framework}/train.py.j2"),
        ("evaluate.py", f"{framework}/evaluate.py.j2"),
        ("tests/test_project.py", f"{framework}/test_project.py.j2"),
        ("pyproject.toml", "pyproject.toml.j2"),
        ("README.md", "README.md.j2"),
    ):
        files[target] = _templates().get_template(template).render(values)
    return Draft(files=files, sources=sources)


def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("assistant.drafters.embedded", "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def _template_values(request: PythonMLDLRequest, design: Design, patterns: dict[str, Hit]) -> dict[str, Any]:
    framework = request.framework or "pytorch"
    chosen = {role: hit.pattern for role, hit in patterns.items()}
    settings = _settings(request, design, patterns)
    schedule = chosen["schedule"].provides if "schedule" in chosen else None
    entries = {role: chosen[role].entry for role in MODULES["training.py"][1] if role in chosen}
    return {
        "title": project_title(request, design),
        "summary": _summary(request),
        "name": _project_name(request, design),
        "requirements": REQUIREMENTS[framework] + (["pandas"] if request.ml_task.dataset_info.source == "csv" else []),
        "fields": [_field(name, value) for name, value in settings.items()],
        "log_dir": design.config.get("log_dir"),
        "contents": [{"path": name, "holds": holds} for name, holds in CONTENTS.items()],
        "choices": design.choices,
        "modality": design.modality,
        "regression": design.problem == "regression",
        "may_repeat": _may_repeat(request, design),
        "model_entry": chosen["model"].entry,
        "model_call": model_call(str(chosen["model"].entry), framework, design),
        "data_call": data_call(str(chosen["data"].provides)),
        "augmentation": "augmentation" in chosen,
        "early_stopping": "early-stopping" in chosen,
        "logging": "logging" in chosen,
        "precision": "precision" in chosen,
        "schedule": schedule,
        "schedule_entry": chosen["schedule"].entry if schedule else None,
        "amp": "amp" in str(chosen["loop"].provides),
        "training_names": sorted(str(entry) for entry in entries.values()),
        **_loop_values(design, schedule, str(chosen["loop"].provides)),
    }


def _loop_values(design: Design, schedule: str | None, loop: str) -> dict[str, str]:
    clip = "max_norm" in design.config
    arguments = ["model", "train_loader", "criterion", "optimizer", "device"]
    arguments += ["scaler"] * ("amp" in loop) + ["max_norm=config.max_norm"] * clip
    rate = "learning_rate" if schedule and schedule != "plateau" else "config.learning_rate"
    clipped = ["max_norm=config.max_norm"] if clip else []
    return {
        "loop_arguments": ", ".join(arguments),
        "checkpoint_extras": ", schedule=schedule" * bool(schedule) + ", scaler=scaler" * ("amp" in loop),
        "optimizer_arguments": ", ".join([rate, "weight_decay=config.weight_decay", *clipped]),
    }


def _settings(request: PythonMLDLRequest, design: Design, patterns: dict[str, Hit]) -> dict[str, Any]:
    """Fields of the generated Config: where the data is, then the design's numbers that the code reads."""
    data = data_settings(str(patterns["data"].pattern.provides), request.ml_task.dataset_info)
    unused = {"activation"} if request.framework != "tensorflow" else set()
    return data | {name: value for name, value in design.config.items() if name not in unused}


def _field(name: str, value: Any) -> dict[str, str]:
    if name.endswith(("_dir", "_path")):
        return {"name": name, "annotation": "Path", "value": f"Path({value!r})"}
    if isinstance(value, tuple | list):
        kinds = ", ".join(type(item).__name__ for item in value)
        return {"name": name, "annotation": f"tuple[{kinds}]", "value": repr(tuple(value))}
    return {"name": name, "annotation": type(value).__name__, "value": repr(value)}


def _may_repeat(request: PythonMLDLRequest, design: Design) -> bool:
    """True where equal samples are in the nature of the data, so that two splits may share one."""
    info = request.ml_task.dataset_info
    return design.modality == "text" or info.source in ("csv", "npz") or info.dataset_name == "iris"


def _project_name(request: PythonMLDLRequest, design: Design) -> str:
    """A name that packaging accepts, whatever the user's file is called."""
    data = PurePosixPath(request.ml_task.dataset_info.dataset_name or design.modality).stem
    return f"{re.sub(r'[^a-z0-9]+', '-', data.lower()).strip('-') or 'data'}-{design.architecture}"


def project_title(request: PythonMLDLRequest, design: Design) -> str:
    """One line for the top of the project, such as "A CNN for image classification of digits"."""
    names = {"cnn": "A CNN", "resnet": "A ResNet", "mlp": "An MLP", "lstm": "An LSTM", "transformer": "A Transformer"}
    data = request.ml_task.dataset_info.dataset_name or f"synthetic {design.modality} data"
    plain = re.sub(r"[^\w .-]", "_", data)  # it goes into docstrings, TOML and Markdown
    return f"{names[design.architecture]} for {design.modality} {design.problem} on {plain}"


def _summary(request: PythonMLDLRequest) -> str:
    library = "Keras 3 on TensorFlow" if request.framework == "tensorflow" else "PyTorch"
    if (request.ml_task.dataset_info.source or "synthetic") == "synthetic":
        return f"Written for {library}. The data is synthetic: replace `load_splits` in data.py with your own."
    return f"Written for {library}."
