"""The scripted conversations in tests/data/conversations: a draft with one realistic mistake, and the same mended.

Each folder holds `question.txt`, the files as a model would first write them (`broken`) and after it was told what is
wrong (`fixed`), and `expects.toml`: `fault`, the id under which the mistake is named; `says`, words that must be told
to whoever is to mend it; `file` and `line`, the source line to be shown, where one can be known; `follows`, further
faults that the mistake causes; `lint`, the code under which it is named without running anything; `time_limit` in
seconds.
"""

import tomllib
from pathlib import Path

from pydantic import BaseModel

FOLDER = Path(__file__).parent / "data" / "conversations"


class Expected(BaseModel):
    """What a conversation must lead to."""

    fault: str
    says: list[str]
    file: str | None = None
    line: str | None = None
    """Source of the line, without its indentation."""
    follows: list[str] = []
    lint: str | None = None
    time_limit: float = 60.0


class Conversation:
    """One folder of tests/data/conversations."""

    def __init__(self, name: str) -> None:
        self.name, self.folder = name, FOLDER / name
        self.framework = "pytorch" if name.startswith("torch") else "tensorflow"
        self.expected = Expected.model_validate(tomllib.loads((self.folder / "expects.toml").read_text()))
        self.question = (self.folder / "question.txt").read_text().strip()
        self.broken, self.fixed = self._files("broken"), self._files("fixed")

    def _files(self, kind: str) -> dict[str, str]:
        root = self.folder / kind
        return {path.relative_to(root).as_posix(): path.read_text() for path in sorted(root.rglob("*.py"))}


def all_names() -> list[str]:
    """By framework, so that one interpreter is warm for all of a framework's."""
    return sorted(path.name for path in FOLDER.iterdir())
