"""The nodes of the graph: each takes from the state, calls a plain function, and returns the changed keys."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.types import interrupt

from assistant.answer import respond
from assistant.candidates import compete, draft_candidate
from assistant.design.plan import design_project
from assistant.drafters.base import Draft, Drafter
from assistant.drafting import Chosen, first_draft, may_stand_in
from assistant.events import Tell, quietly, tell, teller
from assistant.gate import described, lint_draft, prove, readable
from assistant.model.client import Model
from assistant.model.schema import Budget, Usage, check_budget
from assistant.model.session import Session
from assistant.redraft import Redraft, redraft
from assistant.repair import best_attempt
from assistant.retrieve import retrieve_explanations, retrieve_lessons, retrieve_roles
from assistant.schema import Attempt, DrafterName, Framework, LintReport, PythonMLDLRequest
from assistant.session import open_session, telling
from assistant.state import Project, State, brief, earlier_request, fresh_question, last_question, told_project
from assistant.turn import DrafterChoice, Turn, attached, read_turn
from assistant.understanding import explain_question, read_question
from knowledge.search import Index
from sandbox.base import Sandbox
from sandbox.report import RunReport
from sandbox.runtime import Installed

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
    model: Callable[[], Model | None]
    """The model that reads questions and explains; None where none is configured."""
    budget: Budget
    """Of a question that names none."""


class Nodes:
    """One method for each node. `services` is what they use."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def understand(self, state: State, config: RunnableConfig) -> State:
        return self._understood(last_question(state), earlier_request(state), state, read_turn(config), spent=Usage())

    def clarify(self, state: State, config: RunnableConfig) -> State:
        reply = interrupt(state["understanding"].message)
        asked = state["understanding"]
        told = self._understood(reply, asked.request, state, read_turn(config), spent=state["usage"])
        # The reply goes on with the question, which need not have gone on with a project.
        return {**told, "understanding": told["understanding"].model_copy(update={"continues": asked.continues})}

    def retrieve(self, state: State, config: RunnableConfig) -> State:
        if not read_turn(config).retrieval:
            return {}
        request, index = state["understanding"].request, self._services.index()
        if state["understanding"].kind == "explain":
            framework = request.framework if request else None
            lessons = retrieve_explanations(last_question(state), framework, index)
            tell("retrieve", f"{len(lessons)} vetted patterns", patterns=[hit.pattern.id for hit in lessons])
            return {"lessons": lessons}
        patterns = retrieve_roles(state["request"], index)
        lessons = retrieve_lessons(state["request"], patterns, index) if state["drafter"] == "llm" else []
        found = [hit.pattern.id for hit in [*patterns.values(), *lessons]]
        tell("retrieve", f"{len(found)} vetted patterns", patterns=found)
        return {"patterns": patterns, "lessons": lessons}

    def explain(self, state: State, config: RunnableConfig) -> State:
        turn, model = read_turn(config), self._services.model()
        with telling(self._session(state, turn), teller("explain")) as session:
            explained, failure = explain_question(
                last_question(state),
                state["lessons"],
                session,
                model=model,
                choice=turn.drafter,
                project=told_project(state),
            )
        if explained:
            tell("explain", f"citing {len(explained.cited)} vetted patterns")
        return {"explained": explained, "failure": failure, "usage": session.meter.usage}

    def design(self, state: State) -> State:
        design = design_project(state["request"])
        tell("design", f"{design.architecture} for {design.modality} {design.problem}", config=design.config)
        return {"design": design}

    def draft(self, state: State, config: RunnableConfig) -> State:
        turn = read_turn(config)
        with telling(self._session(state, turn), teller("draft")) as session:
            draft = first_draft(brief(state), session, **self._drafters(state, turn))
        tell("draft", "1 file" if len(draft.files) == 1 else f"{len(draft.files)} files", files=sorted(draft.files))
        return {"drafts": [draft], "drafter": draft.drafter, "usage": session.meter.usage}

    def compete(self, state: State, config: RunnableConfig) -> State:
        turn = read_turn(config)
        session, drafters = self._session(state, turn), self._drafters(state, turn)
        make = partial(
            draft_candidate,
            brief=brief(state),
            session=session,
            drafter=drafters["drafter"],
            lint=partial(self._lint, state=state),
            prove=partial(self._prove, state=state),
            told=teller("compete"),
        )
        made = compete(turn.candidates, brief(state), session, make, embedded=drafters["embedded"])
        newest, ended = made.drafts[-1], len(made.attempts)
        tell("compete", f"{ended} of {turn.candidates} came to an end", files=readable(newest.files))
        remarks = [*state["remarks"], *made.remarks]
        return {**made._asdict(), "remarks": remarks, "drafter": newest.drafter, "usage": session.meter.usage}

    def lint(self, state: State) -> State:
        *earlier, draft = state["drafts"]
        draft, report = self._lint(draft, state)
        tell("lint", described(report), files=readable(draft.files))
        attempt = Attempt(n=len(earlier) + 1, lint=report, repair=draft.note)
        return {"drafts": [*earlier, draft], "attempts": [*state["attempts"], attempt]}

    def verify(self, state: State, config: RunnableConfig) -> State:
        *earlier, attempt = state["attempts"]
        session = self._session(state, read_turn(config))
        report = self._prove(state["drafts"][-1], session, state, told=teller("verify"))
        tell("verify", report.status, checks=[check.model_dump() for check in report.checks])
        return {"attempts": [*earlier, attempt.model_copy(update={"verify": report})]}

    def repair(self, state: State, config: RunnableConfig) -> State:
        turn = read_turn(config)
        index = self._services.index() if turn.retrieval else None
        with telling(self._session(state, turn), teller("repair")) as session:
            made = redraft(
                brief(state),
                state["drafts"],
                state["attempts"],
                session,
                revisions=state["revisions"],
                index=index,
                **self._drafters(state, turn),
            )
        tell("repair", made.repair.instruction)
        return {**repaired(state, made), "usage": session.meter.usage}

    def respond(self, state: State, config: RunnableConfig) -> State:
        response = respond(state, thread_id=read_turn(config).thread_id, seconds=time.time() - state["started"])
        told: State = {"answer": response, "messages": [AIMessage(response.answer)]}
        return {**told, "project": answered_project(state)} if state["attempts"] else told

    def _understood(
        self, question: str, previous: PythonMLDLRequest | None, state: State, turn: Turn, *, spent: Usage
    ) -> State:
        """The state at the start of a question, or after the reply to a question back."""
        fresh = fresh_question(spent)
        chosen = self._services.choose(turn.drafter, turn.cancel)
        model = self._services.model() if chosen.name == "llm" else None
        session, attachments = self._session(fresh, turn), attached(turn, state.get("attachments", []))
        if model:
            check_budget(session.meter.budget, model.endpoint)
        composes = chosen.name == "embedded"
        understanding, remarks = read_question(
            question, turn, attachments, previous, composes=composes, model=model, session=session
        )
        tell("understand", UNDERSTOOD_AS[understanding.kind], kind=understanding.kind)
        return {
            **fresh,
            "understanding": understanding,
            "request": understanding.request if understanding.kind == "build" else None,
            "attachments": attachments,
            "drafter": chosen.name,
            "model": model.endpoint.model if model else None,
            "failure": chosen.failure,
            "remarks": remarks,
            "usage": session.meter.usage,
        }

    def _session(self, state: State, turn: Turn) -> Session:
        return open_session(state, turn, self._services.budget)

    def _drafters(self, state: State, turn: Turn) -> dict[str, Drafter | None]:
        """Who drafts, and who stands in where its model fails."""
        may = state["drafter"] == "llm" and may_stand_in(brief(state), turn.drafter)
        embedded = self._services.drafter("embedded") if may else None
        return {"drafter": self._services.drafter(state["drafter"]), "embedded": embedded}

    def _lint(self, draft: Draft, state: State) -> tuple[Draft, LintReport]:
        request = state["request"]
        return lint_draft(draft, request, self._services.installed(request.framework))

    def _prove(self, draft: Draft, session: Session, state: State, *, told: Tell = quietly) -> RunReport:
        return prove(
            draft,
            state["request"],
            self._services.sandbox(),
            time_limit_s=min(session.run_limit_s, max(1.0, session.meter.remaining_seconds())),
            on_event=told,
            cancel=session.cancel,
            before=best_before(state),
            unplanned=state["understanding"].unplanned,
        )


def answered_project(state: State) -> Project:
    """The draft that was answered with, and what was asked for."""
    return Project(request=state["request"], draft=state["drafts"][best_attempt(state["attempts"])])


def repaired(state: State, made: Redraft) -> State:
    """What a repair changes; where it made no draft, the drafts stay as they are."""
    return {
        "repair": made.repair,
        "revisions": made.revisions,
        "patterns": made.brief.patterns,
        "design": made.brief.design,
        "drafts": [*state["drafts"], *made.drafts],
        "drafter": made.drafts[-1].drafter if made.drafts else state["drafter"],
        "remarks": [*state["remarks"], *made.remarks],
    }


def best_before(state: State) -> tuple[Draft, RunReport | None] | None:
    """The best of the earlier drafts, which a repair is measured by; a first draft has none."""
    if len(state["attempts"]) < 2:
        return None
    best = best_attempt(state["attempts"][:-1])
    return state["drafts"][best], state["attempts"][best].verify
