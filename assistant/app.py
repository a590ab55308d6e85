"""Open the assistant: the only place that builds clients, and closes them."""

import re
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from contextvars import copy_context
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel

from assistant.answer import question_back
from assistant.drafters.base import Drafter
from assistant.drafters.embedded.drafter import EmbeddedDrafter
from assistant.drafting import Chosen, choose_drafter
from assistant.errors import ModelUnavailable
from assistant.project import write_project
from assistant.schema import DrafterName, Files, Framework, PythonMLDLRequest, PythonMLDLResponse
from assistant.search import SearchResults, search_patterns
from assistant.settings import Settings, read_settings
from assistant.turn import DrafterChoice, Turn
from knowledge.search import Index
from knowledge.vetting import decisive
from sandbox.base import Sandbox
from sandbox.runtime import Installed, installed

NO_MODEL = (
    "No model is configured: set GRADPROOF_MODEL to its name, and OPENAI_BASE_URL to the address of an "
    "OpenAI-compatible endpoint or OPENAI_API_KEY for OpenAI's own; or use --drafter embedded."
)

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

    from assistant.model.client import Model


class Event(BaseModel):
    """One thing that happened while a question was worked on."""

    step: str
    """A node of the graph, or "answer" for the last event."""
    message: str
    data: dict[str, Any] = {}
    answer: PythonMLDLResponse | None = None
    """The response, in the last event."""


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

    @property
    def graph(self) -> "CompiledStateGraph":
        """The compiled graph, with its conversations kept under GRADPROOF_HOME."""
        with self._opening:
            return self._graph

    @cached_property
    def _graph(self) -> "CompiledStateGraph":
        from assistant.conversations import open_conversations
        from assistant.graph import STORED_TYPES, Services, build_graph

        services = Services(
            index=self.open_index,
            sandbox=self.open_sandbox,
            drafter=self.open_drafter,
            choose=self.choose_drafter,
            model=self._configured_model,
            installed=self.installed,
            budget=self.settings.budget(),
        )
        conversations = open_conversations(self.settings.home, stored_types=STORED_TYPES)
        return build_graph(services, checkpointer=self._open.enter_context(conversations))

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
        from langchain_core.messages import HumanMessage
        from langgraph.types import Command

        turn = Turn(thread_id=thread_id, request=request, **options)
        config = {"configurable": {name: getattr(turn, name) for name in Turn.model_fields}}
        waiting = self.graph.get_state(config).interrupts
        given: Any = Command(resume=question) if waiting else {"messages": [HumanMessage(question)]}
        for payload in _untraced(self.graph.stream(given, config, stream_mode="custom")):
            yield Event.model_validate(payload)
        answer = self.last_answer(thread_id)
        assert answer is not None
        if answer.project_path:
            write_project(Path(answer.project_path), self.project_files(thread_id), answer, force=True)
        yield Event(step="answer", message=answer.outcome, answer=answer)

    def last_answer(self, thread_id: str) -> PythonMLDLResponse | None:
        """The newest answer of a conversation, a question back among them; None before the first."""
        state = self.graph.get_state({"configurable": {"thread_id": thread_id}})
        if state.interrupts:
            return question_back(state.interrupts[0].value, thread_id=thread_id)
        answer: PythonMLDLResponse | None = state.values.get("answer")
        if answer is None or not answer.deliverables.files_created:
            return answer
        folder = self.settings.home / "projects" / _as_name(thread_id) / _as_name(answer.request_id)
        return answer.model_copy(update={"project_path": str(folder)})

    def history(self, thread_id: str) -> list[tuple[str, str]]:
        """(role, text) of every message of a conversation, oldest first."""
        state = self.graph.get_state({"configurable": {"thread_id": thread_id}})
        messages = [(message.type, str(message.text)) for message in state.values.get("messages", [])]
        return messages + [("ai", waiting.value) for waiting in state.interrupts]

    def project_files(self, thread_id: str) -> Files:
        """The files of the conversation's last project, the attached data among them; empty before the first."""
        values = self.graph.get_state({"configurable": {"thread_id": thread_id}}).values
        return values["project"].draft.files if "project" in values else {}

    def search(self, query: str, *, k: int = 5, framework: Framework | None = None) -> SearchResults:
        """Retrieval alone; no results where nothing is near enough."""
        return search_patterns(query, self.open_index(), k=k, framework=framework)

    def open_index(self) -> Index:
        """The index, built from the vetted patterns where it is missing or out of date."""
        with self._opening:
            return self._index

    @cached_property
    def _index(self) -> Index:
        from knowledge.embed import open_embedder
        from knowledge.index import ensure_index

        index = ensure_index(
            self.settings.home,
            embedder=open_embedder(self.settings.embedding_model),
            versions=self._decisive_versions(),
            server=self.settings.qdrant(),
        )
        return self._open.enter_context(index)

    def open_sandbox(self) -> Sandbox:
        """The sandbox; its interpreters start when they are first used."""
        with self._opening:
            return self._sandbox

    @cached_property
    def _sandbox(self) -> Sandbox:
        from sandbox.open import open_sandbox

        sandbox = open_sandbox(
            kind=self.settings.sandbox,
            runtimes=self.settings.runtimes(),
            docker_image=self.settings.docker_image,
            docker_runtime=self.settings.docker_runtime,
        )
        return self._open.enter_context(sandbox)

    def choose_drafter(self, choice: DrafterChoice, cancel: threading.Event | None = None) -> Chosen:
        """Who drafts, and why it is not the model. Raises ModelUnavailable where "llm" cannot be had."""
        if self._drafter:
            return Chosen(self._drafter.name)
        configured = self.settings.endpoint() is not None
        return choose_drafter(choice, configured=configured, open_model=self.open_model, cancel=cancel)

    def open_drafter(self, name: DrafterName) -> Drafter:
        """The drafter of that name."""
        if self._drafter:
            return self._drafter
        if name == "embedded":
            return EmbeddedDrafter()
        from assistant.drafters.llm.drafter import LLMDrafter
        from assistant.drafters.llm.facts import runtime_facts

        return LLMDrafter(
            self.open_model(), runtime=lambda framework: runtime_facts(framework, self.installed(framework))
        )

    def open_model(self) -> "Model":
        """The configured model. Raises ModelUnavailable, with what to set, where none is."""
        with self._opening:
            return self._model

    @cached_property
    def _model(self) -> "Model":
        from assistant.model.client import Model

        endpoint = self.settings.endpoint()
        if endpoint is None:
            raise ModelUnavailable(NO_MODEL)
        return self._open.enter_context(Model(endpoint, home=self.settings.home))

    def _configured_model(self) -> "Model | None":
        """None for a drafter that was given, which is all the model there is then."""
        return None if self._drafter else self.open_model()

    def installed(self, framework: Framework) -> Installed:
        """What a project of this framework may import: with an interpreter of this machine, or in an image."""
        if self.settings.sandbox == "docker":
            return self.open_sandbox().installed(framework)
        return installed(framework, self.settings.runtimes())

    def _decisive_versions(self) -> dict[Framework, dict[str, str]] | None:
        """What decides whether a pattern's record is stale; None where gradproof's own interpreter serves both."""
        own = self.settings.runtime_pytorch is None and self.settings.runtime_tensorflow is None
        if own and self.settings.sandbox != "docker":
            return None
        frameworks: tuple[Framework, ...] = ("pytorch", "tensorflow")
        return {name: decisive(name, self.installed(name).interpreter.versions) for name in frameworks}


def _untraced(payloads: Generator[Any, None, None]) -> Iterator[Any]:
    """The same, with nothing of the conversation sent to a tracing service that the environment names for others."""
    from langsmith import tracing_context

    context = copy_context()
    context.run(tracing_context(enabled=False).__enter__)
    ended = object()
    try:
        while (payload := context.run(next, payloads, ended)) is not ended:
            yield payload
    finally:
        context.run(payloads.close)


def _as_name(text: str) -> str:
    """A folder's name for an id that somebody else chose."""
    return re.sub(r"[^\w-]", "_", text)[:80] or "_"


def open_assistant(settings: Settings | None = None, *, drafter: Drafter | None = None) -> Assistant:
    """An assistant with the settings given, or those of the environment. Nothing starts before it is used."""
    return Assistant(settings or read_settings(), drafter=drafter)
