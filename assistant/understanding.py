"""What a question asks for, and the answer to one that needs no code: by rules, and by a model where one is used."""

from assistant.errors import BudgetSpent, ModelUnavailable
from assistant.explain import Explained, explain_with_model
from assistant.model.client import Model
from assistant.model.session import Session
from assistant.request.attachments import Attachment
from assistant.request.by_model import ModelReading, read_by_model
from assistant.request.settle import Understanding, settle_request
from assistant.request.understand import understand
from assistant.schema import PythonMLDLRequest
from assistant.turn import DrafterChoice, Turn
from knowledge.schema import Hit


def read_question(
    question: str,
    turn: Turn,
    attachments: list[Attachment],
    previous: PythonMLDLRequest | None,
    *,
    composes: bool,
    model: Model | None = None,
    session: Session | None = None,
) -> tuple[Understanding, list[str]]:
    """What is asked for, and remarks: the structured request where there is one, else the question's words.

    `composes` says that the embedded drafter will draft, which declines what it has no patterns for. A model that
    cannot be asked leaves the question to the rules, which is said.
    """
    asked = {"framework": turn.framework, "attachments": attachments, "composes": composes}
    if turn.request:
        return settle_request(turn.request, **asked), []
    remarks: list[str] = []

    def read(
        question: str, rules: Understanding, previous: PythonMLDLRequest | None, attachments: list[Attachment]
    ) -> ModelReading | None:
        options = {"rules": rules, "previous": previous, "attachments": attachments}
        try:
            return read_by_model(question, **options, model=model, session=session)
        except (ModelUnavailable, BudgetSpent) as error:
            remarks.append(f"{error} So the question was read by rules alone.")
            return None

    return understand(question, previous=previous, **asked, reader=read if model else None), remarks


def explain_question(
    question: str, hits: list[Hit], session: Session, *, model: Model, choice: DrafterChoice, project: str = ""
) -> tuple[Explained | None, str]:
    """The model's answer, or None and why it cannot be asked, so that the patterns answer alone.

    `project` tells of the conversation's project. Raises ModelUnavailable or BudgetSpent where the model was asked for
    by name and no pattern answers.
    """
    try:
        return explain_with_model(question, hits, model=model, session=session, project=project), ""
    except (ModelUnavailable, BudgetSpent) as error:
        if choice == "llm" and not hits:
            raise
        return None, str(error)
