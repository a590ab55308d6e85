"""Read pattern files: a TOML header in comments, a docstring with the title, then a real program."""

import ast
import hashlib
import logging
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from knowledge.errors import PatternError
from knowledge.schema import Framework, Pattern
from knowledge.syntax import NO_PYTHON, parse_source
from knowledge.vetting import DECISIVE, installed_versions, read_records, status_of

REPOSITORY = Path(__file__).parent / "patterns"
"""The patterns that come with gradproof."""

Versions = Mapping[Framework, Mapping[str, str]]
"""Framework -> what decides in the interpreter that runs it, distribution -> version."""
FRAMEWORKS: dict[str, Framework] = {"pt": "pytorch", "tf": "tensorflow"}
COMPUTED = {"framework", "title", "summary", "code", "wrong", "path", "sha256", "vetting", "status"}

log = logging.getLogger(__name__)


def read_patterns(root: Path, *, versions: Versions | None = None, pass_over: bool = False) -> list[Pattern]:
    """Every pattern under `root`, sorted by id, with the status that its record (vetting.jsonl beside `root`) gives it.

    `versions` are those of the interpreters that will run the code, where those are not this one. Raises PatternError
    for a malformed file, unless such are to be passed over, and for an id that two files claim.
    """
    versions = versions or installed_versions()
    vetted = read_records(root.parent / "vetting.jsonl")
    found: dict[str, Pattern] = {}
    for path in pattern_files(root):
        try:
            pattern = read_pattern(path, root=root)
        except (PatternError, UnicodeDecodeError, OSError) as error:
            if not pass_over:
                raise
            log.warning("passed over, and may be deleted: %s", error)
            continue
        if pattern.id in found:
            raise PatternError(
                f"{path}: id {pattern.id!r} is already taken by {found[pattern.id].path}; choose another"
            )
        vetting = vetted.get(pattern.id)
        status = status_of(pattern, vetting, installed=versions.get(pattern.framework, {}))
        found[pattern.id] = pattern.model_copy(update={"vetting": vetting, "status": status})
    return [found[key] for key in sorted(found)]


def all_patterns(home: Path, *, repository: Path = REPOSITORY, versions: Versions | None = None) -> list[Pattern]:
    """The patterns that come with gradproof and those ingested into `home`; the former win where ids clash.

    Of what was ingested nothing gets into the projects that gradproof composes, whatever its header says. A file of it
    that cannot be read is passed over, with a warning.
    """
    own = read_patterns(repository, versions=versions)
    taken = {pattern.id for pattern in own}
    root = home / "patterns"
    ingested = read_patterns(root, versions=versions, pass_over=True) if root.is_dir() else []
    for pattern in ingested:
        if pattern.id in taken:
            log.warning("%s is hidden by the pattern of the same id that comes with gradproof", pattern.path)
    return own + [_foreign(pattern) for pattern in ingested if pattern.id not in taken]


def _foreign(pattern: Pattern) -> Pattern:
    """As a lesson that stands alone; where it claims to be gradproof's own, its licence is nobody's word either."""
    claims = {"source": f"ingested as {pattern.path}", "license": "unknown"} if pattern.source == "original" else {}
    return pattern.model_copy(update={"role": None, "provides": None, "entry": None} | claims)


def pattern_files(root: Path) -> list[Path]:
    """The programs under `root`, without their wrong examples."""
    return sorted(path for path in root.rglob("*.py") if not path.name.endswith(".wrong.py"))


def wrong_file(path: Path) -> Path:
    """Where the wrong example of `path` would lie."""
    return path.with_name(f"{path.stem}.wrong.py")


def read_pattern(path: Path, *, root: Path) -> Pattern:
    """The pattern in one file, not yet with a vetting record. Raises PatternError, which names file and field."""
    beside = wrong_file(path)
    wrong = beside.read_text(encoding="utf-8") if beside.is_file() else None
    text = path.read_text(encoding="utf-8")
    return pattern_from_text(text, wrong, path=path.relative_to(root).as_posix(), name=str(path))


