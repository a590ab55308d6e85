"""The conversations in tests/data/conversations: a project with one realistic mistake, and the same mended.

Each folder holds the files as they should be (`project`) and `conversation.toml`: the question, the lines as a model
writes them first and after it was told (`wrong` and `right` of each `mistake`), and what the mistake must lead to.
"""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from assistant.schema import Framework

FOLDER = Path(__file__).parent / "data" / "conversations"


class Mistake(BaseModel):
    """Lines that stand once in a file of the project, and what stands there instead in the first draft."""

    file: str
    wrong: str
    right: str


class Conversation(BaseModel):
    """One folder of tests/data/conversations."""

    name: str
    question: str
    fixed: dict[str, str]
    """The files without the mistake."""
    mistake: list[Mistake]
    fault: str
    """The id under which the gate names the mistake."""
    says: list[str]
    """Words that must be told to whoever is to mend it."""
    file: str | None = None
    line: str | None = None
    """Source of the line to be shown, without its indentation, where one can be known."""
    follows: list[str] = []
    """Further faults that the mistake causes."""
    lint: str | None = None
    """The code under which it is named without running anything."""
    time_limit: float = 60.0

    @property
    def framework(self) -> Framework:
        return "pytorch" if self.name.startswith("torch") else "tensorflow"

    @property
    def broken(self) -> dict[str, str]:
        """The files as they are first drafted."""
        files = dict(self.fixed)
        for one in self.mistake:
            assert files[one.file].count(one.right) == 1, f"{self.name}: the right lines must stand once in {one.file}"
            files[one.file] = files[one.file].replace(one.right, one.wrong)
        return files


@cache
def read_conversation(name: str) -> Conversation:
    folder = FOLDER / name
    written = tomllib.loads((folder / "conversation.toml").read_text(encoding="utf-8"))
    paths = sorted((folder / "project").rglob("*.py"))
    files = {path.relative_to(folder / "project").as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return Conversation(name=name, fixed=files, **written)


def all_names() -> list[str]:
    """By framework, so that one interpreter is warm for all of a framework's."""
    return sorted(path.name for path in FOLDER.iterdir())
