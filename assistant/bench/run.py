"""Ask every question in every arm, and keep what came of it. The verdict is the gate's; nothing here judges."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from pydantic import BaseModel

from assistant.app import Assistant
from assistant.bench.questions import digest
from assistant.bench.record import open_record
from assistant.bench.schema import MODEL_ARMS, Arm, Identity, Question, Report, Result
from assistant.bench.summary import summarise
from assistant.errors import BudgetSpent, ModelUnavailable, RequestError, UnusableAnswer
from assistant.model.schema import Budget, Message, Meter
from assistant.repair import first_fault
from assistant.request.framework import NAMES, named_frameworks
from assistant.request.reading import tidy
from assistant.schema import Framework, PythonMLDLResponse
from sandbox.errors import SandboxError


class Plan(BaseModel):
    """What is to be asked, and how."""

    questions: list[Question]
    arms: list[Arm]
    limit: int | None = None
    """Only the first so many questions."""
    attempts: int = 3
    time_limit_s: float = 300.0

    def asked(self) -> list[tuple[int, Question, Arm]]:
        """Question by question, so that a run that ends early has its arms side by side."""
        numbered = list(enumerate(self.questions, 1))[: self.limit]
        return [(n, question, arm) for n, question in numbered for arm in self.arms]


def read_arms(text: str | None, drafter: Literal["llm", "embedded"]) -> list[Arm]:
    """The arms named, in their usual order; without a name those of the drafter. RequestError for one that is none."""
    usual: tuple[Arm, ...] = (*MODEL_ARMS, "embedded")
    if text is None:
        return list(MODEL_ARMS) if drafter == "llm" else ["embedded"]
    named = {name.strip() for name in text.split(",") if name.strip()}
    if unknown := named - set(usual):
        raise RequestError(f"--arms has {sorted(unknown)[0]!r}; use some of {', '.join(usual)}, with commas in between")
    if drafter == "embedded" and named != {"embedded"}:
        raise RequestError("--drafter embedded has one arm, embedded; leave --arms out")
    return [arm for arm in usual if arm in named] or list(MODEL_ARMS)


def run_bench(
    assistant: Assistant,
    plan: Plan,
    path: Path,
    *,
    on_result: Callable[[Result, int], None] = lambda _result, _left: None,
    cancel: threading.Event | None = None,
) -> Report:
    """Answer what the file has no line for yet; the report is over all of its lines.

    `on_result` is told each new line and how many are left. A model that fails in a question is its outcome; where it
    cannot be asked at all, ModelUnavailable is raised and the question stays open.
    """
    bench = _Bench(assistant, plan, identify(assistant, plan), cancel or threading.Event())
    with open_record(path, bench.run) as record:
        waiting = [one for one in plan.asked() if not record.done(one[0], one[2])]
        if waiting:
            _make_ready(assistant, [question for _, question, _ in waiting])
        for left, one in zip(range(len(waiting) - 1, -1, -1), waiting, strict=True):
            result = bench.answer(*one)
            record.add(result)
            on_result(result, left)
        return report(plan, bench.run, path, record.results)


def _make_ready(assistant: Assistant, questions: list[Question]) -> None:
    """Start what the first question would have to wait for, so that its arm does not look slower than the others."""
    assistant.open_index()
    for framework in set().union(*map(may_be_in, questions)):
        with suppress(SandboxError):  # What is not installed here may not be needed, or is said by who needs it.
            assistant.open_sandbox().warm(framework)


def may_be_in(question: Question) -> set[Framework]:
    """The frameworks that a question's project may be in."""
    return {question.framework} if question.framework else set(named_frameworks(tidy(question.question)) or NAMES)


def identify(assistant: Assistant, plan: Plan) -> Identity:
    """What this run's lines share."""
    asks = any(arm != "embedded" for arm in plan.arms)
    endpoint = assistant.open_model().endpoint if asks else None
    budget = assistant.settings.budget()
    return Identity(
        version=version("gradproof"),
        model=endpoint.model if endpoint else None,
        address=endpoint.address if endpoint else None,
        questions=digest(plan.questions),
        attempts=plan.attempts,
        time_limit_s=plan.time_limit_s,
        budget_tokens=budget.tokens,
        budget_cost=budget.cost,
        budget_seconds=budget.seconds,
        price_input=endpoint.input_price if endpoint else None,
        price_output=endpoint.output_price if endpoint else None,
    )


def report(plan: Plan, run: Identity, path: Path, results: list[Result]) -> Report:
    """The arms of the plan over the lines so far."""
    asked = plan.asked()
    wanted = {(n, arm) for n, _, arm in asked}
    mine = [result for result in results if (result.n, result.arm) in wanted]
    return Report(
        run=run,
        path=str(path),
        questions=len(asked) // len(plan.arms),
        left=len(wanted) - len(mine),
        arms=[summarise(mine, arm) for arm in plan.arms],
    )


@dataclass(frozen=True)
class _Bench:
    """One run over the questions."""

    assistant: Assistant
    plan: Plan
    run: Identity
    cancel: threading.Event

    def answer(self, n: int, question: Question, arm: Arm) -> Result:
        """The line of one question in one arm."""
        thread_id, started = f"bench-{uuid4().hex[:12]}", time.perf_counter()
        options = {**_options(self.plan, question, arm), "cancel": self.cancel}
        made: dict[str, Any]
        with self._counted(arm) as counted:
            try:
                made = _told(self.assistant.ask(question.question, thread_id=thread_id, **options))
            except (ModelUnavailable, BudgetSpent, RequestError) as error:
                made = {"outcome": "failed", "reason": str(error), "usage": counted.usage}
                if isinstance(error, ModelUnavailable) and not isinstance(error, UnusableAnswer):
                    self._must_answer()
        seconds = time.perf_counter() - started
        return Result(run=self.run, n=n, arm=arm, question=question.question, seconds=round(seconds, 3), **made)

    def _must_answer(self) -> None:
        """Raise ModelUnavailable where the model does not answer the least thing either."""
        hello = [Message(role="user", content="Answer with the single word: ready")]
        self.assistant.open_model().reply(hello, meter=Meter(Budget()), max_tokens=16, cancel=self.cancel)

    def _counted(self, arm: Arm) -> AbstractContextManager[Meter]:
        """What the model uses, whatever comes of the question."""
        return nullcontext(Meter(Budget())) if arm == "embedded" else self.assistant.open_model().counted()


def _options(plan: Plan, question: Question, arm: Arm) -> dict[str, Any]:
    """The options of Turn that make the arm."""
    return {
        "framework": question.framework,
        "drafter": "embedded" if arm == "embedded" else "llm",
        "retrieval": arm != "draft",
        "attempts": plan.attempts if arm in ("repair", "embedded") else 1,
        "time_limit_s": plan.time_limit_s,
    }


def _told(answer: PythonMLDLResponse) -> dict[str, Any]:
    """What a line keeps of an answer."""
    reports = [attempt.verify for attempt in answer.attempts if attempt.verify]
    reason = answer.answer.split("\n")[0]
    if answer.outcome == "not_verified" and answer.attempts:
        reason = ": ".join(first_fault(answer.attempts[-1]))
    return {
        "outcome": answer.outcome,
        "reason": "" if answer.outcome == "verified" else reason,
        "attempts": len(answer.attempts),
        "usage": answer.usage,
        "sandbox_s": round(sum(report.wall_s for report in reports), 3),
        "remarks": answer.remarks,
        "project_path": answer.project_path,
    }
