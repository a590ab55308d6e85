"""The agent's graph: understand, retrieve, design, draft, lint, verify, repair, respond."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import interrupt

from assistant.answer import respond
from assistant.candidates import Candidate, compete
from assistant.design.plan import design_project
from assistant.drafters.base import Draft, Drafter
from assistant.drafting import Chosen, completed, first_draft
from assistant.errors import Stopped
from assistant.events import Tell, quietly, tell, teller
from assistant.gate import Installed, described, lint_draft, prove, readable
from assistant.model.schema import Budget, Meter
from assistant.redraft import redraft
from assistant.repair import best_attempt, next_approach, since_first_draft, verified
from assistant.retrieve import missing_patterns, retrieve_explanations, retrieve_lessons, retrieve_roles
from assistant.schema import Attempt, DrafterName, Framework, LintReport
from assistant.session import open_meter, open_session
from assistant.state import STORED_TYPES, State, brief, fresh_question, last_question
from assistant.turn import DrafterChoice, Turn, attached, read_turn
from assistant.understanding import explain_question, model_reader, read_question
from knowledge.index import Index
from sandbox.base import Sandbox
from sandbox.report import RunReport

if TYPE_CHECKING:
    from assistant.model.client import Model

__all__ = ["STORED_TYPES", "Services", "State", "build_graph"]

UNDERSTOOD_AS = {
    "build": "a project to build",
    "explain": "something to explain",
    "decline": "nothing that can be done here",
    "question": "something must be known first",
}


@dataclass(frozen=True)
class Services:
    """What the nodes use. Each is opened when it is first asked for, and closed by assistant.app."""

    index: Callable[[], Index]
    sandbox: Callable[[], Sandbox]
    installed: Callable[[Framework], Installed]
    """What is there where a project of a framework will run."""
    drafter: Callable[[DrafterName], Drafter]
    choose: Callable[[DrafterChoice, threading.Event | None], Chosen]
    """Who drafts. Raises ModelUnavailable where the model that was asked for cannot be used."""
    model: Callable[[], "Model | None"]
    """The model that reads questions and explains; None where none is configured."""
    budget: Budget
    """Of a question that names none."""


def build_graph(services: Services, *, checkpointer: BaseCheckpointSaver | None = None) -> CompiledStateGraph:
    """The compiled graph. Its input is {"messages": [...]}; the options of Turn travel in config["configurable"]."""
    nodes = Nodes(services)
    graph = StateGraph(State)
    for name in ("understand", "clarify", "retrieve", "explain", "design", "draft"):
        graph.add_node(name, getattr(nodes, name))
    for name in ("compete", "lint", "verify", "repair", "respond"):
        graph.add_node(name, getattr(nodes, name))
    graph.add_edge(START, "understand")
    graph.add_conditional_edges("understand", after_understand)
    graph.add_conditional_edges("clarify", after_understand)
    graph.add_conditional_edges("retrieve", after_retrieve)
    graph.add_edge("explain", "respond")
    graph.add_conditional_edges("design", after_design)
    graph.add_edge("draft", "lint")
    graph.add_conditional_edges("lint", nodes.after_lint)
    graph.add_conditional_edges("verify", nodes.after_verify)
    graph.add_conditional_edges("compete", nodes.after_verify)
    graph.add_conditional_edges("repair", after_repair)
    graph.add_edge("respond", END)
    return graph.compile(checkpointer=checkpointer, name="gradproof")


class Nodes:
    """The nodes: each takes from the state, calls a plain function, and returns the changed keys."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def understand(self, state: State, config: RunnableConfig) -> State:
        turn = read_turn(config)
        chosen = self._services.choose(turn.drafter, turn.cancel)
        attachments = attached(turn, state.get("attachments", []))
        meter = open_meter(State(), turn, self._services.budget)
        model = self._services.model() if chosen.name == "llm" else None
        with open_session(meter, turn) as session:
            reader = model_reader(model, session) if model else None
            question, previous = last_question(state), state.get("request")
            composes = chosen.name == "embedded"
            understanding = read_question(question, turn, attachments, previous, composes=composes, reader=reader)
        tell("understand", UNDERSTOOD_AS[understanding.kind])
        fresh = fresh_question(understanding, attachments, state)
        asked = {"model": model.endpoint.model if model else None, "usage": meter.usage}
        return {**fresh, **asked, "drafter": chosen.name, "remarks": chosen.remarks}

    def clarify(self, state: State, config: RunnableConfig) -> State:
        reply = interrupt(state["understanding"].message)
        turn = read_turn(config)
        attachments, previous = attached(turn, state["attachments"]), state["understanding"].request
        understanding = read_question(reply, turn, attachments, previous, composes=state["drafter"] == "embedded")
        tell("understand", UNDERSTOOD_AS[understanding.kind])
        return fresh_question(understanding, attachments, state)

    def retrieve(self, state: State, config: RunnableConfig) -> State:
        if not read_turn(config).retrieval:
            return {}
        request, index = state["understanding"].request, self._services.index()
        if state["understanding"].kind == "explain":
            framework = request.framework if request else None
            return {"lessons": retrieve_explanations(last_question(state), framework, index)}
        patterns = retrieve_roles(state["request"], index)
        lessons = retrieve_lessons(state["request"], patterns, index) if state["drafter"] == "llm" else []
        found = [hit.pattern.id for hit in [*patterns.values(), *lessons]]
        tell("retrieve", f"{len(found)} vetted patterns", patterns=found)
        return {"patterns": patterns, "lessons": lessons}

    def explain(self, state: State, config: RunnableConfig) -> State:
        turn, model = read_turn(config), self._services.model()
        meter = open_meter(state, turn, self._services.budget)
        with open_session(meter, turn, told=teller("explain")) as session:
            explained, remarks = explain_question(
                last_question(state), state["lessons"], session, model=model, choice=turn.drafter
            )
        return {"explained": explained, "remarks": [*state["remarks"], *remarks], "usage": meter.usage}

    def design(self, state: State) -> State:
        design = design_project(state["request"])
        tell("design", f"{design.architecture} for {design.modality} {design.problem}", config=design.config)
        return {"design": design}

    def draft(self, state: State, config: RunnableConfig) -> State:
        turn = read_turn(config)
        meter = open_meter(state, turn, self._services.budget)
        with open_session(meter, turn, told=teller("draft")) as session:
            draft = first_draft(
                brief(state),
                session,
                drafter=state["drafter"],
                choice=turn.drafter,
                open_drafter=self._services.drafter,
            )
        draft = completed(draft, brief(state))
        tell("draft", "1 file" if len(draft.files) == 1 else f"{len(draft.files)} files", files=sorted(draft.files))
        return {"drafts": [draft], "drafter": draft.drafter, "usage": meter.usage}

    def compete(self, state: State, config: RunnableConfig) -> State:
        turn, cancel = read_turn(config), read_turn(config).cancel or threading.Event()
        meter = open_meter(state, turn, self._services.budget)
        drafter, told = self._services.drafter("llm"), teller("compete")

        def make(n: int, stop: threading.Event) -> Candidate:
            with open_session(meter, turn, told=told, variation=n, cancel=stop) as session:
                draft = completed(drafter.draft(brief(state), session), brief(state))
            draft, report = self._lint(draft, state)
            attempt = Attempt(n=n + 1, lint=report)
            if report.passed:
                attempt = attempt.model_copy(update={"verify": self._prove(draft, state, turn, meter, stop)})
            if stop.is_set() and not verified(attempt.verify):
                raise Stopped("Another candidate won.")
            told("candidate", {"candidate": n, "verified": verified(attempt.verify)})
            return Candidate(draft, attempt)

        made = compete(turn.candidates, make, cancel=cancel)
        drafts, attempts = [one.draft for one in made], [one.attempt for one in made]
        tell("compete", f"{len(made)} of {turn.candidates} came to an end", files=readable(drafts[-1].files))
        return {"drafts": drafts, "attempts": attempts, "usage": meter.usage}

    def lint(self, state: State) -> State:
        *earlier, draft = state["drafts"]
        draft, report = self._lint(draft, state)
        tell("lint", described(report), files=readable(draft.files))
        attempt = Attempt(n=len(earlier) + 1, lint=report, repair=draft.note)
        return {"drafts": [*earlier, draft], "attempts": [*state["attempts"], attempt]}

    def verify(self, state: State, config: RunnableConfig) -> State:
        turn, (*earlier, attempt) = read_turn(config), state["attempts"]
        meter = open_meter(state, turn, self._services.budget)
        report = self._prove(state["drafts"][-1], state, turn, meter, turn.cancel, told=teller("verify"))
        tell("verify", report.status, checks=[check.model_dump() for check in report.checks])
        return {"attempts": [*earlier, attempt.model_copy(update={"verify": report})]}

    def repair(self, state: State, config: RunnableConfig) -> State:
        turn = read_turn(config)
        meter = open_meter(state, turn, self._services.budget)
        with open_session(meter, turn, told=teller("repair")) as session:
            made = redraft(
                brief(state),
                state["drafts"],
                state["attempts"],
                session,
                revisions=state["revisions"],
                index=self._services.index() if turn.retrieval else None,
                drafter=state["drafter"],
                choice=turn.drafter,
                open_drafter=self._services.drafter,
            )
        tell("repair", made.repair.instruction)
        return {
            "repair": made.repair,
            "revisions": made.revisions,
            "patterns": made.brief.patterns,
            "design": made.brief.design,
            "drafts": [*state["drafts"], *made.drafts],
            "drafter": made.drafter,
            "remarks": [*state["remarks"], *made.remarks],
            "usage": meter.usage,
        }

    def respond(self, state: State, config: RunnableConfig) -> State:
        response = respond(state, thread_id=read_turn(config).thread_id, seconds=time.time() - state["started"])
        return {"answer": response, "messages": [AIMessage(response.answer)]}

    def after_lint(self, state: State, config: RunnableConfig) -> Literal["verify", "repair", "respond"]:
        if state["attempts"][-1].lint.passed:
            return "verify"
        return "repair" if self._may_try_again(state, read_turn(config)) else "respond"

    def after_verify(self, state: State, config: RunnableConfig) -> Literal["repair", "respond"]:
        if verified(state["attempts"][-1].verify):
            return "respond"
        return "repair" if self._may_try_again(state, read_turn(config)) else "respond"

    def _lint(self, draft: Draft, state: State) -> tuple[Draft, LintReport]:
        request = state["request"]
        return lint_draft(draft, request, self._services.installed(request.framework))

    def _prove(
        self,
        draft: Draft,
        state: State,
        turn: Turn,
        meter: Meter,
        cancel: threading.Event | None,
        *,
        told: Tell = quietly,
    ) -> RunReport:
        return prove(
            draft,
            state["request"],
            self._services.sandbox(),
            time_limit_s=min(turn.time_limit_s, max(1.0, meter.remaining_seconds())),
            on_event=told,
            cancel=cancel,
            before=best_before(state),
        )

    def _may_try_again(self, state: State, turn: Turn) -> bool:
        """Within the attempts and the time, and while there is an approach that was not tried."""
        in_time = open_meter(state, turn, self._services.budget).remaining_seconds() > 0
        tried = since_first_draft(state["attempts"])
        return in_time and len(tried) < turn.attempts and next_approach(tried) is not None


