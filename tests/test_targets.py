"""What the user demands is measured, or not met."""

from typing import Any

import pytest

from assistant.schema import PerformanceRequirements
from assistant.targets import judge_targets
from sandbox.report import Metrics, RunReport, Validation


def report(**metrics: Any) -> RunReport:
    return RunReport(
        status="passed",
        framework="pytorch",
        path=".",
        checks=[],
        validation=Validation(),
        metrics=Metrics(**metrics),
        wall_s=30.0,
    )


@pytest.mark.parametrize(
    ("demands", "measured", "status"),
    [
        ({"target_metric": "accuracy", "target_value": 0.95}, {"evaluation": {"accuracy": 0.96}}, "passed"),
        ({"target_metric": "accuracy", "target_value": 0.95}, {"evaluation": {"accuracy": 0.94}}, "failed"),
        ({"target_metric": "accuracy", "target_value": 0.95}, {}, "failed"),
        ({"target_metric": "f1", "target_value": 0.5}, {"evaluation": {"accuracy": 0.9, "f1": 0.4}}, "failed"),
        ({"target_metric": "bleu", "target_value": 0.5}, {"evaluation": {"accuracy": 0.96}}, "failed"),
        ({"max_inference_time_ms": 5}, {"inference_time_ms": 4.0, "inference_batch_size": 1}, "passed"),
        ({"max_inference_time_ms": 5}, {"inference_time_ms": 6.0, "inference_batch_size": 1}, "failed"),
        ({"max_inference_time_ms": 5}, {}, "failed"),
        ({"max_training_time_hours": 0.01}, {}, "passed"),
        ({"max_training_time_hours": 0.005}, {}, "failed"),
        ({}, {}, "passed"),
    ],
)
def test_a_demand_passes_only_where_it_was_measured_and_met(
    demands: dict[str, Any], measured: dict[str, Any], status: str
) -> None:
    assert judge_targets(PerformanceRequirements(**demands), report(**measured)).status == status
