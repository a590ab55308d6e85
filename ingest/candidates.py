"""From a reading to patterns that can be vetted, each with a header made for it. Nothing here runs what it says."""

import ast
import json
import sys
from collections import Counter
from pathlib import Path

from pydantic import BaseModel

from ingest.apis import PREFIXES, framework_of, frameworks_of, used_apis
from ingest.errors import Unreadable
from ingest.instructions import says
from ingest.naming import (
    folder_slug,
    headings_of,
    prose_of,
    questions_for,
    short_hash,
    slug,
    stem_words,
    title_for,
    topic_for,
)
from ingest.programs import Program
from ingest.python_source import docstring_of, only_imports, parsed, runs_something
from ingest.reading import Reading
from ingest.similarity import what_runs
from knowledge.errors import PatternError
from knowledge.patterns import pattern_from_text
from knowledge.schema import Pattern

LARGEST_PROGRAM = 32_000
"""Characters. A pattern is read whole, by people and by models."""
FEWEST_APIS, FEWEST_CALLS = 2, 4
NOTHING_SHOWN = {"is_available", "manual_seed", "set_seed", "__version__", "set_random_seed", "list_physical_devices"}


class Candidate(BaseModel):
    """A pattern that was found, not yet run."""

    source: str
    """The document with its lines, as the report names it."""
    document: str
    pattern: Pattern
    text: str
    """The whole pattern file."""
    file: Path | None = None
    """Where the document lies on this machine, if it does."""
    program: Program | None = None
    """Of which pieces it is made; None for a pattern that was written as one."""
    reading: Reading | None = None
    whole: str = ""
    """Id of the program with all its pieces, where pieces were left out."""
    cuts: int = 0
    """How often a piece was left out because it failed."""
    remarks: list[str] = []


class Faulty(BaseModel):
    """A program that cannot be a pattern, and why."""

    source: str
    reason: str
    program: Program | None = None


def candidates_in(reading: Reading) -> tuple[list[Candidate], list[Faulty]]:
    """What a document offers, and what in it cannot be a pattern with the reason."""
    if reading.is_pattern:
        return _written_pattern(reading)
    candidates: list[Candidate] = []
    faulty: list[Faulty] = []
    taken: Counter[str] = Counter()
    for program in reading.programs:
        source = source_of(reading, program)
        if not reading.is_file and not program.runs and all(only_imports(piece.code) for piece in program.pieces):
            continue
        try:
            name = slug(_name_of(reading, program), otherwise="program")
            taken[name] += 1
            candidates.append(_candidate(reading, program, name=name, number=taken[name]))
        except (Unreadable, PatternError) as fault:
            faulty.append(Faulty(source=source, reason=str(fault).removeprefix(f"{source}: "), program=program))
    return candidates, faulty


def source_of(reading: Reading, program: Program) -> str:
    """The document, with the lines of the program where it is only a part of it."""
    if reading.is_file:
        return reading.document.name
    return reading.document.name + _lines(reading, program)


def _lines(reading: Reading, program: Program) -> str:
    return reading.where(program.pieces[0].first, max(piece.last for piece in program.pieces))


def _written_pattern(reading: Reading) -> tuple[list[Candidate], list[Faulty]]:
    document = reading.document
    try:
        wrong = document.beside.decode("utf-8") if document.beside is not None else None
        pattern = pattern_from_text(reading.decoded.text, wrong, path=document.path, name=document.name)
    except (PatternError, UnicodeDecodeError) as fault:
        return [], [Faulty(source=document.name, reason=str(fault).removeprefix(f"{document.name}: "))]
    made = Candidate(
        source=document.name, document=document.place, pattern=pattern, text=reading.decoded.text, file=document.file
    )
    return [made], []