def pattern_from_text(text: str, wrong: str | None, *, path: str, name: str) -> Pattern:
    """The pattern in the text of a file and of its wrong example; errors call it `name`. Raises PatternError."""
    header, code = split_header(text, name=name)
    title, summary = _docstring(code, name=name)
    computed = {
        "framework": FRAMEWORKS.get(str(header.get("id", "")).split(".")[0]),
        "title": title,
        "summary": summary,
        "code": code,
        "wrong": wrong,
        "path": path,
        "sha256": hash_of(text, wrong),
    }
    return _checked(header | computed, name=name)


def split_header(text: str, *, name: str) -> tuple[dict[str, Any], str]:
    """The header's fields, and the program after it. Raises PatternError when there is none or it is not TOML."""
    lines = text.splitlines(keepends=True)
    if not has_header(text):
        raise PatternError(f"{name}: the first line must be '# /// pattern'")
    end = next((number for number, line in enumerate(lines) if number and line.rstrip() == "# ///"), None)
    if end is None:
        raise PatternError(f"{name}: the header has no end; close it with a line '# ///'")
    commented = [line.rstrip("\r\n") for line in lines[1:end]]
    if stray := next((line for line in commented if not line.startswith("#")), None):
        raise PatternError(f"{name}: the header holds {stray!r}; each of its lines must begin with '#'")
    try:
        header = tomllib.loads("\n".join(line[1:].removeprefix(" ") for line in commented))
    except tomllib.TOMLDecodeError as error:
        raise PatternError(f"{name}: the header is not TOML: {error}") from None
    if wrongly := sorted(COMPUTED & header.keys()):
        raise PatternError(f"{name}: the header sets {wrongly[0]!r}, which is computed; remove it")
    return header, "".join(lines[end + 1 :])


def has_header(text: str) -> bool:
    """Whether this text is a pattern file rather than any other program."""
    return text.split("\n", 1)[0].rstrip() == "# /// pattern"


def hash_of(text: str, wrong: str | None) -> str:
    """What a vetting record refers to: the whole file, and the wrong example beside it."""
    return hashlib.sha256("\0".join((text, wrong or "")).encode()).hexdigest()


def project_source(pattern: Pattern) -> str:
    """The part of the program that belongs in a project: imports and definitions, without docstring and demo."""
    tree = parse_source(pattern.code)
    dropped = [node for node in tree.body if _is_main_guard(node)]
    if ast.get_docstring(tree, clean=False) is not None:
        dropped.append(tree.body[0])
    gone = {number for node in dropped for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    kept = [line for number, line in enumerate(pattern.code.splitlines(), start=1) if number not in gone]
    return "\n".join(kept).strip("\n") + "\n"


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def _docstring(code: str, *, name: str) -> tuple[str, str]:
    try:
        text = ast.get_docstring(parse_source(code))
    except NO_PYTHON as error:
        raise PatternError(f"{name}: the program does not parse: {error}") from None
    if not text:
        raise PatternError(f"{name}: title: the program needs a docstring whose first line is the title")
    title, _, rest = text.partition("\n")
    return title.strip().removesuffix("."), " ".join(rest.split())


def _checked(fields: dict[str, Any], *, name: str) -> Pattern:
    try:
        pattern = Pattern.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise PatternError(f"{name}: {field}: {first['msg']}") from None
    if (pattern.wrong is None) != (pattern.wrong_outcome is None):
        missing = "the file beside it" if pattern.wrong is None else "the field"
        raise PatternError(f"{name}: wrong_outcome: a wrong example needs both file and field; {missing} is missing")
    if unknown := sorted(pattern.applies.keys() - {names[0] for names in DECISIVE[pattern.framework]}):
        raise PatternError(
            f"{name}: applies: {unknown[0]!r} does not decide whether a {pattern.framework} pattern holds"
        )
    if pattern.role and not (pattern.provides and pattern.entry):
        raise PatternError(f"{name}: role: a pattern with a role also needs 'provides' and 'entry'")
    return pattern
