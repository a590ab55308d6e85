"""Repair: what is changed, what is locked, when it ends."""

from typing import Any

import pytest
from pydantic import ValidationError

from assistant.design.plan import design_project
from assistant.drafters.base import Draft
from assistant.repair import apply_revisions, best_attempt, next_approach, plan_repair, since_first_draft, verified
from assistant.schema import Attempt, LintReport, PythonMLDLRequest
from sandbox.report import CheckResult, Finding, Metrics, RunReport, Validation

TRAINED = Validation(forward_pass_works=True, backward_pass_works=True, training_loop_runs=True)


def request(stated: list[str] | None = None, **training: Any) -> PythonMLDLRequest:
    info = {"dataset_name": "digits", "source": "sklearn", "modality": "image"}
    return PythonMLDLRequest.model_validate(
        {
            "framework": "pytorch",
            "ml_task": {"type": "classification", "dataset_info": info},
            "training_config": training,
            "stated": stated or [],
        }
    )


def attempt(*failed: str, passed: int = 3, finding: str | None = None, validation: Validation = TRAINED) -> Attempt:
    checks = [CheckResult(id=f"ok-{n}", status="passed", message="seen") for n in range(passed)]
    checks += [CheckResult(id=name, status="failed", message=f"{name} failed") for name in failed]
    findings = [Finding(id=finding, severity="critical", file="train.py", message="bad")] if finding else []
    report = RunReport(
        status="failed" if failed or finding else "passed",
        framework="pytorch",
        path=".",
        checks=checks,
        findings=findings,
        validation=validation,
        metrics=Metrics(),
        wall_s=1.0,
    )
    return Attempt(n=1, lint=LintReport(passed=True), verify=report)


def test_out_of_memory_shrinks_the_batch() -> None:
    asked = request()
    design = design_project(asked)
    repair = plan_repair(asked, design, attempt("program-runs", finding="out-of-memory"))
    assert repair.revisions[0].field == "training_config.batch_size"
    assert repair.revisions[0].value < design.config["batch_size"]


def test_a_loss_that_is_not_finite_lowers_the_rate_and_clips_gradients() -> None:
    asked = request()
    repair = plan_repair(asked, design_project(asked), attempt("loss-finite", finding="non-finite-loss"))
    revised = apply_revisions(asked, repair.revisions).training_config
    assert revised.gradient_clipping == 1.0
    assert revised.learning_rate < design_project(asked).config["learning_rate"]


def test_a_revised_number_says_why_it_was_changed() -> None:
    asked = request()
    repair = plan_repair(asked, design_project(asked), attempt("loss-finite", finding="non-finite-loss"))
    reasons = {item.field: item.reason for item in repair.revisions}
    choices = design_project(apply_revisions(asked, repair.revisions), revised=reasons).choices
    said = {choice.name: choice.reason for choice in choices}
    assert "not finite" in said["learning_rate"]
    assert "bad batch" in said["max_norm"]


def test_a_number_that_the_user_named_is_never_changed() -> None:
    asked = request(stated=["training_config.batch_size"], batch_size=4096)
    repair = plan_repair(asked, design_project(asked), attempt("program-runs", finding="out-of-memory"))
    assert repair.revisions == []
    assert repair.refused == ["training_config.batch_size"]
    assert apply_revisions(asked, repair.revisions) == asked


FALLS, FINITE = attempt("loss-falls"), attempt("loss-finite")


@pytest.mark.parametrize(
    ("attempts", "approach"),
    [
        ([FALLS], "mend"),
        ([FALLS, FINITE], "mend"),
        ([FALLS, FALLS], "smaller-step"),
        ([FALLS, FINITE, FALLS], "smaller-step"),
        ([FALLS, FALLS, FALLS], "fresh"),
        ([FALLS, FALLS, FALLS, FINITE], "mend"),
        ([FALLS, FALLS, FALLS, FALLS], None),
        ([FALLS, FINITE, FALLS, FINITE, FALLS, FINITE, FALLS], None),
    ],
)
def test_a_failure_that_comes_again_changes_the_approach_and_then_ends_it(
    attempts: list[Attempt], approach: str | None
) -> None:
    assert next_approach(attempts) == approach


def test_candidates_that_failed_alike_do_not_count_as_repairs() -> None:
    repaired = FALLS.model_copy(update={"repair": "smaller steps"})
    assert since_first_draft([FALLS, FALLS, FALLS]) == [FALLS]
    assert since_first_draft([FALLS, FALLS, FINITE, repaired]) == [FINITE, repaired]


def test_the_best_attempt_is_the_one_with_most_checks_passed() -> None:
    worse, better = attempt("a", "b", passed=1), attempt("a", passed=5)
    assert best_attempt([worse, better, worse]) == 1


def test_nothing_is_verified_without_forward_backward_and_training_seen() -> None:
    assert verified(attempt().verify)
    for field in ("forward_pass_works", "backward_pass_works", "training_loop_runs"):
        for value in (False, None):
            blind = TRAINED.model_copy(update={field: value})
            assert not verified(attempt(validation=blind).verify)
    assert not verified(attempt("loss-falls").verify)
    assert not verified(None)


def test_what_was_not_seen_is_the_fault_where_nothing_failed() -> None:
    blind = attempt(validation=Validation(forward_pass_works=True))
    assert plan_repair(request(), design_project(request()), blind).fault == "training-steps"


@pytest.mark.parametrize("name", ["../x.py", "/etc/x", "a/../b.py", "", "a//b.py"])
def test_no_draft_names_a_file_outside_of_its_project(name: str) -> None:
    with pytest.raises(ValidationError, match="no plain path"):
        Draft(files={name: "x"})
