"""What was seen of a run, held against what was asked for: contradicted, kept, or not judged."""

from pathlib import Path
from typing import Any

import pytest

from assistant.schema import PythonMLDLRequest
from assistant.scope.judge import judge_scope
from sandbox.base import Sandbox
from sandbox.report import CheckResult, Metrics, RunReport, Validation
from sandbox.seen import Seen
from sandbox.verify import verify

FAMILIES = Path(__file__).parent / "data" / "scope" / "families"


def request(field: str, value: Any, **others: Any) -> PythonMLDLRequest:
    """A request in which one dotted field was stated; `others` are further top-level sections."""
    data: dict[str, Any] = {"framework": "pytorch", "ml_task": {"type": "classification"}, "stated": [field], **others}
    *sections, leaf = field.split(".")
    section = data
    for part in sections:
        section = section.setdefault(part, {})
    section[leaf] = value
    return PythonMLDLRequest.model_validate(data)


def report(seen: dict[str, Any], **fields: Any) -> RunReport:
    ran = CheckResult(id="program-runs", status="passed", message="Ran.")
    base = RunReport(
        status="passed",
        framework="pytorch",
        path=".",
        checks=[ran],
        validation=Validation(),
        metrics=Metrics(),
        wall_s=1.0,
        seen=Seen.model_validate({"observed": True, "single_input": True, **seen}),
    )
    return base.model_copy(update=fields)


def outcome(asked: PythonMLDLRequest, seen: RunReport, files: dict[str, str] | None = None) -> str:
    """passed, failed, or skipped where nothing decides."""
    judged = judge_scope(asked, files or {"train.py": "import torch\n"}, seen)
    check = next(one for one in judged.checks if one.id == "scope-kept")
    assert (judged.status == "failed") == (check.status == "failed")
    return check.status


def adam(family: tuple[str, ...] = ("Adam",), **fields: Any) -> dict[str, Any]:
    options = {"lr": [0.001], "weight_decay": [0.0]}
    one = {"family": list(family), "steps": 40, "learning_rates": [0.001, 0.001], "options": options}
    return {"optimizers": [one | fields]}


TRAINING = [
    ("optimizer", "adam", adam(), "passed"),
    ("optimizer", "adam", adam(("AdamW", "Adam")), "failed"),
    ("optimizer", "adamw", adam(("Mine", "AdamW", "Adam")), "passed"),
    ("optimizer", "lion", adam(("Mine",)), "skipped"),
    ("learning_rate", 0.001, adam(), "passed"),
    ("learning_rate", 0.01, adam(), "failed"),
    ("learning_rate", 0.01, adam(learning_rates=[0.0004, 0.01]), "passed"),
    ("learning_rate", 0.01, {}, "skipped"),
    ("weight_decay", 0.0, adam(), "passed"),
    ("weight_decay", 0.01, adam(), "failed"),
    ("weight_decay", 0.01, adam() | {"regularized": True}, "skipped"),
    ("weight_decay", 0.01, adam(options={"weight_decay": [0.01, 0.0]}), "passed"),
    ("lr_scheduler", "cosine", adam() | {"schedules": ["CosineAnnealingLR"]}, "passed"),
    ("lr_scheduler", "cosine", adam() | {"schedules": ["StepLR"]}, "failed"),
    ("lr_scheduler", "cosine", adam() | {"schedules": ["LambdaLR"]}, "skipped"),
    ("lr_scheduler", "cosine", adam(), "failed"),
    ("lr_scheduler", "cosine", adam(learning_rates=[0.0001, 0.001]), "skipped"),
    ("lr_scheduler", "step", adam() | {"schedules": ["ExponentialDecay(staircase)"]}, "passed"),
    ("lr_scheduler", None, adam(learning_rates=[0.0001, 0.001]) | {"schedules": ["StepLR"]}, "failed"),
    ("batch_size", 32, {"batch_sizes": [[32, 9], [7, 1]]}, "passed"),
    ("batch_size", 64, {"batch_sizes": [[32, 9], [7, 1]]}, "failed"),
    ("batch_size", 64, adam() | {"batch_sizes": [[16, 160]], "backwards": 160}, "passed"),
    ("batch_size", 64, {"batch_sizes": [[50, 4]], "epoch_samples": 50}, "passed"),
    ("num_epochs", 10, {"epochs": 10}, "passed"),
    ("num_epochs", 10, {"epochs": 2}, "failed"),
    ("num_epochs", 10, {"epochs": 30}, "failed"),
    ("num_epochs", 10, {"epochs": 30, "optimizers": adam()["optimizers"] * 3}, "skipped"),
    ("num_epochs", 10, {}, "skipped"),
    ("num_epochs", 10, {"epochs": 2, "callbacks": [{"name": "EarlyStopping"}]}, "skipped"),
    ("gradient_clipping", 1.0, {"clipping": [1.0]}, "passed"),
    ("gradient_clipping", 1.0, {"clipping": [5.0]}, "failed"),
    ("gradient_clipping", 1.0, {"largest_norm": 9.0}, "failed"),
    ("gradient_clipping", 1.0, {"largest_norm": 0.9}, "skipped"),
    ("mixed_precision", True, {"mixed_precision": "prepared"}, "passed"),
    ("mixed_precision", True, {}, "failed"),
    ("mixed_precision", False, {"mixed_precision": "used"}, "failed"),
    ("seed", 7, {"seeds": [0, 7]}, "passed"),
    ("seed", 7, {"seeds": [0]}, "failed"),
    ("loss", "huber", {"losses": [{"name": "SmoothL1Loss"}]}, "passed"),
    ("loss", "huber", {"losses": [{"name": "mse_loss"}]}, "failed"),
    ("loss", "mse", {"losses": []}, "skipped"),
    ("loss", "focal", {"losses": []}, "failed"),
    ("loss", "cross_entropy", {"losses": [{"name": "SparseCategoricalCrossentropy"}]}, "passed"),
]


