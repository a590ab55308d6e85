"""Search/replace blocks of a reply, and applying them: a search text must be found exactly once."""

import difflib
from typing import NamedTuple

from pydantic import BaseModel

from assistant.drafters.llm.reading.edit_blocks import Edit, cut_edits
from assistant.drafters.llm.reading.fragments import lost_names
from assistant.drafters.llm.reading.matching import Place, find, nearest, shifted
from assistant.drafters.llm.reading.paths import clashes, tidy_path, why_refused
from assistant.drafters.llm.reading.plain_text import plain_text
from assistant.drafters.llm.reply import MOST_FILES, NO_FILE, FilesRead, read_files
from assistant.schema import Files

_SHOWN_LINES = 12
_SHOWN_WIDTH = 160


class EditsRead(BaseModel):
    """The search/replace blocks of a reply."""

    edits: list[Edit] = []
    problems: list[str] = []
    """One sentence for each block that cannot be read."""


class Rejected(BaseModel):
    """A change that was not made."""

    n: int | None
    """Number of the block in the reply, from 1; None for a whole file."""
    path: str
    """As the model wrote it; empty where it named none."""
    reason: str
    """Written for the model: which block, which file, and what is there instead. Code lines may follow the sentence."""


class Applied(BaseModel):
    files: Files
    rejected: list[Rejected] = []


class FilesRevised(BaseModel):
    """A project after the whole files and the edits of a reply."""

    files: Files
    given: int = 0
    """How many whole files and edits the reply held, the rejected ones among them."""
    prose: str = ""
    problems: list[str] = []
    rejected: list[Rejected] = []


class _Refusal(NamedTuple):
    reason: str


def read_edits(text: str) -> EditsRead:
    """The search/replace blocks of a reply, in order."""
    edits, _, problems = cut_edits(plain_text(text).split("\n"))
    return EditsRead(edits=edits, problems=problems)


def apply_edits(files: Files, edits: list[Edit]) -> Applied:
    """The files with every edit that applies, each upon the result of those before it; nothing raises."""
    current, rejected = dict(files), []
    for edit in edits:
        path = _path_of(edit, current)
        outcome = _apply(edit, path, current)
        if isinstance(outcome, _Refusal):
            reason = f"Block {edit.n}{f' ({path})' if path else ''}: {outcome.reason}"
            rejected.append(Rejected(n=edit.n, path=path, reason=reason))
        else:
            current[path] = outcome
    return Applied(files=current, rejected=rejected)


def read_revision(text: str, files: Files, *, complete: bool = True) -> FilesRevised:
    """The project after a reply that holds whole files, edits, or both; whole files are put in place first.

    `complete=False` says that the reply was cut: a file that ends with it is then not taken.
    """
    edits, rest, problems = cut_edits(plain_text(text).split("\n"))
    read = read_files("\n".join(rest))
    if (edits or problems) and not read.files:
        read = read.model_copy(update={"problems": [one for one in read.problems if one != NO_FILE]})
    whole, rejected = _whole_files(read, files, complete=complete)
    applied = apply_edits({**files, **whole}, edits)
    return FilesRevised(
        files=applied.files,
        given=len(read.files) + len(edits),
        prose=read.prose,
        problems=[*problems, *read.problems],
        rejected=[*rejected, *applied.rejected],
    )


def _whole_files(read: FilesRead, files: Files, *, complete: bool) -> tuple[Files, list[Rejected]]:
    """The whole files that may take the place of what is there, and those that would tear a hole into it."""
    whole: Files = {}
    rejected: list[Rejected] = []
    for path, content in read.files.items():
        known = _known(path, files)
        if reason := _tears(path, known, read, files, complete=complete):
            rejected.append(Rejected(n=None, path=known, reason=f"{known!r} was not replaced: {reason}"))
        else:
            whole[known] = content
    return whole, rejected