def best_before(state: State) -> tuple[Draft, RunReport | None] | None:
    """The best of the earlier drafts, which a repair is measured by; a first draft has none."""
    if len(state["attempts"]) < 2:
        return None
    best = best_attempt(state["attempts"][:-1])
    return state["drafts"][best], state["attempts"][best].verify


def after_understand(state: State) -> Literal["clarify", "retrieve", "respond"]:
    """A declined question is answered at once."""
    kind = state["understanding"].kind
    return "clarify" if kind == "question" else "retrieve" if kind in ("build", "explain") else "respond"


def after_retrieve(state: State) -> Literal["explain", "design", "respond"]:
    """The embedded drafter needs a vetted pattern for each part; a model explains where there is one."""
    by_model = state["drafter"] == "llm"
    if state["understanding"].kind == "explain":
        return "explain" if by_model else "respond"
    return "design" if by_model or not missing_patterns(state["request"], state["patterns"]) else "respond"


def after_design(state: State, config: RunnableConfig) -> Literal["draft", "compete"]:
    """Only a model drafts differently each time."""
    return "compete" if read_turn(config).candidates > 1 and state["drafter"] == "llm" else "draft"


def after_repair(state: State) -> Literal["lint", "respond"]:
    """A drafter that knows no way ends the question."""
    return "lint" if len(state["drafts"]) > len(state["attempts"]) else "respond"
