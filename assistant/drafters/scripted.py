"""A drafter that plays given drafts in order: the fake that ships, for testing the loop without a model."""

from assistant.drafters.base import Brief, Draft, Failure
from assistant.model.session import Session
from assistant.repair import Repair
from assistant.schema import DrafterName, Files


class ScriptedDrafter:
    """Answers with the next draft each time; `asked` keeps what it was told to repair."""

    def __init__(self, drafts: list[Files], *, entry: str = "train.py", name: DrafterName = "embedded") -> None:
        self.name = name
        self._drafts = iter(drafts)
        self._entry = entry
        self.asked: list[Repair] = []

    def draft(self, brief: Brief, session: Session) -> Draft:  # noqa: ARG002
        """The first of the drafts given."""
        return Draft(files=next(self._drafts), entry=self._entry, drafter=self.name)

    def repair(self, brief: Brief, failure: Failure, session: Session) -> Draft | None:  # noqa: ARG002
        """The next of the drafts given; None when they are used up."""
        self.asked.append(failure.repair)
        files = next(self._drafts, None)
        note = f"scripted, for {failure.repair.fault}"
        return Draft(files=files, entry=self._entry, drafter=self.name, note=note) if files else None
