"""From files and folders to patterns that can be vetted. What the files say is data: nothing here runs them."""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from ingest.schema import Rejected
from knowledge.errors import PatternError
from knowledge.patterns import FRAMEWORKS, has_header, pattern_from_text, wrong_file
from knowledge.schema import Framework, Pattern

MODULES: dict[str, Framework] = {"torch": "pytorch", "tensorflow": "tensorflow", "keras": "tensorflow"}
PREFIXES = {framework: prefix for prefix, framework in FRAMEWORKS.items()}
SKIPPED = {"__pycache__", "node_modules", "site-packages"}
MAX_BYTES = 200_000


class Candidate(BaseModel):
    """A pattern that was found, not yet run."""

    file: Path
    pattern: Pattern
    text: str
    """The whole pattern file; for a plain program with a header made for it."""


def find_candidates(source: Path) -> tuple[list[Candidate], list[Rejected]]:
    """What one file or folder offers, and each file that cannot be a pattern with the reason."""
    candidates: list[Candidate] = []
    rejected: list[Rejected] = []
    if not source.exists():
        return [], [Rejected(source=str(source), reason="there is no such file or folder")]
    for path in _files(source):
        try:
            candidates.append(_read(path, base=source))
        except (PatternError, UnicodeDecodeError, OSError) as error:
            rejected.append(Rejected(source=str(path), reason=str(error).removeprefix(f"{path}: ")))
    return candidates, rejected


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for path in sorted(source.rglob("*")):
        parts = path.relative_to(source).parts
        hidden = any(part.startswith(".") or part in SKIPPED for part in parts)
        if path.is_file() and not path.is_symlink() and not hidden and not _is_companion(path):
            yield path


def _is_companion(path: Path) -> bool:
    return path.name.endswith(".wrong.py") and path.with_name(path.name.replace(".wrong.py", ".py")).is_file()


def _read(path: Path, *, base: Path) -> Candidate:
    if path.suffix != ".py":
        raise PatternError(f"{path.suffix or 'such'} files cannot be read yet; give Python programs")
    if path.name.endswith(".wrong.py"):
        raise PatternError("it is a wrong example without its program beside it")
    if path.stat().st_size > MAX_BYTES:
        raise PatternError(
            f"it is larger than {MAX_BYTES // 1000} kB; split it into programs that teach one thing each"
        )
    text = path.read_text(encoding="utf-8")
    beside = wrong_file(path)
    wrong = beside.read_text(encoding="utf-8") if beside.is_file() and has_header(text) else None
    if not has_header(text):
        text = with_header(text, path=path, base=base)
    pattern = pattern_from_text(text, wrong, path=path.name, name=str(path))
    return Candidate(file=path, pattern=pattern, text=text)


def with_header(code: str, *, path: Path, base: Path) -> str:
    """A plain program as a pattern file: title from its docstring, interfaces and framework from its imports."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise PatternError(f"it does not parse: {error}") from None
    if not any(_runs_something(node) for node in tree.body):
        raise PatternError("it defines things and runs nothing; add a demo under `if __name__ == '__main__':`")
    apis = used_apis(tree)
    framework = _framework(apis)
    words = " ".join(re.findall(r"[A-Za-z0-9]+", path.stem))
    docstring = ast.get_docstring(tree)
    title, _, rest = (docstring or words.capitalize()).partition("\n")
    header = {
        "id": _own_id(framework, path=path, base=base),
        "topic": "own",
        "questions": [title, words, f"{words} {framework}", *_described(tree)],
        "apis": apis,
        "why": " ".join(rest.split()) or f"It was ingested from {path.name}.",
        "license": "unknown",
        "source": str(path.resolve()),
    }
    # JSON strings and lists of them are TOML too.
    fields = "".join(f"# {key} = {json.dumps(value)}\n" for key, value in header.items())
    made = "" if docstring else f'"""{title}."""\n\n'
    return f"# /// pattern\n{fields}# ///\n{made}{code}"


def _own_id(framework: Framework, *, path: Path, base: Path) -> str:
    """Stable for a file that stays where it is; the last letters keep files of the same name apart."""
    folder = re.sub(r"[^a-z0-9]+", "-", base.stem.lower()).strip("-") or "own"
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "program"
    return f"{PREFIXES[framework]}.{folder}.{name}-{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:6]}"


def _runs_something(node: ast.stmt) -> bool:
    """Whether this statement does work of its own, rather than name something."""
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    return isinstance(node, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Assert)


def _described(tree: ast.Module) -> list[str]:
    """First lines of the docstrings of what the program defines."""
    defined = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [text.partition("\n")[0] for node in defined if (text := ast.get_docstring(node))]


def _framework(apis: list[str]) -> Framework:
    found = {MODULES[root] for api in apis if (root := api.split(".")[0]) in MODULES}
    if len(found) != 1:
        raise PatternError(f"it uses {'both frameworks' if found else 'neither torch nor tensorflow nor keras'}")
    return found.pop()


def used_apis(tree: ast.Module) -> list[str]:
    """Dotted names, as imported, of everything that the program takes from other packages."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= dict(_bound(alias) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    outer = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner]
    dotted = (ast.unparse(node) for node in outer if _is_dotted(node))
    return sorted({names[root] + name[len(root) :] for name in dotted if (root := name.split(".")[0]) in names})


def _bound(alias: ast.alias) -> tuple[str, str]:
    """The name that an import binds, and what it stands for."""
    root = alias.name.split(".")[0]
    return (alias.asname, alias.name) if alias.asname else (root, root)


def _is_dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
