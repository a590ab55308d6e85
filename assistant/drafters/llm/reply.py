"""Read the files out of a model's reply, however it wrote them, and say what could not be used."""

import re
from dataclasses import replace

from pydantic import BaseModel

from assistant.drafters.llm.reading.anonymous import ENTRY, one_program
from assistant.drafters.llm.reading.blocks import Found, read_blocks
from assistant.drafters.llm.reading.fences import parses
from assistant.drafters.llm.reading.given import Given, choose, file_text
from assistant.drafters.llm.reading.json_reply import read_json
from assistant.drafters.llm.reading.paths import clashes, strip_folder, tidy_path, why_refused
from assistant.drafters.llm.reading.plain_text import plain_text

MOST_FILES = 60
MOST_CHARACTERS = 200_000
"""Of one file. Code that a model wrote is a hundredth of that; more is an answer that did not end."""
NO_FILE = "The reply holds no file."
_MOST_PROBLEMS = 20


class FilesRead(BaseModel):
    """What a reply gives."""

    files: dict[str, str] = {}
    """Path inside the project -> text."""
    prose: str = ""
    """What stands around the files, commands and examples among it."""
    problems: list[str] = []
    """One sentence for each thing that was left out or had to be decided."""
    unfinished: list[str] = []
    """Files that were taken although the reply, or their block, ends before they do."""
    left_out: list[str] = []
    """Files that were taken although a comment in them stands for code that is not there."""


def read_files(text: str) -> FilesRead:
    """The files of a reply. Nothing in it raises; the time is linear in its length."""
    text = plain_text(text)
    if from_json := read_json(text):
        return _read(Found(given=from_json[0], prose=from_json[1]))
    found = read_blocks(text)
    if not found.given and found.json and (from_json := read_json(found.json)):
        return _read(Found(given=from_json[0], prose=f"{found.prose_without_json.strip()}\n\n{from_json[1]}"))
    if not found.given and not found.blocks and (program := _bare_program(text)):
        return _read(Found(given=[Given(ENTRY, program)]))
    return _read(_with_anonymous(found))


def _bare_program(text: str) -> str | None:
    """The text itself, where it is Python and more than a word that happens to parse."""
    code = file_text(text.strip("\n").split("\n"))
    return code if re.search(r"[=(:]|^import ", code, re.M) and "\n" in code.strip() and parses(code) else None


def _with_anonymous(found: Found) -> Found:
    """With the Python that names no file: the program itself where no file is named, else nothing but a problem."""
    if not found.anonymous:
        return found
    if found.given:
        first = next((line.strip() for line in found.anonymous[0] if line.strip()), "")[:60]
        said = f"{len(found.anonymous)} code block(s) without a file name were left out; the first begins {first!r}."
        return replace(found, problems=[*found.problems, said])
    lines, problems = one_program(found.anonymous)
    given = Given(ENTRY, file_text(lines), complete=not found.breaks_off)
    return replace(found, given=[given], problems=[*found.problems, *problems])


def _read(found: Found) -> FilesRead:
    """Refuse paths, choose between versions, and take the project's own folder off the paths."""
    versions, problems = _versions(found.given)
    chosen = {path: choose(given) for path, given in versions.items()}
    problems += [problem for path, given in chosen.items() if (problem := _judge(path, given, versions[path]))]
    chosen = {path: given for path, given in chosen.items() if len(given.content) <= MOST_CHARACTERS}
    files = strip_folder({path: given.content for path, given in chosen.items()})
    renamed = dict(zip(chosen, files, strict=True))
    problems = [*found.problems, *problems]
    if not files and not problems:
        problems = [NO_FILE]
    return FilesRead(
        files=files,
        prose=found.prose.strip(),
        problems=_capped(problems),
        unfinished=[renamed[path] for path, given in chosen.items() if not given.complete],
        left_out=[renamed[path] for path, given in chosen.items() if given.left_out],
    )


def _versions(given: list[Given]) -> tuple[dict[str, list[Given]], list[str]]:
    """The versions of each file under its tidied path, in order of appearance; and what was refused, in sentences."""
    versions: dict[str, list[Given]] = {}
    keys: dict[str, str] = {}
    problems: list[str] = []
    for one in given:
        path = tidy_path(one.path)
        if refused := why_refused(path, written=one.path):
            problems.append(refused)
            continue
        earlier = keys.get(path.casefold(), path)
        if earlier != path:
            problems.append(f"{earlier!r} and {path!r} differ in case only; the last one was taken, as {path!r}.")
            versions[path] = versions.pop(earlier)
        elif path not in versions and (other := clashes(path, versions)):
            problems.append(f"The file {path!r} was left out: {other!r} is a file, and cannot be a folder as well.")
            continue
        elif path not in versions and len(versions) >= MOST_FILES:
            problems.append(f"The file {path!r} was left out: a project has at most {MOST_FILES} files.")
            continue
        keys[path.casefold()] = path
        versions.setdefault(path, []).append(one)
    return versions, problems


def _judge(path: str, taken: Given, versions: list[Given]) -> str | None:
    """One sentence about the version that was taken, where there is something to say."""
    if len(taken.content) > MOST_CHARACTERS:
        return (
            f"The file {path!r} was left out: it has {len(taken.content):,} characters, more than {MOST_CHARACTERS:,}."
        )
    if not taken.complete:
        return f"The file {path!r} has no closing fence; what there is of it was taken, and its end may be missing."
    if taken.left_out:
        return (
            f"The file {path!r} leaves code out in line {taken.left_out}, where a comment stands for it; give it whole."
        )
    if taken is not versions[-1]:
        return f"The file {path!r} was given {len(versions)} times; the last is not whole, an earlier one was taken."
    return None


def _capped(problems: list[str]) -> list[str]:
    distinct = list(dict.fromkeys(problems))
    more = len(distinct) - _MOST_PROBLEMS
    return distinct if more <= 0 else [*distinct[:_MOST_PROBLEMS], f"There were {more} more problems of these kinds."]
