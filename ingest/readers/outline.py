"""What every reader makes of a document: sections, each with its headings, its prose and its code."""

from pydantic import BaseModel


class Block(BaseModel):
    """Code as it stands in a document."""

    language: str = ""
    """As the document names it, in lower case; empty where it does not say."""
    code: str
    line: int
    """Of its first line in the document, from 1; in a notebook the number of its cell."""
    lead: str = ""
    """The paragraph right before it, in its section."""


class Section(BaseModel):
    """What stands under one heading, up to the next."""

    headings: list[str] = []
    """From the document's title down to this section's own."""
    prose: str = ""
    blocks: list[Block] = []
    line: int = 1


class Outline:
    """Collects sections while a document is read from top to bottom."""

    def __init__(self) -> None:
        self._path: list[tuple[int, str]] = []
        self._sections = [Section()]
        self._prose: list[str] = []

    def heading(self, level: int, text: str, *, line: int) -> None:
        """Begin a section below the last heading of a lower level."""
        self._close()
        self._path = [*(one for one in self._path if one[0] < level), (level, " ".join(text.split()))]
        self._sections.append(Section(headings=[name for _, name in self._path if name], line=line))

    def prose(self, text: str) -> None:
        if text.strip():
            self._prose.append(text.strip())

    def code(self, code: str, *, line: int, language: str = "") -> None:
        if code.strip():
            lead = self._prose[-1] if self._prose else ""
            block = Block(language=language.lower(), code=code.strip("\n"), line=line, lead=lead)
            self._sections[-1].blocks.append(block)

    def finish(self) -> list[Section]:
        """The sections that hold something, in their order."""
        self._close()
        return [section for section in self._sections if section.prose or section.blocks]

    def _close(self) -> None:
        self._sections[-1].prose = "\n\n".join(self._prose)
        self._prose = []
