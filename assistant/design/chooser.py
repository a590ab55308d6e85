"""Collecting a project's numbers, each with where it comes from."""

from collections.abc import Collection
from typing import Any

from assistant.schema import DesignChoice

OF_THE_CODE = "for where the attached code has no value of its own"
UNDERSTOOD = "as understood from the question"


class Chooser:
    """Collects values; the user's own win and are marked so."""

    def __init__(
        self, revised: dict[str, str], *, stated: Collection[str] | None = None, has_code: bool = False
    ) -> None:
        """`revised` and `stated` go by the names of the values; `stated` None says that whatever was asked for is."""
        self.revised = revised
        self.stated = stated
        self.has_code = has_code
        self.config: dict[str, Any] = {}
        self.choices: list[DesignChoice] = []

    def pick(self, name: str, asked: Any, default: Any, reason: str) -> Any:
        value = default if asked is None else asked
        self.config[name] = value
        why = self.revised.get(name) or self._why(name, asked, reason)
        self.choices.append(DesignChoice(name=name, value=str(value), reason=why))
        return value

    def _why(self, name: str, asked: Any, reason: str) -> str:
        if asked is None:
            return OF_THE_CODE if self.has_code else reason
        return "as asked" if self.stated is None or name in self.stated else UNDERSTOOD