@pytest.mark.parametrize(("name", "value", "seen", "expected"), TRAINING)
def test_a_setting_of_training_is_judged_by_what_was_seen(
    name: str, value: Any, seen: dict[str, Any], expected: str
) -> None:
    assert outcome(request(f"training_config.{name}", value), report(seen)) == expected


DENSE = {"layers": [{"name": "Linear", "kind": "linear", "size": 64}, {"name": "Linear", "kind": "linear", "size": 3}]}
SHAPES = {"sizes": [3, 64]}
MODEL = [
    ("hidden_dim", 64, DENSE | SHAPES, "passed"),
    ("hidden_dim", 30, DENSE | SHAPES, "failed"),
    ("hidden_dim", 64, {}, "skipped"),
    ("hidden_dim", 64, {"sizes": [64]}, "passed"),
    ("num_layers", 2, DENSE, "passed"),
    ("num_layers", 4, DENSE, "failed"),
    ("num_layers", 4, DENSE | {"operations": {"linear": 5}}, "passed"),
    ("dropout", 0.5, DENSE | {"dropped": [0.5]}, "passed"),
    ("dropout", 0.5, DENSE | {"dropped": [0.1]}, "failed"),
    ("dropout", 0.5, DENSE | {"operations": {"linear": 2}}, "failed"),
    ("dropout", 0.5, DENSE, "skipped"),
    ("dropout", 0.0, DENSE | {"dropped": [0.1]}, "failed"),
    ("activation", "gelu", DENSE | {"operations": {"gelu": 1}}, "passed"),
    ("activation", "gelu", DENSE | {"operations": {"relu": 1}}, "failed"),
    ("activation", "gelu", DENSE, "skipped"),
]


@pytest.mark.parametrize(("name", "value", "seen", "expected"), MODEL)
def test_a_size_of_the_model_is_judged_by_what_was_seen(
    name: str, value: Any, seen: dict[str, Any], expected: str
) -> None:
    assert outcome(request(f"model_config.{name}", value), report(seen)) == expected


DATA = [
    ("input_shape", [3, 32, 32], {}, {"input_shape": [32, 32, 3]}, "passed"),
    ("input_shape", [3, 32, 32], {}, {"input_shape": [3, 16, 16]}, "failed"),
    ("input_shape", [3, 32, 32], {}, {"input_shape": [3, 224, 224]}, "failed"),
    ("input_shape", [64], {"rows": 32}, {"input_shape": [63]}, "passed"),
    ("input_shape", [64], {"rows": 64}, {"input_shape": [32]}, "skipped"),
    ("input_shape", [10], {}, {"input_shape": [25]}, "skipped"),
    ("input_shape", [10], {}, {"input_shape": None}, "skipped"),
    ("output_shape", 5, {}, {"output_shape": [5, 64, 64]}, "passed"),
    ("output_shape", 5, {}, {"output_shape": [4]}, "failed"),
    ("output_shape", 2, {}, {"output_shape": [1]}, "passed"),
    ("output_shape", 5, {"targets": [5]}, {"output_shape": [128]}, "passed"),
    ("num_samples", 1000, {"epoch_samples": 700}, {}, "passed"),
    ("num_samples", 1000, {"epoch_samples": 100}, {}, "failed"),
    ("dataset_name", "wine", {"datasets": ["wine_data.csv"]}, {}, "passed"),
    ("dataset_name", "wine", {"datasets": ["iris.csv"]}, {}, "failed"),
    ("dataset_name", "wine", {}, {}, "failed"),
    ("dataset_name", "Breast Cancer dataset", {"datasets": ["breast_cancer.csv"]}, {}, "passed"),
    ("dataset_name", "wine reviews", {}, {}, "skipped"),
    ("dataset_path", "data/photos", {"files_read": ["data/photos/1.png"]}, {}, "passed"),
    ("dataset_name", "CIFAR-10", {}, {}, "skipped"),
    ("dataset_name", "CIFAR-10", {"datasets": ["digits.csv.gz"]}, {}, "failed"),
    ("source", "synthetic", {"datasets": ["digits.csv.gz"]}, {}, "failed"),
    ("dataset_path", "data/x.csv", {"files_read": ["data/x.csv"]}, {}, "passed"),
    ("dataset_path", "data/x.csv", {"files_unread": ["data/x.csv"]}, {}, "failed"),
]


