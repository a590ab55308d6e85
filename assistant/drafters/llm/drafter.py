"""The model drafter: a language model writes and mends the project. It never judges what it wrote."""

from collections.abc import Callable

from assistant.drafters.base import Brief, Draft, Failure
from assistant.drafters.llm.changes import change_note, differs
from assistant.drafters.llm.exchange import Exchange
from assistant.drafters.llm.facts import RuntimeFacts
from assistant.drafters.llm.mend import mend
from assistant.drafters.llm.prompt import Prompt, Situation, draft_prompt, repair_prompt
from assistant.drafters.llm.reply import NO_FILE, FilesRead, read_files
from assistant.model.client import Model
from assistant.model.schema import Reply
from assistant.model.session import Session
from assistant.prompts import render
from assistant.prompts.quote import Quoter
from assistant.python_source import parse
from assistant.schema import DrafterName, Files, Framework
from sandbox.entry import find_entry
from sandbox.errors import ProgramError

MOST_PROSE = 4000


class LLMDrafter:
    """Asks any OpenAI-compatible model. `runtime` tells what is installed where the drafts will run.

    Files come as fenced blocks even where the endpoint can keep to a JSON schema: code escaped into JSON costs more
    tokens, reads worse as it streams, and is lost whole where the answer breaks off.
    """

    name: DrafterName = "llm"

    def __init__(self, model: Model, *, runtime: Callable[[Framework], RuntimeFacts]) -> None:
        self._model = model
        self._runtime = runtime

    def draft(self, brief: Brief, session: Session) -> Draft:
        """A whole project. Raises ModelUnavailable where two answers hold none that can be used, or break off."""
        prompt = draft_prompt(brief, self._situation(brief, session), variation=session.variation)
        return self._written(prompt, brief, session)

    def repair(self, brief: Brief, failure: Failure, session: Session) -> Draft | None:
        """The draft with the changes that the model gave; None where it changes nothing, although it was told so."""
        if failure.repair.approach == "fresh":
            return self._afresh(brief, failure, session)
        situation = self._situation(brief, session)
        prompt = repair_prompt(brief, failure, situation)
        exchange = Exchange(self._model, prompt.messages, session)
        mended = mend(exchange, failure, situation.quoter, model=self._name)
        if not differs(failure.draft.files, mended.files):
            return None
        files = _without_data(mended.files, brief) | _data(failure.draft.files)
        return Draft(
            files=files,
            entry=failure.draft.entry,
            drafter="llm",
            sources=_sources(prompt),
            note=change_note(failure.draft.files, files, fault=failure.repair.fault, said=mended.prose),
            remarks=[*prompt.remarks, *mended.problems],
            prose=mended.prose[:MOST_PROSE],
        )

    def _afresh(self, brief: Brief, failure: Failure, session: Session) -> Draft:
        prompt = draft_prompt(brief, self._situation(brief, session), variation=session.variation, failed=failure)
        draft = self._written(prompt, brief, session)
        note = f"Written anew from the design, because {failure.repair.fault} could not be mended."
        return draft.model_copy(update={"note": note})

    def _written(self, prompt: Prompt, brief: Brief, session: Session) -> Draft:
        exchange = Exchange(self._model, prompt.messages, session)
        read, entry, complaint = _read_project(exchange.ask())
        if complaint and exchange.may_ask:
            exchange.object(complaint)
            read, entry, complaint = _read_project(exchange.ask())
        if entry is None:
            raise exchange.failure(
                f"The model {self._name!r} answered twice without a usable file; ask again, or set GRADPROOF_MODEL to "
                "a model that writes code."
            )
        return Draft(
            files=_without_data(read.files, brief),
            entry=entry,
            drafter="llm",
            sources=_sources(prompt),
            remarks=[*prompt.remarks, *read.problems],
            prose=read.prose[:MOST_PROSE],
        )

    def _situation(self, brief: Brief, session: Session) -> Situation:
        abilities = self._model.abilities
        return Situation(
            facts=self._runtime(brief.request.framework or "pytorch"),
            model=self._name,
            window=abilities.context_tokens,
            window_known=abilities.context_known,
            time_limit_s=session.run_limit_s,
            quoter=Quoter(),
        )

    @property
    def _name(self) -> str:
        return self._model.endpoint.model


def _sources(prompt: Prompt) -> dict[str, list[str]]:
    """Which pattern a model took for which file is not known; that it was shown them is."""
    return {"the prompt": prompt.patterns}


def _read_project(reply: Reply) -> tuple[FilesRead, str | None, str | None]:
    """The files of a reply, the entry among them, and what to object where they are no project."""
    read = read_files(reply.text)
    torn = [name for name in read.unfinished if reply.ended != "complete" or not _parses(name, read.files[name])]
    try:
        entry, unclear = find_entry(read.files), ""
    except ProgramError as error:
        entry, unclear = None, str(error) if any(name.endswith(".py") for name in read.files) else ""
    if entry and not torn and not read.left_out:
        return read, entry, None
    asked = {
        "torn": torn,
        "left_out": read.left_out,
        "unclear": unclear,
        "problems": [one for one in read.problems if one != NO_FILE],
    }
    return read, None if torn else entry, render("no_files", **asked)


def _parses(name: str, text: str) -> bool:
    """Whether a file whose fence was never closed is whole all the same."""
    return not name.endswith(".py") or parse(text) is not None


def _without_data(files: Files, brief: Brief) -> Files:
    """The files without those that would take the place of what the user attached."""
    attached = {item.path for item in brief.attachments}
    return {name: text for name, text in files.items() if name not in attached}


def _data(files: Files) -> Files:
    return {name: content for name, content in files.items() if isinstance(content, bytes)}
