"""Answers in prose to questions that need no code: a model's, held against the vetted patterns that it cites."""

from collections.abc import Sequence

from pydantic import BaseModel

from assistant.citations import check_citations, mark_code, without_source_list
from assistant.model.client import Model
from assistant.model.schema import Message, Reply
from assistant.model.session import Session
from assistant.model.tokens import estimate_tokens
from assistant.prompts import render
from assistant.prompts.context import Part, fit, told_left_out
from assistant.prompts.patterns import patterns_block, related_parts
from assistant.prompts.quote import Quoter
from knowledge.schema import Hit

MAX_TOKENS = 2000
TEMPERATURE = 0.2
UNCHECKED = "No vetted pattern covers this; what follows is the model's own, unchecked."
CITES_NOTHING = "*What follows cites none of the vetted patterns that were found: it is the model's own, unchecked.*"
BREAKS_OFF = "The model's answer breaks off; ask for the part that is missing."


class Explained(BaseModel):
    """A model's explanation, checked for its citations."""

    markdown: str
    """With the list of its sources, which is made here and not by the model."""
    cited: list[str] = []
    """Ids of the patterns that it cites and was given."""
    remarks: list[str] = []


def explain_with_model(
    question: str, hits: list[Hit], *, model: Model, session: Session, project: str = ""
) -> Explained | None:
    """The model's answer, checked; None where it says nothing, or has no room for what is known.

    `project` tells of the conversation's project, which the question may be about. Raises ModelUnavailable,
    BudgetSpent or Stopped where the model cannot be asked.
    """
    quoter = Quoter()
    system = render("explain", marker=quoter.opening, example=hits[0].pattern.id if hits else None)
    asked = quoter.data("the question", question)
    if project:
        asked = f"{quoter.data('the project of this conversation', project)}\n\n{asked}"
    kept, left_out = _fitted(hits, [system, asked], model)
    shown = [hit for hit in hits if hit.pattern.id in {part.pattern for part in kept}]
    if hits and not shown:
        return None
    user = "\n\n".join(block for block in (patterns_block(kept, quoter), asked) if block)
    reply = model.reply(
        [Message(role="system", content=system), Message(role="user", content=user)],
        meter=session.meter,
        max_tokens=MAX_TOKENS,
        temperature=TEMPERATURE,
        on_text=session.on_text,
        cancel=session.cancel,
    )
    return check_explanation(reply, shown, remarks=left_out)


def _fitted(hits: Sequence[Hit], necessary: Sequence[str], model: Model) -> tuple[list[Part], list[str]]:
    """The patterns that the model's window has room for beside the necessary texts, and what was left out."""
    window, parts = model.abilities.context_tokens, related_parts(hits)
    tokens = sum(estimate_tokens(text) for text in necessary)
    kept = fit(parts, necessary=tokens, window=window, model=model.endpoint.model)
    return kept, told_left_out(parts, kept, window=window, known=model.abilities.context_known)


def check_explanation(reply: Reply, hits: Sequence[Hit], *, remarks: Sequence[str] = ()) -> Explained | None:
    """What the model wrote, with only the citations of `hits` left, its code marked, and its sources listed."""
    text = without_source_list(reply.text.strip())
    if not text:
        return None
    text, cited, invented = check_citations(text, [hit.pattern.id for hit in hits])
    found = [*remarks, *_invented(invented)]
    if reply.ended != "complete":
        found.append(BREAKS_OFF)
    sources = _sources([hit for hit in hits if hit.pattern.id in cited])
    warning = UNCHECKED if not hits else "" if cited else CITES_NOTHING
    parts = [warning, mark_code(text, hits), sources]
    return Explained(markdown="\n\n".join(part for part in parts if part), cited=cited, remarks=found)


def _invented(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    said = ", ".join(f"'{name}'" for name in names[:5])
    are = "is" if len(names) == 1 else "are"
    return [f"The model cited {said}, which {are} none of its sources; that was removed."]


def _sources(hits: Sequence[Hit]) -> str:
    return "\n".join(["**Sources**", "", *(_source(hit) for hit in hits)]) if hits else ""


def _source(hit: Hit) -> str:
    return f"- `{hit.pattern.id}`: {hit.pattern.title} ({hit.pattern.proof})"
