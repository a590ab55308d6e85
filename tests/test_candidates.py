"""Independent drafts side by side: who wins, who is stopped, and what is raised where none comes to an end."""

import threading

import pytest

from assistant.candidates import Candidate, compete
from assistant.design.plan import design_project
from assistant.drafters.base import Brief, Draft
from assistant.drafters.scripted import ScriptedDrafter
from assistant.errors import BudgetSpent, ModelUnavailable, Stopped
from assistant.model.session import Session
from assistant.schema import Attempt, LintReport, PythonMLDLRequest
from sandbox.report import CheckResult, Metrics, RunReport, Validation

REQUEST = PythonMLDLRequest.model_validate({"framework": "pytorch", "ml_task": {"type": "classification"}})
BRIEF = Brief(request=REQUEST, design=design_project(REQUEST))
SEEN = Validation(forward_pass_works=True, backward_pass_works=True, training_loop_runs=True)
LONGEST_S = 20.0


def candidate(n: int, *, passed: int, verified: bool = False) -> Candidate:
    checks = [CheckResult(id=f"check-{k}", status="passed", message="seen") for k in range(passed)]
    report = RunReport(
        status="passed" if verified else "failed",
        framework="pytorch",
        path=".",
        checks=checks,
        validation=SEEN,
        metrics=Metrics(),
        wall_s=1.0,
    )
    return Candidate(Draft(files={"train.py": str(n)}), Attempt(n=n + 1, lint=LintReport(passed=True), verify=report))


def test_the_first_verified_draft_wins_and_the_others_are_stopped() -> None:
    stopped = threading.Event()

    def make(n: int, stop: threading.Event) -> Candidate:
        if n == 1:
            return candidate(n, passed=3, verified=True)
        assert stop.wait(LONGEST_S)
        stopped.set()
        raise Stopped("Stopped.")

    made = compete(3, BRIEF, Session(), make)
    assert [draft.files["train.py"] for draft in made.drafts] == ["1"]
    assert stopped.is_set()


def test_where_none_is_verified_the_best_comes_last_and_they_are_numbered_anew() -> None:
    made = compete(3, BRIEF, Session(), lambda n, _stop: candidate(n, passed=[2, 5, 1][n]))
    assert [draft.files["train.py"] for draft in made.drafts] == ["0", "2", "1"]
    assert [attempt.n for attempt in made.attempts] == [1, 2, 3]


def test_one_candidate_whose_model_fails_does_not_end_the_others() -> None:
    def make(n: int, _stop: threading.Event) -> Candidate:
        if n == 0:
            raise ModelUnavailable("The model is gone.")
        return candidate(n, passed=2)

    made = compete(2, BRIEF, Session(), make)
    assert len(made.attempts) == 1
    assert made.remarks == ["One of 2 candidates was not drafted: The model is gone."]


@pytest.mark.parametrize("error", [ModelUnavailable("The model is gone."), BudgetSpent("Nothing is left.")])
def test_where_every_candidate_fails_the_reason_is_raised(error: Exception) -> None:
    def make(_n: int, _stop: threading.Event) -> Candidate:
        raise error

    with pytest.raises(type(error), match=str(error)):
        compete(2, BRIEF, Session(), make)


@pytest.mark.parametrize("error", [ModelUnavailable("The model is gone."), BudgetSpent("Nothing is left.")])
def test_where_every_candidate_fails_another_drafter_may_stand_in(error: Exception) -> None:
    def make(_n: int, _stop: threading.Event) -> Candidate:
        raise error

    made = compete(2, BRIEF, Session(), make, embedded=ScriptedDrafter([{"train.py": "composed"}]))
    assert made.attempts == []
    assert made.drafts[0].files["train.py"] == "composed"
    assert str(error) in made.drafts[0].remarks[0]


def test_stop_ends_every_candidate() -> None:
    cancel, ended = threading.Event(), []

    def make(n: int, stop: threading.Event) -> Candidate:
        if n == 0:
            cancel.set()
        assert stop.wait(LONGEST_S)
        ended.append(n)
        raise Stopped("Stopped.")

    with pytest.raises(Stopped):
        compete(3, BRIEF, Session(cancel=cancel), make)
    assert sorted(ended) == [0, 1, 2]


def test_a_fault_of_ours_is_not_swallowed() -> None:
    def make(n: int, _stop: threading.Event) -> Candidate:
        if n == 0:
            raise ValueError("a bug")
        return candidate(n, passed=1)

    with pytest.raises(ValueError, match="a bug"):
        compete(2, BRIEF, Session(), make)
