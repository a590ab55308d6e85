"""What one run over the questions is, what is kept of each answer, and what it comes to."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from assistant.model.schema import Usage
from assistant.schema import Framework

Arm = Literal["draft", "retrieval", "repair", "embedded"]
"""A draft alone; with patterns in its prompt; with patterns and repairs; and no model at all."""
MODEL_ARMS: tuple[Arm, ...] = ("draft", "retrieval", "repair")

Outcome = Literal["verified", "not_verified", "explained", "declined", "question", "failed"]
"""`failed` is a model that gave nothing which could be checked, or a budget that was spent before it did."""


class Question(BaseModel):
    """A question of the set."""

    model_config = ConfigDict(extra="forbid")

    question: str
    framework: Framework | None = None
    """None leaves it to the question's words."""


class Identity(BaseModel):
    """What lines must share to be compared: they are never mixed with others in one file."""

    model_config = ConfigDict(frozen=True)

    version: str
    """Of gradproof."""
    model: str | None
    """None where no arm asks a model."""
    address: str | None
    questions: str
    """Digest of the whole set of questions."""
    attempts: int
    """Drafts at the most, where an arm repairs."""
    time_limit_s: float
    budget_tokens: int | None
    budget_cost: float | None
    budget_seconds: float | None
    price_input: float | None
    """Per million tokens."""
    price_output: float | None


class Result(BaseModel):
    """What came of one question in one arm: a line of the file."""

    run: Identity
    n: int
    """Number of the question in its set, from 1."""
    arm: Arm
    question: str
    outcome: Outcome
    reason: str = ""
    """What failed first, or why there is no verdict; one sentence."""
    attempts: int = 0
    usage: Usage = Usage()
    seconds: float
    """From the question to the answer."""
    sandbox_s: float = 0.0
    """Of those, the drafts' own runs."""
    remarks: list[str] = []
    project_path: str | None = None
    """Where the project was kept."""


class ArmSummary(BaseModel):
    """One arm over all of its questions so far."""

    arm: Arm
    questions: int
    verified: int
    share: float | None
    """Of all its questions, those that failed or were declined among them; None before the first."""
    interval: tuple[float, float]
    """Wilson's 95% interval of the share."""
    outcomes: dict[Outcome, int]
    attempts: float | None
    """Mean number of drafts of the questions that came to one."""
    tokens: int
    tokens_estimated: bool
    cost: float | None
    """None where no price is known."""
    seconds: float | None
    """Mean time per question."""
    model_s: float | None
    """Mean time per question spent waiting for the model."""


class Report(BaseModel):
    """All arms so far."""

    run: Identity
    path: str
    questions: int
    """In each arm, once it is done."""
    left: int
    """Questions times arms that are not answered yet."""
    arms: list[ArmSummary]
