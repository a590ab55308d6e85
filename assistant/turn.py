"""One turn of a conversation: its options, and what the user attached."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.drafters.base import Draft, Files
from assistant.errors import RequestError
from assistant.request.attachments import Attachment, read_attachments
from assistant.request.settle import Understanding, settle_request
from assistant.request.understand import understand
from assistant.schema import Framework, PythonMLDLRequest


class Turn(BaseModel):
    """The options of one question; they travel in config["configurable"]."""

    model_config = ConfigDict(extra="ignore", arbitrary_types_allowed=True)

    thread_id: str = ""
    framework: Framework | None = None
    drafter: Literal["embedded", "llm"] | None = None
    """None is the embedded one."""
    attempts: int = 3
    attachments: list[Path] = []
    request: PythonMLDLRequest | None = None
    """A structured request, which takes the place of understanding the question."""
    time_limit_s: float = 300.0
    """Longest run of one draft in the sandbox."""
    cancel: threading.Event | None = None


def read_turn(config: Mapping[str, Any]) -> Turn:
    """The options in a LangGraph config; RequestError names one that is wrong."""
    try:
        return Turn.model_validate(config.get("configurable", {}))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"option {name!r} is {first['input']!r}: {first['msg'].lower()}") from error


def attached(turn: Turn, earlier: list[Attachment]) -> list[Attachment]:
    """What is attached to this question, or else what was attached before in the conversation."""
    return read_attachments(turn.attachments) or earlier


def read_question(
    question: str, turn: Turn, attachments: list[Attachment], previous: PythonMLDLRequest | None
) -> Understanding:
    """What is asked for: the structured request where there is one, else the question's words."""
    if turn.request:
        return settle_request(turn.request, framework=turn.framework, attachments=attachments)
    return understand(question, previous=previous, framework=turn.framework, attachments=attachments)


def with_data(draft: Draft, request: PythonMLDLRequest, attachments: list[Attachment]) -> Draft:
    """The draft with the attached data file that its configuration names."""
    path = request.ml_task.dataset_info.dataset_path
    data: Files = {f"data/{item.name}": item.content for item in attachments if f"data/{item.name}" == path}
    return draft.model_copy(update={"files": draft.files | data})
