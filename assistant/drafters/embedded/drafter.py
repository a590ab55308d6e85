"""The embedded drafter: composes, and recomposes with the numbers that a repair revised."""

from assistant.drafters.base import Brief, Draft, Failure
from assistant.drafters.embedded.compose import compose
from assistant.model.session import Session
from assistant.schema import DrafterName


class EmbeddedDrafter:
    """Needs no model: what is retrieved is what is used."""

    name: DrafterName = "embedded"

    def draft(self, brief: Brief, session: Session) -> Draft:  # noqa: ARG002 - nothing here takes long
        """The project that the design describes."""
        return compose(brief.request, brief.design, brief.patterns)

    def repair(self, brief: Brief, failure: Failure, session: Session) -> Draft | None:
        """The project with the revised numbers; None where the repair revises none, or mending changed nothing."""
        revisions = failure.repair.revisions
        if not revisions or failure.repair.approach != "mend":
            return None
        note = "; ".join(f"{item.field.rpartition('.')[2]} is now {item.value}: {item.reason}" for item in revisions)
        return self.draft(brief, session).model_copy(update={"note": note})
