"""What a repair has no longer, told from the figures of two runs."""

from typing import Any

import pytest

from assistant.schema import PythonMLDLRequest
from assistant.scope.judge import judge_scope
from sandbox.report import CheckResult, Metrics, RunReport, Validation
from sandbox.seen import Seen

SHAPE = "def test_shape():\n    assert Net().size == 3\n"
TEST = f"from train import Net\n\n\n{SHAPE}\n\ndef test_sum():\n    assert Net().sum == 4\n"
FILES: dict[str, str | bytes] = {"train.py": "import torch\n", "tests/test_net.py": TEST}


def report(
    *, parameters: int = 4675, tests: int = 2, skipped: int = 0, failed: str = "", ran: bool = True
) -> RunReport:
    """A run in which only the figures given matter."""
    counts = {"tests": tests, "skipped": skipped, "failures": 0, "errors": 0}
    checks = [
        CheckResult(id="program-runs", status="passed", message="."),
        CheckResult(id="tests-pass", status="passed", message=".", evidence=counts),
    ]
    return RunReport(
        status="passed",
        framework="pytorch",
        path=".",
        checks=[*checks, *([CheckResult(id=failed, status="failed", message=".")] if failed else [])],
        validation=Validation(forward_pass_works=ran),
        metrics=Metrics(num_parameters=parameters),
        wall_s=1.0,
        seen=Seen(observed=True),
    )


def verdict(before: RunReport, after: RunReport, files: dict[str, str | bytes] = FILES) -> CheckResult:
    request = PythonMLDLRequest.model_validate({"framework": "pytorch", "ml_task": {"type": "classification"}})
    judged = judge_scope(request, files, after, before=before, before_files=FILES)
    return next(one for one in judged.checks if one.id == "scope-kept")


CASES: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    ({}, {"parameters": 1000}, "model size, 4,675 parameters before, 1,000 now"),
    ({}, {"parameters": 3000}, None),
    ({"ran": False}, {"parameters": 1000}, None),
    ({"failed": "training-time"}, {"parameters": 1000}, None),
    ({"failed": "target-reached"}, {"parameters": 1000}, None),
    ({}, {"tests": 1}, "tests, 2 tests run before, 1 now"),
    ({}, {"skipped": 1}, "tests, 2 tests run before, 1 now"),
    ({"tests": 1}, {"tests": 2}, None),
]


@pytest.mark.parametrize(("was", "is_now", "told"), CASES)
def test_what_a_repair_has_no_longer_is_told_with_both_figures(
    was: dict[str, Any], is_now: dict[str, Any], told: str | None
) -> None:
    check = verdict(report(**was), report(**is_now))
    if told is None:
        assert check.status != "failed"
    else:
        assert check.message == f"Given up by the repair: {told}."


def test_a_suite_that_was_rewritten_may_run_fewer_tests() -> None:
    merged = "from train import Net\n\n\ndef test_net():\n    assert Net().size == 3\n    assert Net().sum == 4\n"
    assert verdict(report(), report(tests=1), {**FILES, "tests/test_net.py": merged}).status != "failed"
    assert verdict(report(), report(tests=0), {**FILES, "tests/test_net.py": merged}).status == "failed"