@pytest.mark.parametrize(("name", "value", "seen", "fields", "expected"), DATA)
def test_the_data_is_judged_by_what_was_seen(
    name: str, value: Any, seen: dict[str, Any], fields: dict[str, Any], expected: str
) -> None:
    assert outcome(request(f"ml_task.dataset_info.{name}", value), report(seen, **fields)) == expected


def test_what_was_not_stated_is_not_judged() -> None:
    asked = request("training_config.batch_size", 64).model_copy(update={"stated": []})
    assert outcome(asked, report({"batch_sizes": [[8, 9]]})) == "skipped"


def test_a_program_that_did_not_come_to_its_end_is_not_judged() -> None:
    crashed = CheckResult(id="program-runs", status="failed", message="Crashed.")
    seen = report({"batch_sizes": [[8, 9]]}, checks=[crashed])
    assert outcome(request("training_config.batch_size", 64), seen) == "skipped"


def test_an_attached_file_is_meant_even_where_the_question_does_not_name_it() -> None:
    asked = request("ml_task.dataset_info.dataset_path", "data/x.csv").model_copy(update={"stated": []})
    assert outcome(asked, report({"files_unread": ["data/x.csv"]})) == "failed"


FILE = {"source": "csv", "dataset_path": "data/x.csv", "num_samples": 150}
READ = {"files_read": ["data/x.csv"]}
ROWS = [
    ({}, {"epoch_samples": 24}, {}, "failed"),
    ({}, {"epoch_samples": 105}, {}, "passed"),
    ({}, {}, {}, "passed"),
    ({}, {"epoch_samples": 24}, {"input_shape": [6, 4]}, "passed"),
    ({"train_val_test_split": [0.1, 0.1, 0.8]}, {"epoch_samples": 15}, {}, "passed"),
]


@pytest.mark.parametrize(("info", "seen", "fields", "expected"), ROWS)
def test_the_rows_of_an_attached_file_are_trained_on_even_where_nobody_counted_them(
    info: dict[str, Any], seen: dict[str, Any], fields: dict[str, Any], expected: str
) -> None:
    task = {"type": "classification", "dataset_info": FILE | info}
    asked = request("framework", "pytorch", ml_task=task).model_copy(update={"stated": []})
    assert outcome(asked, report(READ | seen, **fields)) == expected


SCORES, ERRORS = {"accuracy": 0.9, "f1": 0.9}, {"rmse": 0.4, "r2": 0.8}
KINDS = [
    ("classification", SCORES, [], "passed"),
    ("classification", ERRORS, [], "failed"),
    ("classification", ERRORS, ["MSELoss"], "failed"),
    ("classification", ERRORS, ["CrossEntropyLoss"], "skipped"),
    ("regression", ERRORS, [], "passed"),
    ("regression", SCORES, ["cross_entropy"], "failed"),
    ("regression", SCORES, ["MSELoss"], "skipped"),
    ("regression", {}, ["CrossEntropyLoss"], "skipped"),
    ("segmentation", ERRORS, ["MSELoss"], "skipped"),
]


@pytest.mark.parametrize(("kind", "figures", "losses", "expected"), KINDS)
def test_the_kind_of_problem_is_told_by_what_was_evaluated(
    kind: str, figures: dict[str, float], losses: list[str], expected: str
) -> None:
    seen = report({"losses": [{"name": name} for name in losses]}, metrics=Metrics(evaluation=figures))
    assert outcome(request("ml_task.type", kind), seen) == expected


@pytest.mark.parametrize(("name", "expected"), [("train.ipynb", "passed"), ("notebook.py", "failed")])
def test_a_notebook_is_a_file_of_that_kind(name: str, expected: str) -> None:
    assert outcome(request("task_type", "notebook"), report({}), {"train.py": "", name: ""}) == expected


