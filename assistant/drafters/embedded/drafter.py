"""The embedded drafter: composes, and recomposes with the numbers that a repair revised."""

from assistant.design.plan import Design
from assistant.drafters.base import Draft
from assistant.drafters.embedded.compose import compose
from assistant.repair import Repair
from assistant.schema import Attempt, PythonMLDLRequest
from knowledge.schema import Hit


class EmbeddedDrafter:
    """Needs no model: what is retrieved is what is used."""

    name = "embedded"

    def draft(self, request: PythonMLDLRequest, design: Design, patterns: dict[str, Hit]) -> Draft:
        """The project that the design describes."""
        return compose(request, design, patterns)

    def repair(
        self,
        request: PythonMLDLRequest,
        design: Design,
        patterns: dict[str, Hit],
        attempt: Attempt,  # noqa: ARG002 - the revised design already holds what the attempt taught
        repair: Repair,
    ) -> Draft | None:
        """The project with the revised numbers; None where the repair revises none."""
        if not repair.revisions:
            return None
        note = "; ".join(
            f"{item.field.rpartition('.')[2]} is now {item.value}: {item.reason}" for item in repair.revisions
        )
        return compose(request, design, patterns).model_copy(update={"note": note})
