"""What is said to a model and what comes back, with what it cost."""

import math
import threading
import time
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from assistant.errors import BudgetSpent, RequestError

OPENAI = "https://api.openai.com/v1"


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
    """Tokens of a request and its reply together; None asks the endpoint, and assumes little where it does not say."""

    @property
    def address(self) -> str:
        """The base URL without a user's name, password or query: fit to be shown, logged and stored."""
        url = urlsplit(self.base_url or OPENAI)
        return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path.rstrip("/"), "", ""))


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
    """From the question to its answer, the sandbox's time included."""


def check_budget(budget: Budget, endpoint: Endpoint) -> None:
    """Raise RequestError where a limit of money is set and the endpoint's prices, by which it is held, are not."""
    if budget.cost is not None and (endpoint.input_price is None or endpoint.output_price is None):
        raise RequestError("--budget-cost needs GRADPROOF_PRICE_INPUT and GRADPROOF_PRICE_OUTPUT; set both")


class Meter:
    """Counts what one question uses, across threads, and says when its budget is spent."""

    def __init__(self, budget: Budget, *, spent: Usage | None = None, elapsed_s: float = 0.0) -> None:
        """`elapsed_s` seconds of the budget had passed already."""
        self.budget = budget
        self._usage = spent or Usage()
        self._ends = math.inf if budget.seconds is None else time.monotonic() + budget.seconds - elapsed_s
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

    def remaining_seconds(self) -> float:
        """Seconds that are left, infinite where nothing bounds them."""
        return max(0.0, self._ends - time.monotonic())

    def check(self) -> None:
        """Raise BudgetSpent, with the figures, where nothing is left for another call."""
        used = self.usage
        if not self.remaining_seconds():
            raise BudgetSpent(f"The time of {self.budget.seconds:g} s for this question is used up.")
        if self.budget.tokens is not None and used.tokens >= self.budget.tokens:
            raise BudgetSpent(f"The budget of {self.budget.tokens:,} tokens is spent ({used.tokens:,} were used).")
        if self.budget.cost is not None and (used.cost or 0.0) >= self.budget.cost:
            raise BudgetSpent(f"The budget of {self.budget.cost:g} is spent ({used.cost:.4g} was used).")


class Abilities(BaseModel):
    """What an endpoint was seen to do."""

    streaming: bool = True
    usage: bool = True
    """Whether it reports token counts."""
    ends: bool = True
    """Whether it says how a reply ended, so that one which does not was cut off."""
    system_role: bool = True
    structured: Literal["json_schema", "json_object", "none"] = "none"
    tools: bool = False
    context_tokens: int = 8192
    """What it reports, or an assumption that most models meet."""
    context_known: bool = False

    def __str__(self) -> str:
        known = "" if self.context_known else " (assumed)"
        can = [name for name in ("streaming", "usage", "system_role", "tools") if getattr(self, name)]
        context = f"context of {self.context_tokens:,} tokens{known}"
        return f"{', '.join(can)}; structured output: {self.structured}; {context}"


class Reply(BaseModel):
    """One answer of the model."""

    text: str
    """Without its reasoning."""
    reasoning: str = ""
    """What it thought aloud, in a field of its own or between <think> marks; never used as an answer."""
    ended: Literal["complete", "length", "overlong", "cut"]
    """`length` is a limit of tokens that the endpoint kept to, and `overlong` one that it did not, so that the reply
    was ended here; `cut` is a connection that broke, after the retries."""
    usage: Usage