def test_training_may_end_early_where_that_was_asked_for() -> None:
    early = {"training_config": {"early_stopping": {"enabled": True}}}
    assert outcome(request("training_config.num_epochs", 10, **early), report({"epochs": 3})) == "skipped"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("for _ in range(3):\n    pass\n", "failed"),
        ("patience = 3\n", "skipped"),
        ("class EarlyStopping:\n    pass\n", "skipped"),
    ],
)
def test_a_loop_without_any_trace_of_stopping_early_does_not_stop_early(code: str, expected: str) -> None:
    asked = request("training_config.early_stopping.enabled", True)
    assert outcome(asked, report({}), {"train.py": code}) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def focal_loss(x, y):\n    return (x - y).abs()\n\n\nloss = focal_loss(1, 2)\n", "skipped"),
        ("def focal_loss(x, y):\n    return cross_entropy(x, y)\n", "passed"),
        ("def focal_loss(x, y):\n    return x\n\n\ndef train(x, y):\n    return cross_entropy(x, y)\n", "failed"),
    ],
)
def test_a_loss_of_the_projects_own_counts_only_where_training_uses_it(code: str, expected: str) -> None:
    line = next((n for n, text in enumerate(code.splitlines(), 1) if "cross_entropy" in text), None)
    losses = [{"name": "cross_entropy", "calls": 9, "file": "train.py", "line": line}]
    assert outcome(request("training_config.loss", "focal"), report({"losses": losses}), {"train.py": code}) == expected


SEEN_FAMILIES = [
    ("attention", {"transformer", "vit", "bert", "gpt"}),
    ("encoder", {"transformer", "vit", "bert", "gpt"}),
    ("unet", {"unet", "cnn", "resnet"}),
    ("residual", {"resnet", "cnn", "unet"}),
    ("plain_convolution", {"cnn"}),
    ("recurrent", {"lstm"}),
    ("perceptron", {"mlp"}),
]
ARCHITECTURES = ("resnet", "vit", "bert", "gpt", "unet", "cnn", "mlp", "lstm", "transformer")


@pytest.mark.parametrize(("name", "families"), SEEN_FAMILIES)
def test_the_family_of_a_model_is_seen_in_what_it_calls(name: str, families: set[str], sandbox: Sandbox) -> None:
    model = (FAMILIES / f"{name}.py").read_text(encoding="utf-8")
    files = {"train.py": (FAMILIES / "loop.py").read_text(encoding="utf-8"), "model.py": model}
    seen = verify(files, framework="pytorch", sandbox=sandbox, entry="train.py")
    kept = {
        one for one in ARCHITECTURES if outcome(request("model_config.architecture", one), _healthy(seen)) == "passed"
    }
    assert kept == families


def _healthy(seen: RunReport) -> RunReport:
    """What is tested is the scope; three steps on noise prove nothing else."""
    return seen.model_copy(update={"status": "passed", "findings": []})


def test_the_layers_of_an_encoder_are_counted_with_their_rates_and_activation(sandbox: Sandbox) -> None:
    model = (FAMILIES / "encoder.py").read_text(encoding="utf-8")
    files = {"train.py": (FAMILIES / "loop.py").read_text(encoding="utf-8"), "model.py": model}
    seen = _healthy(verify(files, framework="pytorch", sandbox=sandbox, entry="train.py"))
    asked = {"architecture": "transformer", "num_layers": 3, "hidden_dim": 16, "dropout": 0.1, "activation": "gelu"}
    stated = [f"model_config.{name}" for name in asked]
    whole = request("model_config.architecture", "transformer", model_config=asked).model_copy(
        update={"stated": stated}
    )
    assert outcome(whole, seen) == "passed"
    assert outcome(request("model_config.num_layers", 4, model_config=asked), seen) == "failed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "families"),
    [("keras_encoder", {"transformer", "vit", "bert", "gpt"}), ("keras_unet", {"unet", "cnn", "resnet"})],
)
def test_the_family_of_a_keras_model_is_seen_in_what_it_calls(name: str, families: set[str], sandbox: Sandbox) -> None:
    files = {"train.py": (FAMILIES / f"{name}.py").read_text(encoding="utf-8")}
    seen = _healthy(verify(files, framework="tensorflow", sandbox=sandbox))
    asked = {one: request("model_config.architecture", one, framework="tensorflow") for one in ARCHITECTURES}
    assert {one for one, wanted in asked.items() if outcome(wanted, seen) == "passed"} == families


@pytest.mark.slow
def test_the_layers_of_a_keras_encoder_are_counted_without_those_inside_of_attention(sandbox: Sandbox) -> None:
    code = (FAMILIES / "keras_encoder.py").read_text(encoding="utf-8")
    seen = _healthy(verify({"train.py": code}, framework="tensorflow", sandbox=sandbox))
    kinds = {kind: sum(one.stacked for one in seen.seen.layers if one.kind == kind) for kind in ("attention", "linear")}
    assert kinds == {"attention": 2, "linear": 5}
    assert seen.seen.batch_sizes[0] == (32, 6)
    assert seen.seen.optimizers[0].options["weight_decay"] == [pytest.approx(0.02)]
