"""Collecting a project's numbers, each with where it comes from."""

from typing import Any

from assistant.schema import DesignChoice


class Chooser:
    """Collects values; the user's own win and are marked so."""

    def __init__(self, revised: dict[str, str]) -> None:
        self.revised = revised
        self.config: dict[str, Any] = {}
        self.choices: list[DesignChoice] = []

    def pick(self, name: str, asked: Any, default: Any, reason: str) -> Any:
        value = default if asked is None else asked
        why = self.revised.get(name) or (reason if asked is None else "as asked")
        self.config[name] = value
        self.choices.append(DesignChoice(name=name, value=str(value), reason=why))
        return value
