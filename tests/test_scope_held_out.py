"""A draft has to show how good its model is on held-out data, and that nothing spoils those figures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant
from assistant.drafters.scripted import ScriptedDrafter
from assistant.schema import PythonMLDLRequest
from assistant.scope.held_out import judge_held_out
from sandbox.report import CheckResult, CheckStatus, Finding, Metrics, RunReport, Validation

DRAFTS = Path(__file__).parent / "data" / "drafts"


def request(kind: str) -> PythonMLDLRequest:
    return PythonMLDLRequest.model_validate({"framework": "pytorch", "ml_task": {"type": kind}})


def report(evaluation: CheckStatus, *findings: str, ran: CheckStatus = "passed") -> RunReport:
    """A report in which all else went well; the findings are warnings."""
    return RunReport(
        status="passed",
        framework="pytorch",
        path=".",
        checks=[
            CheckResult(id="program-runs", status=ran, message="."),
            CheckResult(id="evaluation", status=evaluation, message="No pass over held-out data was seen."),
        ],
        findings=[Finding(id=id, severity="warning", file="train.py", message=id) for id in findings],
        validation=Validation(),
        metrics=Metrics(),
        wall_s=1.0,
    )


CASES = [
    ("classification", report("skipped"), {}, "failed"),
    ("regression", report("skipped"), {}, "failed"),
    ("regression", report("passed"), {}, "passed"),
    ("segmentation", report("skipped"), {}, "passed"),
    ("classification", report("skipped"), {"unplanned": ["federated averaging"]}, "passed"),
    ("classification", report("skipped", ran="failed"), {}, "passed"),
    ("classification", report("passed", "train-test-overlap"), {}, "failed"),
    ("classification", report("passed", "evaluation-in-train-mode"), {}, "failed"),
    ("classification", report("passed", "training-in-eval-mode"), {}, "failed"),
    ("classification", report("passed", "batch-mixing"), {}, "passed"),
    ("nlp", report("passed", "evaluation-in-train-mode"), {}, "passed"),
]


@pytest.mark.parametrize(("kind", "seen", "options", "status"), CASES)
def test_held_out_figures_are_demanded_where_every_sample_has_a_target(
    kind: str, seen: RunReport, options: dict[str, Any], status: str
) -> None:
    assert judge_held_out(request(kind), seen, **options).status == status


def test_a_draft_that_never_evaluates_is_sent_back_with_what_is_missing(open_with: Callable[..., Assistant]) -> None:
    code = (DRAFTS / "good.py").read_text(encoding="utf-8")
    blind = code[: code.index("    model.eval()")] + code[code.index("\n\nif __name__") :]
    drafter = ScriptedDrafter([{"train.py": blind}, {"train.py": code}])
    question = "classify scikit-learn's digits with a small network in PyTorch, no TensorBoard"
    answer = open_with(drafter=drafter).ask(question, thread_id="t")
    assert [repair.fault for repair in drafter.asked] == ["evaluation"]
    assert "batch by batch from a DataLoader" in drafter.asked[0].instruction
    assert answer.outcome == "verified"
