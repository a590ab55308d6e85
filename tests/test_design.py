"""Design: the user's numbers win, the others come with a reason, and what cannot be composed is said."""

from typing import Any

import pytest
from pydantic import ValidationError

from assistant.design.composable import decline_sentence, missing_parts, unmeasured_demand, unused_fields
from assistant.design.plan import design_project
from assistant.design.roles import needed_roles
from assistant.schema import PythonMLDLRequest


def request(**sections: Any) -> PythonMLDLRequest:
    digits = {"dataset_name": "digits", "source": "sklearn", "modality": "image"}
    return PythonMLDLRequest.model_validate(
        {"framework": "pytorch", "ml_task": {"type": "classification", "dataset_info": digits}} | sections
    )


def roles(asked: PythonMLDLRequest) -> dict[str, str]:
    return {need.role: need.provides for need in needed_roles(asked)}


def test_the_users_numbers_are_kept_to_the_letter() -> None:
    training = {"learning_rate": 0.37, "batch_size": 7, "num_epochs": 3, "gradient_clipping": 0.5}
    config = design_project(request(training_config=training, model_config={"dropout": 0.0, "hidden_dim": 5})).config
    assert (config["learning_rate"], config["batch_size"], config["epochs"], config["max_norm"]) == (0.37, 7, 3, 0.5)
    assert (config["dropout"], config["hidden_dim"]) == (0.0, 5)


def test_every_number_that_was_not_asked_for_has_a_reason() -> None:
    choices = design_project(request()).choices
    assert {"learning_rate", "batch_size", "epochs"} <= {choice.name for choice in choices}
    assert all(choice.reason and choice.reason != "as asked" for choice in choices)


def test_sgd_learning_rate_scales_with_the_batch() -> None:
    small, large = (
        design_project(request(training_config={"optimizer": "sgd", "batch_size": size})).config["learning_rate"]
        for size in (32, 128)
    )
    assert large == pytest.approx(4 * small, rel=0.05)


@pytest.mark.parametrize(
    ("sections", "role", "provides"),
    [
        ({}, "model", "cnn"),
        ({"model_config": {"architecture": "resnet"}}, "model", "resnet"),
        ({"training_config": {"lr_scheduler": "plateau"}}, "schedule", "plateau"),
        ({"training_config": {"mixed_precision": True, "gradient_clipping": 1.0}}, "loop", "amp-clip"),
        ({"training_config": {"mixed_precision": True}, "framework": "tensorflow"}, "precision", "mixed"),
        ({"training_config": {"early_stopping": {"enabled": True}}}, "early-stopping", "early-stopping"),
        ({"data_config": {"augmentation": ["flip"]}}, "augmentation", "image-shift-flip"),
    ],
)
def test_an_option_needs_the_pattern_that_provides_it(sections: dict[str, Any], role: str, provides: str) -> None:
    assert roles(request(**sections))[role] == provides


@pytest.mark.parametrize("role", ["schedule", "augmentation", "early-stopping", "precision"])
def test_what_nobody_asked_for_is_not_built(role: str) -> None:
    assert role not in roles(request())


def test_tensorboard_can_be_switched_off() -> None:
    asked = request(experiment_config={"tensorboard_enabled": False})
    assert "logging" not in roles(asked)
    assert "log_dir" not in design_project(asked).config


@pytest.mark.parametrize(
    ("sections", "named"),
    [
        ({"ml_task": {"type": "segmentation"}}, "segmentation"),
        ({"model_config": {"architecture": "vit"}}, "vit"),
        ({"model_config": {"pretrained": True}}, "pretrained"),
        ({"training_config": {"distributed": True}}, "distributed"),
        ({"data_config": {"augmentation": ["mixup"]}}, "mixup"),
        ({"experiment_config": {"wandb_enabled": True}}, "Weights"),
        ({"task_type": "notebook"}, "notebook"),
        ({"context": {"compute_resources": {"gpus": 4}}}, "GPUs"),
    ],
)
def test_what_no_pattern_covers_is_named_with_what_would_be_needed(sections: dict[str, Any], named: str) -> None:
    missing = missing_parts(request(**sections))
    assert any(named in part for part in missing)
    assert named in decline_sentence(missing)


def test_everything_in_the_plain_request_can_be_composed() -> None:
    assert missing_parts(request()) == []


def test_a_target_that_nothing_measures_is_declined_before_any_work() -> None:
    wanted = {"target_metric": "iou", "target_value": 0.9}
    digits = {"dataset_name": "digits", "source": "sklearn", "modality": "image"}
    asked = request(ml_task={"type": "classification", "dataset_info": digits, "performance_requirements": wanted})
    assert "iou" in str(unmeasured_demand(asked))


def test_named_fields_that_change_nothing_are_listed() -> None:
    asked = request(experiment_config={"save_frequency": 5}, stated=["experiment_config.save_frequency"])
    assert unused_fields(asked) == ["experiment_config.save_frequency"]


@pytest.mark.parametrize("folder", [".", "..", "model.py", "/tmp/x", "a/../../b", "data", "~/runs"])
def test_training_never_gets_a_folder_that_holds_other_things(folder: str) -> None:
    with pytest.raises(ValidationError, match="folder of its own"):
        request(experiment_config={"checkpoint_dir": folder})


def test_shifts_are_a_tenth_of_the_image_and_only_where_they_were_asked_for() -> None:
    info = {"source": "npz", "modality": "image", "input_shape": [3, 128, 128]}
    task = {"type": "classification", "dataset_info": info}
    both = design_project(request(ml_task=task, data_config={"augmentation": ["shift", "flip"]})).config
    flips = design_project(request(ml_task=task, data_config={"augmentation": ["flip"]})).config
    assert (both["max_shift"], flips["max_shift"]) == (12, 0)
