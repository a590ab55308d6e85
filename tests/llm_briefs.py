"""Briefs and failures for the tests of the model drafter, and a model that answers what it is told to."""

from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.design.plan import design_project
from assistant.drafters.base import Brief, Draft, Failure
from assistant.drafters.llm.facts import RuntimeFacts
from assistant.drafters.llm.prompt import Situation
from assistant.model.schema import Abilities, Endpoint, Message, Reply, Usage
from assistant.prompts.quote import Quoter
from assistant.repair import Repair
from assistant.request.attachments import Attachment, read_attachments
from assistant.request.understand import understand
from assistant.schema import Attempt, Diagnostic, Files, LintReport
from knowledge.patterns import REPOSITORY, read_pattern
from knowledge.schema import Hit
from sandbox.report import CheckResult, Finding, Metrics, RunReport, Validation

QUESTION = "Train a small CNN in PyTorch on scikit-learn's handwritten digits with batch size 32 and TensorBoard"
NONCE = "5f0c2ad91b7e"
FACTS = RuntimeFacts(python="3.11.7", versions={"torch": "2.13.0", "numpy": "2.3.0"}, modules=["torch", "numpy"])
ROLES = {
    "model": "model/cnn",
    "data": "data/sklearn_images",
    "loop": "loop/plain",
    "evaluation": "evaluation/classification",
    "optimizer": "optimizer/adamw",
    "seed": "seed/seed",
    "checkpoint": "checkpoint/checkpoint",
}
LESSONS = ("loss/cross_entropy", "debugging/nan_loss")

TRAIN = '''"""Train."""

import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(10):
    optimizer.zero_grad()
    loss = criterion(model(torch.randn(8, 4)), torch.randint(3, (8,)))
    loss.backward()
    optimizer.step()
'''
HELPER = '''"""Help."""


def double(value: float) -> float:
    """Twice the value."""
    return 2 * value
'''


def hit(path: str) -> Hit:
    """The pattern that comes with gradproof in this file."""
    return Hit(pattern=read_pattern(REPOSITORY / f"pytorch/{path}.py", root=REPOSITORY), score=0.9)


def make_brief(
    question: str = QUESTION, *, attached: Sequence[Attachment] = (), paths: Sequence[Path] = (), patterns: bool = True
) -> Brief:
    """What the graph would tell a drafter."""
    attachments = [*attached, *read_attachments(paths)]
    request = understand(question, attachments=attachments).request
    assert request is not None
    return Brief(
        request=request,
        design=design_project(request),
        patterns={role: hit(path) for role, path in ROLES.items()} if patterns else {},
        lessons=[hit(path) for path in LESSONS] if patterns else [],
        attachments=attachments,
    )


def make_failure(
    files: Files | None = None,
    *,
    report: RunReport | None = None,
    diagnostics: Sequence[Diagnostic] = (),
    earlier: Sequence[Draft] = (),
    **repair: object,
) -> Failure:
    """A draft whose softmax comes before the loss, and the plan to mend it."""
    files = files or {"train.py": TRAIN, "helper.py": HELPER}
    lint = LintReport(passed=not diagnostics, diagnostics=list(diagnostics))
    verify = None if diagnostics else report or make_report()
    plan = {"fault": "softmax-before-cross-entropy", "instruction": "mend it", **repair}
    return Failure(
        draft=Draft(files=files, drafter="llm"),
        attempt=Attempt(n=1, lint=lint, verify=verify),
        repair=Repair.model_validate(plan),
        earlier=list(earlier),
    )


def make_report(*, stdout: str = "", stderr: str = "") -> RunReport:
    """A run that was seen to train, with one fault."""
    fault = Finding(
        id="softmax-before-cross-entropy",
        severity="critical",
        file="train.py",
        line=11,
        message="CrossEntropyLoss was given probabilities.",
        evidence={"sum_error": 0.000123456789},
        fix="Return the logits.",
    )
    checks = [
        CheckResult(id="forward-pass", status="passed", message="10 calls."),
        CheckResult(id="tests-pass", status="failed", message="1 of 2 tests failed", evidence={"failures": 1}),
    ]
    return RunReport(
        status="failed",
        framework="pytorch",
        path=".",
        checks=checks,
        findings=[fault],
        validation=Validation(),
        metrics=Metrics(),
        wall_s=1.0,
        stdout=stdout,
        stderr=stderr,
    )


def make_situation(*, window: int = 64_000, known: bool = True) -> Situation:
    return Situation(
        facts=FACTS, model="tiny", window=window, window_known=known, time_limit_s=300.0, quoter=Quoter(NONCE)
    )


def fence(path: str, text: str) -> str:
    return f"```python {path}\n{text}```\n"


class ScriptedModel:
    """Answers in order; `asked` keeps each conversation and its options."""

    def __init__(self, *replies: str | Reply, window: int = 64_000) -> None:
        self.endpoint = Endpoint(model="tiny", base_url="http://127.0.0.1:1/v1")
        self.abilities = Abilities(context_tokens=window, context_known=True)
        self.asked: list[list[Message]] = []
        self.options: list[dict[str, object]] = []
        self._replies = list(replies)

    def reply(self, messages: list[Message], *, on_text: Callable[[str], None], **options: object) -> Reply:
        self.asked.append(messages)
        self.options.append(options)
        answer = self._replies.pop(0)
        reply = answer if isinstance(answer, Reply) else Reply(text=answer, ended="complete", usage=Usage(calls=1))
        on_text(reply.text)
        return reply
