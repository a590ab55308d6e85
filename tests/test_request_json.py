"""Requests in the structured format: what is read from them, and the sentence for what is wrong."""

import json
from typing import Any

import pytest

from assistant.errors import RequestError
from assistant.request.json_request import read_request
from assistant.request.settle import settle_request

WHOLE: dict[str, Any] = {
    "request_id": "0b6f1a52-6b1e-4a8e-9a3b-1d2c3e4f5a6b",
    "task_type": "training",
    "ml_task": {
        "type": "classification",
        "problem_description": "Handwritten digits",
        "dataset_info": {
            "dataset_name": "digits",
            "input_shape": [1, 8, 8],
            "output_shape": 10,
            "num_samples": 1797,
            "train_val_test_split": [0.7, 0.15, 0.15],
        },
        "performance_requirements": {"target_metric": "accuracy", "target_value": 0.95, "max_training_time_hours": 1},
    },
    "model_config": {"architecture": "resnet", "pretrained": False, "num_layers": 2, "dropout": 0.1, "backbone": None},
    "training_config": {
        "optimizer": "adamw",
        "learning_rate": 0.001,
        "lr_scheduler": "cosine",
        "batch_size": 32,
        "num_epochs": 10,
        "early_stopping": {"enabled": True, "patience": 3, "min_delta": 0},
        "gradient_clipping": 1.0,
        "mixed_precision": False,
        "distributed": False,
    },
    "data_config": {"data_loader": "torch", "augmentation": []},
    "experiment_config": {"tensorboard_enabled": True, "wandb_enabled": False},
    "context": {"existing_codebase": False, "compute_resources": {"gpus": 0, "memory_gb": 8.0, "cpu_cores": 2}},
}


def changed(path: str, value: Any) -> str:
    data = json.loads(json.dumps(WHOLE))
    *sections, leaf = path.split(".")
    section = data
    for name in sections:
        section = section[name]
    section[leaf] = value
    return json.dumps(data)


def test_the_whole_format_is_read_and_what_was_given_is_stated() -> None:
    request = read_request(json.dumps(WHOLE), name="r.json")
    assert (request.model.architecture, request.training_config.early_stopping.patience) == ("resnet", 3)
    assert request.request_id == WHOLE["request_id"]
    assert "model_config.architecture" in request.stated
    assert "training_config.early_stopping.min_delta" in request.stated
    assert "model_config.backbone" not in request.stated
    assert "request_id" not in request.stated


def test_a_request_of_one_field_is_enough() -> None:
    assert read_request('{"ml_task": {"type": "regression"}}', name="r.json").stated == ["ml_task.type"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["empty"]),
        ("{", ["not valid JSON", "line 1"]),
        ("[1, 2]", ["list"]),
        ("{}", ["lacks", "ml_task"]),
        ("[" * 100_000, ["JSON"]),
        (changed("training_config.learning_rate", "fast"), ["training_config.learning_rate", '"fast"', "number"]),
        (changed("training_config.num_epochs", "10"), ["training_config.num_epochs", '"10"', "integer"]),
        (changed("training_config.num_epochs", True), ["training_config.num_epochs", "true"]),
        (changed("training_config.num_epochs", 0), ["training_config.num_epochs", "greater than 0"]),
        (changed("model_config.architecture", "vgg"), ["model_config.architecture", '"vgg"', "'resnet'"]),
        (changed("model_config.dropout", 1.5), ["model_config.dropout", "1.5", "less than 1"]),
        (changed("training_config.epochs", 3), ["unknown field", "training_config.epochs"]),
        (changed("training_config.mixed_precision", "yes"), ["mixed_precision", '"yes"', "boolean"]),
        (changed("ml_task.dataset_info.train_val_test_split", [0.8, 0.2]), ["train_val_test_split"]),
        ('{"ml_task": {"type": "x"}, "framework": 3}', ["framework", "and 1 more"]),
        ('{"ml_task": {"type": "regression"}, "training_config": {"learning_rate": NaN}}', ["NaN"]),
        ('{"ml_task": {"type": "regression"}, "training_config": {"learning_rate": 1e999}}', ["1e999"]),
    ],
)
def test_a_wrong_request_is_one_sentence_that_names_the_field(text: str, parts: list[str]) -> None:
    with pytest.raises(RequestError) as caught:
        read_request(text, name="r.json")
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert "\n" not in message and len(message) < 400


def test_a_structured_request_gets_the_same_facts_and_questions() -> None:
    built = settle_request(read_request(json.dumps(WHOLE), name="r.json"), framework="tensorflow", attachments=[])
    assert built.kind == "build", built
    assert built.request is not None
    assert (built.request.framework, built.request.ml_task.dataset_info.source) == ("tensorflow", "sklearn")
    assert built.request.request_id == WHOLE["request_id"]


@pytest.mark.parametrize(
    ("path", "value", "kind"),
    [
        ("ml_task.dataset_info.dataset_name", "MNIST", "question"),
        ("ml_task.dataset_info.dataset_name", "churn", "question"),
        ("ml_task.dataset_info.dataset_path", "data/churn.csv", "question"),
        ("ml_task.dataset_info.output_shape", 12, "question"),
        ("ml_task.type", "segmentation", "decline"),
        ("training_config.distributed", True, "decline"),
        ("ml_task.dataset_info.train_val_test_split", [0.8, 0.3, 0.1], "question"),
    ],
)
def test_a_structured_request_is_not_built_from_what_is_not_there(path: str, value: Any, kind: str) -> None:
    request = read_request(changed(path, value), name="r.json")
    assert settle_request(request, framework=None, attachments=[]).kind == kind


def test_the_description_fills_in_what_the_fields_leave_open() -> None:
    task = {"type": "classification", "problem_description": "an MLP on iris with 30 epochs"}
    text = json.dumps({"ml_task": task, "training_config": {"num_epochs": 5}})
    built = settle_request(read_request(text, name="r.json"))
    assert built.kind == "build", built
    assert built.request is not None
    assert (built.request.ml_task.dataset_info.dataset_name, built.request.training_config.num_epochs) == ("iris", 5)


def test_a_structured_request_beyond_the_patterns_is_left_to_a_model() -> None:
    data = {
        "ml_task": {
            "type": "segmentation",
            "problem_description": "nuclei with a U-Net and test-time augmentation, no cross-validation; a GAN too",
            "dataset_info": {"source": "synthetic", "input_shape": [3, 64, 64], "output_shape": 2},
        },
        "data_config": {"augmentation": ["rotate"]},
    }
    request = read_request(json.dumps(data), name="request.json")
    assert settle_request(request).kind == "decline"
    understanding = settle_request(request, composes=False)
    assert (understanding.kind, understanding.unplanned) == ("build", ["GANs", "the augmentation 'rotate'"])
