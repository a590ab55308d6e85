"""Who drafts, and what happens when the model that should have drafted cannot be asked."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from assistant.design.composable import missing_parts
from assistant.design.contract import declare
from assistant.drafters.base import Brief, Draft, Drafter
from assistant.errors import BudgetSpent, ModelUnavailable
from assistant.model.session import Session
from assistant.request.attachments import data_file
from assistant.retrieve import missing_patterns
from assistant.schema import DrafterName, Files
from assistant.turn import DrafterChoice

if TYPE_CHECKING:
    from assistant.model.client import Model

INSTEAD = "So the embedded drafter wrote the project, which needs no model."


class Chosen(NamedTuple):
    """Who drafts."""

    name: DrafterName
    failure: str = ""
    """Why it is not the model that is configured, in one sentence."""


def choose_drafter(
    choice: DrafterChoice,
    *,
    configured: bool,
    open_model: Callable[[], "Model"],
    cancel: threading.Event | None = None,
) -> Chosen:
    """The drafter asked for; for "auto" the model where its endpoint answers, else the embedded one.

    Raises ModelUnavailable where "llm" was asked for and cannot be had, and Stopped once `cancel` is set.
    """
    if choice == "embedded" or (choice == "auto" and not configured):
        return Chosen("embedded")
    try:
        open_model().find_abilities(cancel=cancel)
    except ModelUnavailable as error:
        if choice == "llm":
            raise
        return Chosen("embedded", str(error))
    return Chosen("llm")


def first_draft(brief: Brief, session: Session, *, drafter: Drafter, embedded: Drafter | None) -> Draft:
    """The first draft; where its model fails, that of `embedded`, which is said.

    Raises ModelUnavailable or BudgetSpent where the model fails and nothing stands in for it.
    """
    try:
        draft = drafter.draft(brief, session)
    except (ModelUnavailable, BudgetSpent) as error:
        if embedded is None:
            raise
        draft = stand_in(brief, session, error, embedded)
    return completed(draft, brief)


def completed(draft: Draft, brief: Brief) -> Draft:
    """The draft with what it was made from, and with the attached data file that its request names."""
    item = data_file(brief.attachments, brief.request.ml_task.dataset_info.dataset_path)
    data: Files = {item.path: item.content} if item else {}
    lessons = {f"lesson {n}": hit for n, hit in enumerate(brief.lessons, 1)}
    made_from = {"design": brief.design, "contract": declare(brief.request), "patterns": {**brief.patterns, **lessons}}
    return draft.model_copy(update={**made_from, "files": draft.files | data})


def may_stand_in(brief: Brief, choice: DrafterChoice) -> bool:
    """Whether the embedded drafter may take over from a model, and can compose all that was asked for."""
    missing = [*brief.unplanned, *missing_parts(brief.request), *missing_patterns(brief.request, brief.patterns)]
    return choice == "auto" and not missing


def stand_in(brief: Brief, session: Session, error: Exception, embedded: Drafter) -> Draft:
    """The embedded drafter's project, with the reason why it is not the model's."""
    return embedded.draft(brief, session).model_copy(update={"remarks": [f"{error} {INSTEAD}"]})
