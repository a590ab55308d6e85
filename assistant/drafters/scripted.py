"""A drafter that plays given drafts in order: the fake that ships, for testing the loop without a model."""

from assistant.design.plan import Design
from assistant.drafters.base import Draft, Files
from assistant.repair import Repair
from assistant.schema import Attempt, PythonMLDLRequest
from knowledge.schema import Hit


class ScriptedDrafter:
    """Answers with the next draft each time; `asked` keeps what it was told to repair."""

    name = "embedded"

    def __init__(self, drafts: list[Files], *, entry: str = "train.py") -> None:
        self._drafts = iter(drafts)
        self._entry = entry
        self.asked: list[Repair] = []

    def draft(self, request: PythonMLDLRequest, design: Design, patterns: dict[str, Hit]) -> Draft:  # noqa: ARG002
        """The first of the drafts given."""
        return Draft(files=next(self._drafts), entry=self._entry)

    def repair(
        self,
        request: PythonMLDLRequest,  # noqa: ARG002
        design: Design,  # noqa: ARG002
        patterns: dict[str, Hit],  # noqa: ARG002
        attempt: Attempt,  # noqa: ARG002
        repair: Repair,
    ) -> Draft | None:
        """The next of the drafts given; None when they are used up."""
        self.asked.append(repair)
        files = next(self._drafts, None)
        return Draft(files=files, entry=self._entry, note=f"scripted, for {repair.fault}") if files else None
