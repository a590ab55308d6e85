"""One turn of a conversation: its options, and what the user attached."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt, ValidationError

from assistant.errors import RequestError
from assistant.model.schema import Budget
from assistant.request.attachments import Attachment, read_attachments
from assistant.schema import Framework, PythonMLDLRequest

DrafterChoice = Literal["embedded", "llm", "auto"]


class Turn(BaseModel):
    """The options of one question; they travel in config["configurable"]."""

    model_config = ConfigDict(extra="ignore", arbitrary_types_allowed=True)

    thread_id: str = ""
    framework: Framework | None = None
    drafter: DrafterChoice = "auto"
    """`auto` is the model where one is configured and answers, else the embedded drafter."""
    attempts: PositiveInt = 3
    candidates: PositiveInt = 1
    """Independent first drafts of the model, side by side; the first verified one wins."""
    retrieval: bool = True
    """False drafts without any pattern, which shows what patterns are worth."""
    attachments: list[Path] = []
    request: PythonMLDLRequest | None = None
    """A structured request, which takes the place of understanding the question."""
    time_limit_s: PositiveFloat = 300.0
    """Longest run of one draft in the sandbox."""
    budget_tokens: PositiveInt | None = None
    """What the model may use for this question; None is what the settings say."""
    budget_cost: PositiveFloat | None = None
    budget_seconds: PositiveFloat | None = None
    cancel: threading.Event | None = None

    def budget(self, default: Budget) -> Budget:
        """The limits of this question, with those of `default` that it does not name."""
        named = {name: getattr(self, f"budget_{name}") for name in Budget.model_fields}
        return default.model_copy(update={name: value for name, value in named.items() if value is not None})


def read_turn(config: Mapping[str, Any]) -> Turn:
    """The options in a LangGraph config; RequestError names one that is wrong."""
    options = {name: value for name, value in config.get("configurable", {}).items() if value is not None}
    try:
        return Turn.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"option {name!r} is {first['input']!r}: {first['msg'].lower()}") from error


def attached(turn: Turn, earlier: list[Attachment]) -> list[Attachment]:
    """What is attached to this question, or else what was attached before in the conversation."""
    return read_attachments(turn.attachments) or earlier
