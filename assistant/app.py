"""Open the assistant: the only place that builds clients, and closes them."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from typing import Any, Literal, Self

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command
from pydantic import BaseModel

from assistant.answer import question_back
from assistant.drafters.base import Drafter, Files
from assistant.drafters.embedded.drafter import EmbeddedDrafter
from assistant.errors import ModelUnavailable
from assistant.graph import STORED_TYPES, Services, build_graph
from assistant.project import write_project
from assistant.repair import best_attempt
from assistant.schema import Framework, PythonMLDLRequest, PythonMLDLResponse
from assistant.settings import Settings, read_settings
from assistant.turn import Turn
from knowledge.index import Index
from knowledge.schema import Hit
from sandbox.base import Sandbox

BUSY_TIMEOUT_S = 30.0


class Event(BaseModel):
    """One thing that happened while a question was worked on."""

    step: str
    """A node of the graph, or "answer" for the last event."""
    message: str
    data: dict[str, Any] = {}
    answer: PythonMLDLResponse | None = None
    """The response, in the last event."""


class FoundPattern(BaseModel):
    """One result of `search`."""

    id: str
    title: str
    framework: Framework
    score: float
    code: str
    why: str
    symbols: list[str]
    topics: list[str]
    source: str
    vetted: dict[str, Any] | None


class SearchResults(BaseModel):
    """What `search` found, best first, and how long it took."""

    results: list[FoundPattern]
    took_ms: float


class Assistant:
    """One open assistant; safe to use from several threads. Open it with `with open_assistant() as assistant`."""

    def __init__(self, settings: Settings, *, drafter: Drafter | None = None) -> None:
        self.settings = settings
        self._drafter = drafter
        self._open = ExitStack()
        self._opening = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox and close the index and the conversations."""
        self._open.close()

    @cached_property
    def graph(self) -> CompiledStateGraph:
        """The compiled graph, with its conversations kept under GRADPROOF_HOME."""
        services = Services(index=self.open_index, sandbox=self.open_sandbox, drafter=self.open_drafter)
        return build_graph(services, checkpointer=self._open_checkpoints())

    def ask(self, question: str, *, thread_id: str, **options: Any) -> PythonMLDLResponse:
        """The answer to one question; `options` are the fields of Turn."""
        *_, last = self.stream(question, thread_id=thread_id, **options)
        assert last.answer is not None
        return last.answer

    def stream(
        self, question: str, *, thread_id: str, request: PythonMLDLRequest | None = None, **options: Any
    ) -> Iterator[Event]:
        """What happens while the question is worked on; the last event holds the answer.

        `request` takes the place of understanding the question. Raises one of assistant.errors.EXPLAINED_ERRORS
        where the request, a setting, the sandbox or the index cannot be used.
        """
        turn = Turn(thread_id=thread_id, request=request, **options)
        config = {"configurable": {name: getattr(turn, name) for name in Turn.model_fields}}
        waiting = self.graph.get_state(config).interrupts
        given: Any = Command(resume=question) if waiting else {"messages": [HumanMessage(question)]}
        for payload in self.graph.stream(given, config, stream_mode="custom"):
            yield Event.model_validate(payload)
        yield Event(step="answer", message="", answer=self._keep(self._response(config, thread_id)))

    def history(self, thread_id: str) -> list[tuple[str, str]]:
        """(role, text) of every message of a conversation, oldest first."""
        state = self.graph.get_state({"configurable": {"thread_id": thread_id}})
        return [(message.type, str(message.text)) for message in state.values.get("messages", [])]

    def search(self, query: str, *, k: int = 5, framework: Framework | None = None) -> SearchResults:
        """Retrieval alone; no results where nothing is near enough."""
        index = self.open_index()
        started = time.perf_counter()
        hits = index.search(query, framework=framework, k=k)
        took_ms = round(1000 * (time.perf_counter() - started), 3)
        return SearchResults(results=[found_pattern(hit) for hit in hits], took_ms=took_ms)

    def _response(self, config: dict[str, Any], thread_id: str) -> PythonMLDLResponse:
        state = self.graph.get_state(config)
        if state.interrupts:
            return question_back(state.interrupts[0].value, thread_id=thread_id)
        return state.values["answer"]

    def _keep(self, response: PythonMLDLResponse) -> PythonMLDLResponse:
        """The response with the project written under GRADPROOF_HOME, where there is one."""
        if not response.deliverables.files_created:
            return response
        folder = self.settings.home / "projects" / (response.thread_id or "single") / response.request_id
        kept = response.model_copy(update={"project_path": str(folder)})
        write_project(folder, self.project_files(response.thread_id), kept, force=True)
        return kept

    def project_files(self, thread_id: str) -> Files:
        """The files of the project that the conversation's last answer gave, the attached data among them."""
        values = self.graph.get_state({"configurable": {"thread_id": thread_id}}).values
        return values["drafts"][best_attempt(values["attempts"])].files

    def open_index(self) -> Index:
        """The index, built from the vetted patterns where it is missing or out of date."""
        with self._opening:
            return self._index

    @cached_property
    def _index(self) -> Index:
        from knowledge.embed import open_embedder
        from knowledge.index import ensure_index

        return self._open.enter_context(ensure_index(self.settings.home, embedder=open_embedder()))

    def open_sandbox(self) -> Sandbox:
        """The sandbox; its interpreters start when they are first used."""
        with self._opening:
            return self._sandbox

    @cached_property
    def _sandbox(self) -> Sandbox:
        from sandbox.open import open_sandbox

        sandbox = open_sandbox(kind=self.settings.sandbox, runtimes=self.settings.runtimes())
        return self._open.enter_context(sandbox)

    def open_drafter(self, name: Literal["embedded", "llm"] | None) -> Drafter:
        """The drafter asked for; without a model endpoint, the embedded one."""
        if self._drafter:
            return self._drafter
        if name == "llm":
            raise ModelUnavailable("The model drafter is not part of this version; use --drafter embedded.")
        return EmbeddedDrafter()

    def _open_checkpoints(self) -> BaseCheckpointSaver:
        serializer = JsonPlusSerializer(allowed_msgpack_modules=STORED_TYPES)
        from langgraph.checkpoint.sqlite import SqliteSaver

        self.settings.home.mkdir(parents=True, exist_ok=True)
        path = self.settings.home / "conversations.sqlite"
        connection = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_TIMEOUT_S)
        self._open.callback(connection.close)
        connection.execute("PRAGMA journal_mode=WAL")
        saver = SqliteSaver(connection, serde=serializer)
        saver.setup()
        return saver


def found_pattern(hit: Hit) -> FoundPattern:
    """A hit in the shape that `search` prints."""
    pattern = hit.pattern
    kept = {"framework_version", "python", "date", "checks", "sha256"}
    return FoundPattern(
        id=pattern.id,
        title=pattern.title,
        framework=pattern.framework,
        score=round(hit.score, 4),
        code=pattern.code,
        why=pattern.why,
        symbols=pattern.apis,
        topics=[pattern.topic],
        source=pattern.source,
        vetted=pattern.vetting.model_dump(include=kept) if pattern.vetting else None,
    )


def open_assistant(settings: Settings | None = None, *, drafter: Drafter | None = None) -> Assistant:
    """An assistant with the settings given, or those of the environment. Nothing starts before it is used."""
    return Assistant(settings or read_settings(), drafter=drafter)