def _candidate(reading: Reading, program: Program, *, name: str, number: int) -> Candidate:
    if not program.runs or (reading.is_file and not _file_runs(program)):
        raise Unreadable("it defines things and runs nothing; add a demo under `if __name__ == '__main__':`")
    if len(program.code) > LARGEST_PROGRAM:
        raise Unreadable(f"its program is longer than {LARGEST_PROGRAM // 1000} kB, and patterns are read whole")
    folder = folder_slug(reading)
    place = [reading.document.place] if reading.is_file else [reading.document.place, name, str(number)]
    apis = used_apis(parsed(program.code))
    pattern_id = f"{PREFIXES[framework_of(apis)]}.{folder}.{name}-{short_hash(*place)}"
    return candidate_of(reading, program, apis, pattern_id=pattern_id)


def candidate_of(reading: Reading, program: Program, apis: list[str], *, pattern_id: str) -> Candidate:
    """The program, which uses these interfaces, with a header made for it.

    Raises Unreadable or PatternError where it cannot be a pattern.
    """
    tree = parsed(program.code)
    if not reading.is_file and _shows_little(tree, apis):
        raise Unreadable("it is too short to show anything")
    title = title_for(reading, program, [api for api in apis if frameworks_of([api])])
    header = {"id": pattern_id} | _header(reading, program, tree, apis, title=title)
    # JSON strings and lists of them are TOML too.
    fields = "".join(f"# {key} = {json.dumps(value)}\n" for key, value in header.items())
    text = f"# /// pattern\n{fields}# ///\n{_with_title(program.code, tree, title, bare=bool(reading.flags))}"
    source = source_of(reading, program)
    pattern = pattern_from_text(text, None, path=reading.document.path, name=source)
    return Candidate(
        source=source,
        document=reading.document.place,
        pattern=pattern,
        text=text,
        file=reading.document.file,
        program=program,
        reading=reading,
        remarks=_remarks(program),
    )


def _header(
    reading: Reading, program: Program, tree: ast.Module, apis: list[str], *, title: str
) -> dict[str, str | list[str]]:
    described = [text.partition("\n")[0] for node in tree.body if (text := docstring_of(node))]
    asked = questions_for(reading, program, title=title, framework=framework_of(apis), described=described)
    return {
        "topic": topic_for(reading, headings_of(reading, program)),
        "questions": asked,
        "apis": [api for api in apis if api.split(".")[0] not in sys.stdlib_module_names],
        "why": _why(reading, program),
        "license": reading.license,
        "source": reading.document.cited + ("" if reading.is_file else _lines(reading, program)),
    } | ({"flags": reading.flags} if reading.flags else {})


def _shows_little(tree: ast.Module, apis: list[str]) -> bool:
    """Whether it is a line or two out of context."""
    calls = sum(isinstance(node, ast.Call) for node in ast.walk(tree))
    return (
        len({api for api in apis if api.rpartition(".")[2] not in NOTHING_SHOWN}) < FEWEST_APIS and calls < FEWEST_CALLS
    )


def _with_title(code: str, tree: ast.Module, title: str, *, bare: bool) -> str:
    """The program under a docstring: its own, else its title. `bare` keeps nothing of it but what runs."""
    if bare:
        code = what_runs(code) + "\n"
    elif (ast.get_docstring(tree) or "").strip():
        return code
    escaped = title.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{escaped}{"" if escaped[-1:] in ".?!" else "."}"""\n\n{code}'


def _why(reading: Reading, program: Program) -> str:
    if reading.flags:
        return f"Only the code was kept of a document that is flagged: {says(reading.flags)}."
    return prose_of(reading, program) or f"It was ingested from {Path(reading.document.path).name}."


def _remarks(program: Program) -> list[str]:
    told = [f"added {line!r}, which the document does not say" for line in program.assumed]
    return [*told, *dict.fromkeys(piece.remark for piece in program.pieces if piece.remark)]


def _name_of(reading: Reading, program: Program) -> str:
    if reading.is_file or reading.flags:
        return stem_words(reading)
    headings = reading.sections[program.pieces[0].section].headings
    return f"{stem_words(reading)} {headings[-1]}" if len(headings) > 1 else stem_words(reading)


def _file_runs(program: Program) -> bool:
    """A module of definitions and constants is none, unless examples in its docstrings call what it defines."""
    if len(program.pieces) > 1:
        return True
    return any(runs_something(node) for node in parsed(program.pieces[0].code).body)