def _tears(path: str, known: str, read: FilesRead, files: Files, *, complete: bool) -> str | None:
    if path in read.unfinished and not complete:
        return "the answer breaks off inside it; give it whole, or as SEARCH/REPLACE blocks."
    if path in read.left_out and known in files:
        return "a comment in it stands for code that is not there; give it whole, or as SEARCH/REPLACE blocks."
    before = files.get(known)
    if isinstance(before, str) and known.endswith(".py") and (lost := lost_names(before, read.files[path])):
        missing = ", ".join(lost[:5])
        return f"what was given is a piece of it, without {missing}; give it whole, or as SEARCH/REPLACE blocks."
    if isinstance(before, bytes):
        return "it is binary data, which an answer cannot hold."
    other = clashes(known, files)
    return f"{other!r} is there already, and both cannot be; use that name." if other else None


def _known(path: str, files: Files) -> str:
    """The path as the project has it, where the model put the project's folder in front of it."""
    inner = path.partition("/")[2]
    return inner if path not in files and inner in files else path


def _path_of(edit: Edit, files: Files) -> str:
    """The file that an edit is for: the one it names, or the only one in which its search text stands."""
    if edit.path:
        return _known(tidy_path(edit.path), files)
    search = edit.search.split("\n")
    texts = {path: text for path, text in files.items() if isinstance(text, str)}
    found = [path for path, text in texts.items() if edit.search.strip() and find(search, _lines(text))]
    return found[0] if len(found) == 1 else ""


def _apply(edit: Edit, path: str, files: Files) -> str | _Refusal:
    """The new text of the file, or why there is none."""
    if not path:
        return _Refusal("it names no file, and its search text does not stand in exactly one; put the path before it.")
    text = files.get(path)
    if text is None:
        return _new_file(edit, path, files)
    if isinstance(text, bytes):
        return _Refusal("the file is binary data and cannot be edited.")
    if not edit.search.strip():
        if not text.strip():
            return edit.replace
        return _Refusal("its search text is empty, but the file is not; repeat the lines that are to be replaced.")
    return _replaced(edit, _lines(text))


def _new_file(edit: Edit, path: str, files: Files) -> str | _Refusal:
    if refused := why_refused(path):
        return _Refusal(refused)
    if other := clashes(path, files):
        return _Refusal(f"{other!r} is there already, and both cannot be; use that name.")
    if not edit.search.strip() and edit.replace.strip() and len(files) < MOST_FILES:
        return f"{edit.replace}\n"
    close = difflib.get_close_matches(path, files, n=1)
    meant = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(files)[:20])}."
    return _Refusal(f"there is no such file in the project; {meant}")


def _replaced(edit: Edit, lines: list[str]) -> str | _Refusal:
    search, replace = edit.search.split("\n"), edit.replace.split("\n") if edit.replace else []
    places = find(search, lines)
    if not places:
        return _Refusal(_not_found(search, replace, lines))
    if len(places) > 1:
        numbers = ", ".join(str(place.line + 1) for place in places)
        return _Refusal(f"its search text stands there {len(places)} times, from lines {numbers}; repeat more lines.")
    new = shifted(replace, places[0])
    if new is None:
        return _Refusal("its replacement is indented less than its search text, which itself is indented otherwise.")
    return _put(new, places[0], len(search), lines)


def _put(new: list[str], place: Place, length: int, lines: list[str]) -> str | _Refusal:
    if new == lines[place.line : place.line + length]:
        return _Refusal("it changes nothing: search and replacement are the same.")
    return "\n".join([*lines[: place.line], *new, *lines[place.line + length :]])


def _not_found(search: list[str], replace: list[str], lines: list[str]) -> str:
    there = find(replace, lines) if any(line.strip() for line in replace) else []
    if there:
        return f"its search text is not in the file; its replacement is there already, from line {there[0].line + 1}."
    near = nearest(search, lines)
    if near is None:
        return "its search text is not in the file, and nothing there is like it."
    start, length = near
    shown = lines[start : start + min(length, _SHOWN_LINES)]
    code = "\n".join(f"{n:>5} | {line[:_SHOWN_WIDTH]}" for n, line in enumerate(shown, start + 1))
    return f"its search text is not in the file; the nearest lines there are {start + 1} to {start + length}:\n{code}"


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")
