"""The agent's graph: understand, retrieve, design, draft, lint, verify, repair, respond."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

from langchain_core.messages import AIMessage, AnyMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import interrupt

from assistant.answer import respond
from assistant.design.plan import Design, design_project
from assistant.drafters.base import Draft, Drafter
from assistant.gate import prove
from assistant.lint import lint
from assistant.redraft import redraft
from assistant.repair import Repair, Revision, is_repeat, verified
from assistant.request.attachments import Attachment
from assistant.request.settle import Understanding
from assistant.retrieve import missing_patterns, retrieve_explanations, retrieve_roles
from assistant.schema import Attempt, PythonMLDLRequest, PythonMLDLResponse
from assistant.turn import Turn, attached, read_question, read_turn, with_data
from knowledge.index import Index
from knowledge.schema import Hit
from sandbox.base import Sandbox


class State(TypedDict, total=False):
    """The conversation, and what belongs to the current question; `understand` resets the latter."""

    messages: Annotated[list[AnyMessage], add_messages]
    request: PythonMLDLRequest | None
    """Outlives its question, so that a follow-up can change it."""
    attachments: list[Attachment]
    """Likewise."""
    understanding: Understanding
    started: float
    patterns: dict[str, Hit]
    """Role -> the pattern found for it."""
    explanations: list[Hit]
    design: Design | None
    drafts: list[Draft]
    attempts: list[Attempt]
    revisions: list[Revision]
    repair: Repair | None
    answer: PythonMLDLResponse | None


STORED_TYPES: list[type] = [
    Attachment,
    Attempt,
    Design,
    Draft,
    Hit,
    PythonMLDLRequest,
    PythonMLDLResponse,
    Repair,
    Revision,
    Understanding,
]
"""The only types of ours that a checkpoint may bring back."""


UNDERSTOOD_AS = {
    "build": "a project to build",
    "explain": "something to explain",
    "decline": "nothing that can be done here",
}


@dataclass(frozen=True)
class Services:
    """What the nodes use. Each is opened when it is first asked for, and closed by assistant.app."""

    index: Callable[[], Index]
    sandbox: Callable[[], Sandbox]
    drafter: Callable[[Literal["embedded", "llm"] | None], Drafter]


def build_graph(services: Services, *, checkpointer: BaseCheckpointSaver | None = None) -> CompiledStateGraph:
    """The compiled graph. Its input is {"messages": [...]}; the options of Turn travel in config["configurable"]."""

    def understand_node(state: State, config: RunnableConfig) -> State:
        turn = read_turn(config)
        attachments = attached(turn, state.get("attachments", []))
        understanding = read_question(last_question(state), turn, attachments, state.get("request"))
        while understanding.kind == "question":
            reply = interrupt(understanding.message)
            understanding = read_question(reply, turn, attachments, understanding.request)
        tell("understand", UNDERSTOOD_AS[understanding.kind])
        return fresh_question(understanding, attachments, state)

    def retrieve_node(state: State) -> State:
        if state["understanding"].kind == "explain":
            request = state["understanding"].request
            framework = request.framework if request else None
            return {"explanations": retrieve_explanations(last_question(state), framework, services.index())}
        patterns = retrieve_roles(state["request"], services.index())
        tell("retrieve", f"{len(patterns)} vetted patterns", patterns=[hit.pattern.id for hit in patterns.values()])
        return {"patterns": patterns}

    def design_node(state: State) -> State:
        design = design_project(state["request"])
        tell("design", f"{design.architecture} for {design.modality} {design.problem}", config=design.config)
        return {"design": design}

    def draft_node(state: State, config: RunnableConfig) -> State:
        drafter = services.drafter(read_turn(config).drafter)
        draft = drafter.draft(state["request"], state["design"], state["patterns"])
        tell("draft", f"{len(draft.files)} files", files=sorted(draft.files))
        draft = draft.model_copy(update={"design": state["design"], "patterns": state["patterns"]})
        return {"drafts": [with_data(draft, state["request"], state["attachments"])]}

    def lint_node(state: State) -> State:
        *earlier, draft = state["drafts"]
        files, report = lint(draft.files)
        tell("lint", "clean" if report.passed else f"{len(report.diagnostics)} complaints", files=readable(files))
        attempt = Attempt(n=len(earlier) + 1, lint=report, repair=draft.note)
        return {
            "drafts": [*earlier, draft.model_copy(update={"files": files})],
            "attempts": [*state["attempts"], attempt],
        }

    def verify_node(state: State, config: RunnableConfig) -> State:
        *earlier, attempt = state["attempts"]
        report = prove(
            state["drafts"][-1],
            state["request"],
            services.sandbox(),
            read_turn(config),
            on_event=forward_events("verify"),
        )
        tell("verify", report.status, checks=[check.model_dump() for check in report.checks])
        return {"attempts": [*earlier, attempt.model_copy(update={"verify": report})]}

    def repair_node(state: State, config: RunnableConfig) -> State:
        made = redraft(
            state["request"],
            state["design"],
            state["attempts"][-1],
            revisions=state["revisions"],
            index=services.index(),
            drafter=services.drafter(read_turn(config).drafter),
        )
        tell("repair", made.repair.instruction)
        new = [with_data(made.draft, state["request"], state["attachments"])] if made.draft else []
        changed = {name: getattr(made, name) for name in ("repair", "revisions", "patterns", "design")}
        return {**changed, "drafts": [*state["drafts"], *new]}

    def respond_node(state: State, config: RunnableConfig) -> State:
        response = respond(state, thread_id=read_turn(config).thread_id, seconds=time.time() - state["started"])
        return {"answer": response, "messages": [AIMessage(response.answer)]}

    def after_lint(state: State, config: RunnableConfig) -> Literal["verify", "repair", "respond"]:
        if state["attempts"][-1].lint.passed:
            return "verify"
        return "repair" if may_try_again(state, read_turn(config)) else "respond"

    def after_verify(state: State, config: RunnableConfig) -> Literal["repair", "respond"]:
        if verified(state["attempts"][-1].verify):
            return "respond"
        return "repair" if may_try_again(state, read_turn(config)) else "respond"

    graph = StateGraph(State)
    graph.add_node("understand", understand_node)
    graph.add_node("retrieve", retrieve_node)
    graph.add_node("design", design_node)
    graph.add_node("draft", draft_node)
    graph.add_node("lint", lint_node)
    graph.add_node("verify", verify_node)
    graph.add_node("repair", repair_node)
    graph.add_node("respond", respond_node)
    graph.add_edge(START, "understand")
    graph.add_conditional_edges("understand", after_understand)
    graph.add_conditional_edges("retrieve", after_retrieve)
    graph.add_edge("design", "draft")
    graph.add_edge("draft", "lint")
    graph.add_conditional_edges("lint", after_lint)
    graph.add_conditional_edges("verify", after_verify)
    graph.add_conditional_edges("repair", after_repair)
    graph.add_edge("respond", END)
    return graph.compile(checkpointer=checkpointer, name="gradproof")


def after_understand(state: State) -> Literal["retrieve", "respond"]:
    """A declined question is answered at once."""
    return "retrieve" if state["understanding"].kind in ("build", "explain") else "respond"


def after_retrieve(state: State) -> Literal["design", "respond"]:
    """A project is designed only where each of its parts has a vetted pattern."""
    if state["understanding"].kind == "explain" or missing_patterns(state["request"], state["patterns"]):
        return "respond"
    return "design"


def after_repair(state: State) -> Literal["lint", "respond"]:
    """A drafter that knows no way ends the question."""
    return "lint" if len(state["drafts"]) > len(state["attempts"]) else "respond"


def may_try_again(state: State, turn: Turn) -> bool:
    """Within the budget, and not when the last repair changed nothing."""
    return len(state["attempts"]) < turn.attempts and not is_repeat(state["attempts"])


def last_question(state: State) -> str:
    """The text of the newest message."""
    return str(state["messages"][-1].text) if state.get("messages") else ""


def fresh_question(understanding: Understanding, attachments: list[Attachment], state: State) -> State:
    """The state at the start of a question: nothing of the last one's attempts, only its request."""
    return {
        "understanding": understanding,
        "request": understanding.request if understanding.kind == "build" else state.get("request"),
        "attachments": attachments,
        "started": time.time(),
        "patterns": {},
        "explanations": [],
        "design": None,
        "drafts": [],
        "attempts": [],
        "revisions": [],
        "repair": None,
        "answer": None,
    }


def readable(files: dict[str, str | bytes]) -> dict[str, str]:
    """The files that a person can read."""
    return {name: content for name, content in files.items() if isinstance(content, str)}


def tell(step: str, message: str, **data: Any) -> None:
    """Send one event to whoever streams this run."""
    get_stream_writer()({"step": step, "message": message, "data": data})


def forward_events(step: str) -> Callable[[str, dict[str, Any]], None]:
    """A callback, usable from any thread, that sends what happens inside a step."""
    writer = get_stream_writer()
    return lambda kind, data: writer({"step": step, "message": kind, "data": data})
