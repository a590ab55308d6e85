"""The agent's graph: understand, retrieve, design, draft, lint, verify, repair, respond."""

from typing import Literal

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from assistant.nodes import Nodes, Services
from assistant.repair import next_approach, since_first_draft, verified
from assistant.retrieve import missing_patterns
from assistant.session import open_session
from assistant.state import STORED_TYPES, State
from assistant.turn import read_turn

__all__ = ["STORED_TYPES", "Services", "State", "build_graph"]


def build_graph(services: Services, *, checkpointer: BaseCheckpointSaver | None = None) -> CompiledStateGraph:
    """The compiled graph. Its input is {"messages": [...]}; the options of Turn travel in config["configurable"]."""
    nodes, routes = Nodes(services), Routes(services)
    graph = StateGraph(State)
    graph.add_node("understand", nodes.understand)
    graph.add_node("clarify", nodes.clarify)
    graph.add_node("retrieve", nodes.retrieve)
    graph.add_node("explain", nodes.explain)
    graph.add_node("design", nodes.design)
    graph.add_node("draft", nodes.draft)
    graph.add_node("compete", nodes.compete)
    graph.add_node("lint", nodes.lint)
    graph.add_node("verify", nodes.verify)
    graph.add_node("repair", nodes.repair)
    graph.add_node("respond", nodes.respond)
    graph.add_edge(START, "understand")
    graph.add_conditional_edges("understand", after_understand)
    graph.add_conditional_edges("clarify", after_understand)
    graph.add_conditional_edges("retrieve", after_retrieve)
    graph.add_edge("explain", "respond")
    graph.add_conditional_edges("design", after_design)
    graph.add_edge("draft", "lint")
    graph.add_conditional_edges("compete", routes.after_compete)
    graph.add_conditional_edges("lint", routes.after_lint)
    graph.add_conditional_edges("verify", routes.after_verify)
    graph.add_conditional_edges("repair", after_repair)
    graph.add_edge("respond", END)
    return graph.compile(checkpointer=checkpointer, name="gradproof")


def after_understand(state: State) -> Literal["clarify", "retrieve", "respond"]:
    """A declined question is answered at once."""
    kind = state["understanding"].kind
    return "clarify" if kind == "question" else "retrieve" if kind in ("build", "explain") else "respond"


def after_retrieve(state: State) -> Literal["explain", "design", "respond"]:
    """The embedded drafter needs a vetted pattern for each part; a model explains where there is one."""
    if state["understanding"].kind == "explain":
        return "explain" if state["model"] else "respond"
    needs_patterns = state["drafter"] == "embedded"
    return "respond" if needs_patterns and missing_patterns(state["request"], state["patterns"]) else "design"


def after_design(state: State, config: RunnableConfig) -> Literal["draft", "compete"]:
    """Only a model drafts differently each time."""
    return "compete" if read_turn(config).candidates > 1 and state["drafter"] == "llm" else "draft"


def after_repair(state: State) -> Literal["lint", "respond"]:
    """A drafter that knows no way ends the question."""
    return "lint" if len(state["drafts"]) > len(state["attempts"]) else "respond"


class Routes:
    """Where an attempt leads: on, to a repair while that is worth trying, or to the answer."""

    def __init__(self, services: Services) -> None:
        self._budget = services.budget

    def after_lint(self, state: State, config: RunnableConfig) -> Literal["verify", "repair", "respond"]:
        if state["attempts"][-1].lint.passed:
            return "verify"
        return self._after_failure(state, config)

    def after_verify(self, state: State, config: RunnableConfig) -> Literal["repair", "respond"]:
        if verified(state["attempts"][-1].verify):
            return "respond"
        return self._after_failure(state, config)

    def after_compete(self, state: State, config: RunnableConfig) -> Literal["lint", "repair", "respond"]:
        """Where every candidate's model failed, what stood in for them is still to be proved."""
        return self.after_verify(state, config) if state["attempts"] else "lint"

    def _after_failure(self, state: State, config: RunnableConfig) -> Literal["repair", "respond"]:
        """Again within the attempts and the time, and while there is an approach that was not tried."""
        turn, tried = read_turn(config), since_first_draft(state["attempts"])
        in_time = open_session(state, turn, self._budget).meter.remaining_seconds() > 0
        again = in_time and len(tried) < turn.attempts and next_approach(tried) is not None
        return "repair" if again else "respond"
