"""Titles, ids and questions for what a document holds, from its headings and its own words."""

import hashlib
import re
from functools import lru_cache
from pathlib import PurePosixPath

from ingest.instructions import flags_of
from ingest.programs import Program
from ingest.python_source import title_of
from ingest.reading import Reading

LONGEST_TITLE, LONGEST_WHY, LONGEST_QUESTION = 120, 1200, 200
OF_MANY = {"__init__", "app", "demo", "example", "index", "main", "model", "readme", "run", "test", "train", "utils"}
"""File names that say nothing without their folder's."""
NO_TITLE = re.compile(r"(?:copyright|©|licen[sc]|\(c\)|table of contents|contents$|authors?$)", re.IGNORECASE)
MARKUP = re.compile(
    r"!\[[^\]]*\]\([^)]*\)|\{#[^}]*\}|<[^>]{1,80}>|:[a-z:]+:(?=`)|[*_`]{1,3}(?=\w)|(?<=\w)[*_`]{1,3}(?!\w)|`"
)
LONGEST_HEADING = 2000
"""Characters; the expressions here take the square of that."""
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)|`([^`<]+?) ?<[^>]*>`_*")


def plain(text: str) -> str:
    """Words without markup, on one line."""
    said = LINK.sub(lambda found: found[1] or found[2] or "", text[:LONGEST_HEADING])
    return " ".join(MARKUP.sub("", said).replace("¶", "").split())


def slug(text: str, *, otherwise: str) -> str:
    """As a part of an id."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:48].strip("-") or otherwise


def stem_words(reading: Reading) -> str:
    """The words of the file's name, unless that speaks to a model itself."""
    path = PurePosixPath(reading.document.path)
    name = f"{path.parent.name} {path.stem}" if path.stem.lower() in OF_MANY else path.stem
    words = " ".join(re.findall(r"[A-Za-z0-9]+", name))
    return words if words and not flags_of(words) else "document"


def folder_slug(reading: Reading) -> str:
    """The name of the document's source as a part of ids, unless that speaks to a model."""
    words = " ".join(re.findall(r"[A-Za-z0-9]+", reading.document.folder))
    return "own" if flags_of(words) else slug(words, otherwise="own")


def headings_of(reading: Reading, program: Program) -> list[str]:
    """Those that all pieces of a program stand under."""
    paths = [reading.sections[piece.section].headings for piece in program.pieces]
    common = [names[0] for names in zip(*paths, strict=False) if len(set(names)) == 1]
    return [plain(name) for name in common if plain(name)]


def title_for(reading: Reading, program: Program, apis: list[str]) -> str:
    """What a program shows: its docstring's first line, or the headings over it. Of a flagged document only names."""
    words = stem_words(reading).capitalize()
    if reading.flags:
        names = dict.fromkeys(api.rpartition(".")[2] for api in apis)
        return f"{words}: {', '.join(list(names)[:5])}"[:LONGEST_TITLE] if names else words
    if reading.is_file and len(program.pieces) == 1:
        first = next(iter(reading.sections[0].headings), "")
        return plain(title_of(first))[:LONGEST_TITLE] or words
    return titled(reading, headings_of(reading, program))


def titled(reading: Reading, headings: list[str]) -> str:
    """The last heading, after the document's title where that is another."""
    title = document_title(reading)
    last = headings[-1] if headings else ""
    both = f"{title}: {last}" if last and last.lower() not in title.lower() else title
    return both[:LONGEST_TITLE].strip(" :").removesuffix(".") or "Document"


def topic_for(reading: Reading, headings: list[str]) -> str:
    """By the last heading, which is the document's own word for it; `own` for a flagged document.

    The topics of gradproof's own patterns are not guessed at: those of the nearest one, by its interfaces or by its
    meaning, are right in a quarter to a half of the cases.
    """
    return "own" if reading.flags else slug(headings[-1] if headings else document_title(reading), otherwise="own")


def document_title(reading: Reading) -> str:
    """Its first heading that says what it is about, else its file's name."""
    headings = tuple(section.headings[0] for section in reading.sections if section.headings)
    return _first_telling(headings) or stem_words(reading).capitalize()


@lru_cache(maxsize=1)  # asked for every note of a document, which may have a hundred thousand headings
def _first_telling(headings: tuple[str, ...]) -> str:
    names = map(plain, headings)
    return next((name for name in names if name and not NO_TITLE.match(name)), "")


def prose_of(reading: Reading, program: Program) -> str:
    """What stands around a program, from its first section on; empty for a flagged document."""
    if reading.flags:
        return ""
    numbers = dict.fromkeys(piece.section for piece in program.pieces)
    said = " ".join(plain(reading.sections[number].prose) for number in numbers).strip()
    return said if len(said) <= LONGEST_WHY else said[: LONGEST_WHY - 1].rpartition(" ")[0] + "…"


def questions_for(reading: Reading, program: Program, *, title: str, framework: str, described: list[str]) -> list[str]:
    """How people may ask for it: at least three, none twice."""
    words = stem_words(reading)
    headings = [] if reading.flags else headings_of(reading, program)
    first = re.split(r"(?<=[.!?])\s", prose_of(reading, program))[0]
    asked = [title, " ".join(headings), words, f"{words} {framework}", f"{title} {framework}", first]
    asked += [] if reading.flags else described
    return [text for text in dict.fromkeys(question[:LONGEST_QUESTION].strip() for question in asked) if text]


def short_hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:6]
