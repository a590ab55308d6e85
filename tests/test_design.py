"""Design: the user's numbers win, the others come with a reason, and what cannot be composed is said."""

import itertools
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from assistant.design.composable import decline_sentence, missing_parts, unmeasured_demand, unused_fields
from assistant.design.families import attention_heads, halvings, patch_size
from assistant.design.plan import Design, design_project
from assistant.design.roles import needed_roles
from assistant.request.field_names import field_types
from assistant.schema import ProblemType, PythonMLDLRequest

ARCHITECTURES = get_args(get_args(field_types()["model_config.architecture"])[0])


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


def designed(kind: str, architecture: str | None = None, **info: Any) -> Design:
    """The design of a request on synthetic data."""
    task = {"type": kind, "dataset_info": {"source": "synthetic", **info}}
    return design_project(request(ml_task=task, model_config={"architecture": architecture}))


@pytest.mark.parametrize("kind", get_args(ProblemType))
@pytest.mark.parametrize("architecture", [None, *ARCHITECTURES])
def test_every_request_of_the_format_has_a_design_with_reasons(kind: str, architecture: str | None) -> None:
    shapes = [None, [3, 48, 80], [1, 7, 9], [20], [24, 3], [2, 3, 4, 5]]
    for shape, outputs in itertools.product(shapes, [None, 4, [2, 3]]):
        design = designed(kind, architecture, input_shape=shape, output_shape=outputs)
        assert all(choice.reason for choice in design.choices)
        assert {"hidden_dim", "num_layers", "learning_rate", "batch_size", "epochs"} <= set(design.config)
        assert design.architecture == architecture or architecture in (None, "custom")


@pytest.mark.parametrize(
    ("kind", "architecture", "info", "expected"),
    [
        (
            "segmentation",
            "unet",
            {"input_shape": [3, 128, 128], "output_shape": 3},
            {"num_classes": 3, "num_layers": 3},
        ),
        ("segmentation", None, {"input_shape": [1, 36, 36]}, {"num_classes": 2, "num_layers": 2, "channels": 1}),
        ("detection", None, {}, {"num_classes": 3, "max_objects": 3, "image_size": (64, 64)}),
        ("generation", "gpt", {}, {"vocab_size": 128, "num_heads": 4, "sequence_length": 64}),
        ("generation", None, {}, {"latent_dim": 64, "image_size": (32, 32)}),
        ("classification", "vit", {"input_shape": [3, 224, 224]}, {"patch_size": 16, "num_heads": 4}),
        ("regression", "cnn", {"input_shape": [3, 32, 32], "output_shape": 4}, {"num_outputs": 4}),
        ("regression", "lstm", {"input_shape": [24, 3]}, {"sequence_length": 24, "num_features": 3, "num_outputs": 1}),
        ("regression", None, {"input_shape": [8], "output_shape": [2]}, {"num_features": 8, "num_outputs": 2}),
    ],
)
def test_what_no_pattern_covers_has_numbers_of_its_own(
    kind: str, architecture: str | None, info: dict[str, Any], expected: dict[str, Any]
) -> None:
    config = designed(kind, architecture, **info).config
    assert {name: config.get(name) for name in expected} == expected


@pytest.mark.parametrize("architecture", ["cnn", "vit"])
@pytest.mark.parametrize(("shape", "channels", "size"), [([28, 20], 1, (28, 20)), ([3, 8, 8], 3, (8, 8))])
def test_an_image_of_two_sizes_has_one_channel(
    architecture: str, shape: list[int], channels: int, size: tuple[int, int]
) -> None:
    config = designed("classification", architecture, input_shape=shape).config
    assert (config["channels"], config["image_size"]) == (channels, size)


@pytest.mark.parametrize("architecture", ["unet", "vit", "bert", "gpt"])
def test_a_family_beyond_the_patterns_names_its_paper(architecture: str) -> None:
    choice = designed("classification", architecture).choices[0]
    assert any(mark in choice.reason for mark in ("arXiv:", "Radford"))
    assert choice.reason.startswith("as asked")


def test_heads_patches_and_halvings_divide_what_they_divide() -> None:
    for width in range(1, 300):
        assert width % attention_heads(width) == 0
    for side in range(1, 300):
        assert side % patch_size(side) == 0
    assert (halvings(3, [64, 64]), halvings(3, [36, 20]), halvings(3, [7, 8])) == (3, 2, 1)


@pytest.mark.parametrize(
    ("kind", "architecture", "absent"),
    [
        ("segmentation", "unet", {"data", "model", "evaluation"}),
        ("generation", "gpt", {"data", "model", "evaluation"}),
        ("regression", "lstm", {"data", "model"}),
        ("classification", "vit", {"model"}),
    ],
)
def test_no_pattern_is_needed_where_none_can_exist(kind: str, architecture: str, absent: set[str]) -> None:
    task = {"type": kind, "dataset_info": {"source": "synthetic"}}
    needed = roles(request(ml_task=task, model_config={"architecture": architecture}))
    assert not absent & set(needed)
    assert {"loop", "optimizer", "checkpoint"} <= set(needed)


def test_an_augmentation_without_a_pattern_needs_none_and_has_no_numbers() -> None:
    asked = request(data_config={"augmentation": ["mixup"]})
    assert "augmentation" not in roles(asked)
    assert "max_shift" not in design_project(asked).config


def test_attached_code_keeps_its_own_numbers() -> None:
    task = {"type": "classification", "dataset_info": {}}
    asked = request(ml_task=task, context={"existing_codebase": True}, training_config={"num_epochs": 4})
    design = design_project(asked)
    reasons = {choice.name: choice.reason for choice in design.choices}
    assert "num_classes" not in design.config
    assert "attached code" in reasons["learning_rate"]
    assert reasons["epochs"] == "as asked"


def test_a_number_that_was_only_understood_is_not_called_asked_for() -> None:
    asked = request(training_config={"batch_size": 8, "num_epochs": 4}, stated=["training_config.num_epochs"])
    reasons = {choice.name: choice.reason for choice in design_project(asked).choices}
    assert (reasons["epochs"], reasons["batch_size"]) == ("as asked", "as understood from the question")


def test_several_outputs_of_a_regression_are_not_composed_as_one() -> None:
    task = {"type": "regression", "dataset_info": {"source": "synthetic", "input_shape": [8], "output_shape": 3}}
    assert missing_parts(request(ml_task=task)) == ["a regression with 3 outputs"]


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
