"""What a conversation keeps between the nodes of the graph, and between its questions."""

import time
from typing import Annotated, TypedDict

from langchain_core.messages import AnyMessage
from langgraph.graph.message import add_messages
from pydantic import BaseModel

from assistant.design.plan import Design
from assistant.drafters.base import Brief, Draft
from assistant.explain import Explained
from assistant.model.schema import Usage
from assistant.repair import Repair, Revision
from assistant.request.attachments import Attachment
from assistant.request.settle import Understanding
from assistant.schema import Attempt, DrafterName, PythonMLDLRequest, PythonMLDLResponse
from knowledge.schema import Hit


class Project(BaseModel):
    """What a question was answered with, for the next one to change."""

    request: PythonMLDLRequest
    draft: Draft


class State(TypedDict, total=False):
    """The conversation, and what belongs to the current question; `fresh_question` resets the latter."""

    messages: Annotated[list[AnyMessage], add_messages]
    project: Project
    """The last one that was answered. A question that is stopped, or whose model fails, leaves it as it is."""
    attachments: list[Attachment]
    """Outlive their question, so that a follow-up can use them."""
    answer: PythonMLDLResponse
    """The last one."""
    request: PythonMLDLRequest | None
    understanding: Understanding
    started: float
    drafter: DrafterName
    """Who drafts; an endpoint that fails can change it half-way, where the user left the choice open."""
    failure: str
    """Why the configured model was not asked, in one sentence."""
    model: str | None
    """Name of the model that may be asked."""
    usage: Usage
    remarks: list[str]
    """What happened on the way that the user should hear of."""
    patterns: dict[str, Hit]
    """Role -> the pattern found for it."""
    lessons: list[Hit]
    """Further patterns near to the question; for one that needs no code, the patterns that answer it."""
    explained: Explained | None
    """A model's answer to a question that needs no code."""
    design: Design | None
    drafts: list[Draft]
    attempts: list[Attempt]
    revisions: list[Revision]
    repair: Repair | None


STORED_TYPES: list[type] = [
    Attachment,
    Attempt,
    Design,
    Draft,
    Explained,
    Hit,
    Project,
    PythonMLDLRequest,
    PythonMLDLResponse,
    Repair,
    Revision,
    Understanding,
    Usage,
]
"""The only types of ours that a checkpoint may bring back."""


def last_question(state: State) -> str:
    """The text of the newest message."""
    return str(state["messages"][-1].text) if state.get("messages") else ""


def earlier_request(state: State) -> PythonMLDLRequest | None:
    """What a follow-up changes."""
    return state["project"].request if "project" in state else None


def told_project(state: State) -> str:
    """The conversation's project in words: what was asked for, and the numbers it was designed with."""
    if "project" not in state:
        return ""
    project = state["project"]
    choices = project.draft.design.choices if project.draft.design else []
    numbers = [f"- {choice.name} = {choice.value}: {choice.reason}" for choice in choices]
    return "\n".join([project.request.ml_task.problem_description, *numbers])


def brief(state: State) -> Brief:
    """What a drafter is told of the current question."""
    assert state["request"] is not None
    assert state["design"] is not None
    understanding = state["understanding"]
    return Brief(
        request=state["request"],
        design=state["design"],
        patterns=state["patterns"],
        lessons=state["lessons"],
        attachments=state["attachments"],
        unplanned=understanding.unplanned,
        project=state["project"].draft.files if understanding.continues else {},
    )


def fresh_question(spent: Usage) -> State:
    """A question's beginning: its clock starts, and nothing is left of the last one's attempts."""
    return {
        "started": time.time(),
        "usage": spent,
        "failure": "",
        "remarks": [],
        "patterns": {},
        "lessons": [],
        "explained": None,
        "design": None,
        "drafts": [],
        "attempts": [],
        "revisions": [],
        "repair": None,
    }
