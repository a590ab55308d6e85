"""From a failed attempt to the next draft: what should change, the patterns for it, and the drafter's answer."""

from pydantic import BaseModel

from assistant.design.plan import Design, design_project
from assistant.drafters.base import Draft, Drafter
from assistant.repair import Repair, Revision, apply_revisions, plan_repair
from assistant.retrieve import retrieve_explanations, retrieve_roles
from assistant.schema import Attempt, PythonMLDLRequest
from knowledge.index import Index
from knowledge.schema import Hit


class Redraft(BaseModel):
    """The plan of a repair and the draft that came of it."""

    repair: Repair
    revisions: list[Revision]
    """Those of this question's earlier repairs too."""
    patterns: dict[str, Hit]
    design: Design
    draft: Draft | None
    """None where the drafter knows no way."""


def redraft(
    request: PythonMLDLRequest,
    design: Design,
    attempt: Attempt,
    *,
    revisions: list[Revision],
    index: Index,
    drafter: Drafter,
) -> Redraft:
    """Plan the repair of `attempt`, search what is known of its fault, and draft again with the revised numbers.

    `request` is what the user asked; it stays, and revisions are laid over a copy of it.
    """
    repair = plan_repair(request, design, attempt)
    repair = repair.model_copy(
        update={"related": retrieve_explanations(repair.instruction, request.framework, index)},
    )
    all_revisions = [*revisions, *repair.revisions]
    revised = apply_revisions(request, all_revisions)
    patterns = retrieve_roles(revised, index)
    new_design = design_project(revised, revised={item.field: item.reason for item in all_revisions})
    draft = drafter.repair(revised, new_design, patterns, attempt, repair)
    if draft:
        draft = draft.model_copy(update={"design": new_design, "patterns": patterns})
    return Redraft(repair=repair, revisions=all_revisions, patterns=patterns, design=new_design, draft=draft)
