"""What is said to a model and what comes back, with what it cost."""

import threading
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr

from assistant.errors import BudgetSpent


class Endpoint(BaseModel):
    """Where a model is asked, and what it costs there."""

    model_config = ConfigDict(frozen=True)

    model: str
    base_url: str | None = None
    """None is OpenAI's own."""
    api_key: SecretStr | None = None
    """None where the endpoint wants no key, as most local servers do."""
    input_price: float | None = None
    """Per million tokens, in whatever currency the budget is in; None where it is not known."""
    output_price: float | None = None
    timeout_s: float = 300.0
    """Longest that one reply may take, its retries included."""
    context_tokens: int | None = None
    """Tokens of the request and the reply together; None asks the endpoint, and assumes little where it does not say."""


class Message(BaseModel):
    role: Literal["system", "user", "assistant"]
    content: str


class Usage(BaseModel):
    """What was used so far."""

    model_config = ConfigDict(frozen=True)

    calls: int = 0
    """Requests that the endpoint was sent, the retried ones among them."""
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    """True where the endpoint gave no figures for some of it, so that the lengths of the texts stand in."""
    cost: float | None = None
    """None where a price is not known."""
    seconds: float = 0.0
    """Time spent waiting for the model."""

    def __add__(self, other: "Usage") -> "Usage":
        cost = None if self.cost is None and other.cost is None else (self.cost or 0.0) + (other.cost or 0.0)
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            estimated=self.estimated or other.estimated,
            cost=cost,
            seconds=self.seconds + other.seconds,
        )

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


class Budget(BaseModel):
    """What one question may use; None is no limit."""

    model_config = ConfigDict(frozen=True)

    tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None
    """From the question to its answer, the sandbox's time included. Held by the graph; the others by Meter."""


class Meter:
    """Counts what one question uses, across threads, and says when its budget is spent."""

    def __init__(self, budget: Budget, *, spent: Usage | None = None) -> None:
        self.budget = budget
        self._usage = spent or Usage()
        self._lock = threading.Lock()

    @property
    def usage(self) -> Usage:
        with self._lock:
            return self._usage

    def add(self, used: Usage) -> None:
        """Count what one call used, whatever came of it."""
        with self._lock:
            self._usage += used

    def remaining_tokens(self) -> int | None:
        """Tokens that are left; None where nothing bounds them."""
        return None if self.budget.tokens is None else max(0, self.budget.tokens - self.usage.tokens)

    def check(self) -> None:
        """Raise BudgetSpent, with the figures, where nothing is left for another call."""
        used = self.usage
        if self.budget.tokens is not None and used.tokens >= self.budget.tokens:
            raise BudgetSpent(f"The budget of {self.budget.tokens:,} tokens is spent ({used.tokens:,} were used).")
        if self.budget.cost is not None and (used.cost or 0.0) >= self.budget.cost:
            raise BudgetSpent(f"The budget of {self.budget.cost:g} is spent ({used.cost:.4g} was used).")


class Abilities(BaseModel):
    """What an endpoint was seen to do."""

    streaming: bool = True
    usage: bool = True
    """Whether it reports token counts."""
    system_role: bool = True
    structured: Literal["json_schema", "json_object", "none"] = "none"
    tools: bool = False
    context_tokens: int = 8192
    """What it reports, or an assumption that most models meet."""
    context_known: bool = False


class Reply(BaseModel):
    """One answer of the model."""

    text: str
    """Without its reasoning."""
    reasoning: str = ""
    """What it thought aloud, in a field of its own or between <think> marks; never used as an answer."""
    ended: Literal["complete", "length", "cut"]
    """`length` is a limit of tokens; `cut` is a connection that broke, after the retries."""
    usage: Usage
