"""What a question asks for, and the answer to one that needs no code: by rules, and by a model where one is used."""

from typing import TYPE_CHECKING

from assistant.drafters.base import Session
from assistant.errors import BudgetSpent, ModelUnavailable
from assistant.explain import Explained
from assistant.request.attachments import Attachment
from assistant.request.settle import Understanding, settle_request
from assistant.request.understand import understand
from assistant.schema import PythonMLDLRequest
from assistant.turn import DrafterChoice, Turn
from knowledge.schema import Hit

if TYPE_CHECKING:
    from assistant.model.client import Model
    from assistant.request.by_model import ModelReading, Reader


def read_question(
    question: str,
    turn: Turn,
    attachments: list[Attachment],
    previous: PythonMLDLRequest | None,
    *,
    composes: bool,
    reader: "Reader | None" = None,
) -> Understanding:
    """What is asked for: the structured request where there is one, else the question's words.

    `composes` says that the embedded drafter will draft, which declines what it has no patterns for.
    """
    if turn.request:
        return settle_request(turn.request, framework=turn.framework, attachments=attachments, composes=composes)
    return understand(
        question, previous=previous, framework=turn.framework, attachments=attachments, composes=composes, reader=reader
    )


def model_reader(model: "Model", session: Session) -> "Reader":
    """A reader that leaves the question to the rules where the model cannot be asked."""
    from assistant.request.by_model import read_by_model

    def read(
        question: str, rules: Understanding, previous: PythonMLDLRequest | None, attachments: list[Attachment]
    ) -> "ModelReading | None":
        try:
            return read_by_model(
                question, rules=rules, previous=previous, attachments=attachments, model=model, session=session
            )
        except (ModelUnavailable, BudgetSpent):
            return None

    return read


def explain_question(
    question: str, hits: list[Hit], session: Session, *, model: "Model", choice: DrafterChoice
) -> tuple[Explained | None, list[str]]:
    """The model's answer, and remarks. None where it cannot be asked, so that the patterns answer alone.

    Raises ModelUnavailable or BudgetSpent where the model was asked for by name and no pattern answers.
    """
    from assistant.explain import explain_with_model

    try:
        return explain_with_model(question, hits, model=model, session=session), []
    except (ModelUnavailable, BudgetSpent) as error:
        if choice == "llm" and not hits:
            raise
        return None, [f"{error} So the vetted patterns answer alone."]
