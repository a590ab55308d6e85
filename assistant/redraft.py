"""From a failed attempt to the next draft: what should change, the patterns for it, and the drafter's answer."""

from pydantic import BaseModel

from assistant.design.plan import design_project
from assistant.drafters.base import Brief, Draft, Drafter, Failure
from assistant.drafting import completed, stand_in
from assistant.errors import BudgetSpent, ModelUnavailable
from assistant.model.session import Session
from assistant.repair import Repair, Revision, apply_revisions, next_approach, plan_repair, since_first_draft
from assistant.retrieve import retrieve_for_fault, retrieve_roles
from assistant.schema import Attempt
from knowledge.search import Index


class Redraft(BaseModel):
    """The plan of a repair and the draft that came of it."""

    repair: Repair
    revisions: list[Revision]
    """Those of this question's earlier repairs too."""
    brief: Brief
    """With the design and the patterns for the revised numbers."""
    drafts: list[Draft] = []
    """The new one; empty where the drafter knows no way, or its model failed."""
    remarks: list[str] = []


def redraft(
    brief: Brief,
    drafts: list[Draft],
    attempts: list[Attempt],
    session: Session,
    *,
    revisions: list[Revision],
    index: Index | None,
    drafter: Drafter,
    embedded: Drafter | None,
) -> Redraft:
    """Plan the repair of the last attempt, search what is known of its fault, and draft again with the revised numbers.

    `brief.request` is what the user asked; it stays, and revisions are laid over a copy of it. Without an index nothing
    is searched. Where a model fails `embedded` stands in for it, or else the drafts before are kept; both are said.
    """
    approach = next_approach(since_first_draft(attempts)) or "fresh"
    repair = plan_repair(brief.request, brief.design, attempts[-1], approach=approach)
    if index:
        related = retrieve_for_fault(repair, attempts[-1], drafts[-1].files, index, framework=brief.request.framework)
        repair = repair.model_copy(update={"related": related})
    revised = _revised(brief, [*revisions, *repair.revisions], index)
    made = Redraft(repair=repair, revisions=[*revisions, *repair.revisions], brief=revised)
    failure = Failure(draft=drafts[-1], attempt=attempts[-1], repair=repair, earlier=drafts[:-1])
    try:
        draft = _mended_or_fresh(drafter, revised, failure, session)
    except (ModelUnavailable, BudgetSpent) as error:
        if embedded is None:
            remark = f"{error} No further repair was made; the best draft so far is kept."
            return made.model_copy(update={"remarks": [remark]})
        draft = stand_in(revised, session, error, embedded)
    return made.model_copy(update={"drafts": [completed(draft, revised)]}) if draft else made


def _mended_or_fresh(drafter: Drafter, brief: Brief, failure: Failure, session: Session) -> Draft | None:
    """The repaired draft, or a fresh one where a model was told what fails and changed nothing."""
    draft = drafter.repair(brief, failure, session)
    if draft is None and drafter.name == "llm" and failure.repair.approach != "fresh":
        fresh = failure.repair.model_copy(update={"approach": "fresh"})
        return drafter.repair(brief, failure.model_copy(update={"repair": fresh}), session)
    return draft


def _revised(brief: Brief, revisions: list[Revision], index: Index | None) -> Brief:
    request = apply_revisions(brief.request, revisions)
    design = design_project(request, revised={item.field: item.reason for item in revisions})
    patterns = retrieve_roles(request, index) if index else brief.patterns
    return brief.model_copy(update={"request": request, "design": design, "patterns": patterns})
