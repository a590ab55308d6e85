"""The files of a program on this machine: what it may see in the sandbox, and nothing else."""

import ast
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from pydantic import BaseModel

from sandbox.errors import ProgramError
from sandbox.schema import Runtime

LARGEST_MB = 64
MOST_FILES = 2000
UNPARSED = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python's parser raises for a text that is wrong, holds null bytes or is nested too deeply."""
LEFT_OUT = {
    ".git",
    ".hg",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    ".pytest_cache",
    ".ruff_cache",
    ".ipynb_checkpoints",
}


class Program(BaseModel):
    """A script or a project folder, read whole."""

    files: dict[str, str | bytes]
    """Relative POSIX path -> content."""
    entry: str | None
    """The script that was named; None for a folder, whose entry is found later."""
    beside: frozenset[str] = frozenset()
    """Those of the files that were only given with it."""


def read_program(path: Path, *, beside: Iterable[Path] = ()) -> Program:
    """A script with the local modules that it imports, or a folder; and the files and folders of `beside`.

    Raises ProgramError for a path that is missing, unreadable, too large, or not a program.
    """
    if not path.exists():
        raise ProgramError(f"{str(path)!r} does not exist; give a script or a project folder")
    _require_plain(path)
    if path.is_dir():
        files, entry = _folder(path), None
        if not any(name.endswith(".py") for name in files):
            raise ProgramError(f"{str(path)!r} holds no Python file; give a script or a project folder")
    else:
        needed = _check_size(_with_local_imports(path), path)
        files, entry = {module.relative_to(path.parent).as_posix(): _content(module) for module in needed}, path.name
    given: set[str] = set()
    for extra in beside:
        if not extra.exists():
            raise ProgramError(f"{str(extra)!r} does not exist; give --with a file or a folder")
        _require_plain(extra)
        added = _folder(extra, prefix=extra.name) if extra.is_dir() else {extra.name: _content(extra)}
        if taken := sorted(added.keys() & files.keys()):
            raise ProgramError(f"--with {str(extra)!r} would replace {taken[0]!r} of the program; rename one of them")
        files |= added
        given |= added.keys()
    return Program(files=files, entry=entry, beside=frozenset(given))


def _require_plain(path: Path) -> None:
    """A device or a pipe has no end, or none that would come by itself."""
    if not path.is_dir() and not path.is_file():
        raise ProgramError(f"{str(path)!r} is no plain file; give a script or a folder")


def _check_size(paths: list[Path], root: Path) -> list[Path]:
    """The paths, unless they are too many or too large together; nothing has been read yet."""
    size = sum(path.stat().st_size for path in paths)
    if len(paths) > MOST_FILES or size > LARGEST_MB << 20:
        raise ProgramError(
            f"{str(root)!r} has {len(paths)} files of {size >> 20} MB; the sandbox takes {MOST_FILES} files of "
            f"{LARGEST_MB} MB together, so give a smaller folder or a single script"
        )
    return paths


def _folder(root: Path, *, prefix: str = "") -> dict[str, str | bytes]:
    paths = _check_size(list(islice(_walk(root), MOST_FILES + 1)), root)
    return {(Path(prefix) / path.relative_to(root)).as_posix(): _content(path) for path in paths}


def _walk(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.is_symlink() or path.name in LEFT_OUT:
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _content(path: Path) -> str | bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ProgramError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    if path.suffix != ".py":
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def _with_local_imports(script: Path) -> list[Path]:
    """The script and the modules beside it that it imports, directly or not."""
    found: dict[Path, None] = {}
    queue = [script]
    while queue:
        path = queue.pop()
        if path in found:
            continue
        found[path] = None
        for name in imported_names(_content(path)):
            queue += _module_files(script.parent, name)
    return list(found)


def imported_names(source: str | bytes) -> set[str]:
    """Top-level packages that a program imports; none where it cannot be parsed: running it will say why."""
    try:
        tree = ast.parse(source)
    except UNPARSED:
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names - {""}


def _module_files(folder: Path, name: str) -> list[Path]:
    module, package = folder / f"{name}.py", folder / name
    if module.is_file():
        return [module]
    return [path for path in _walk(package) if path.suffix == ".py"] if package.is_dir() else []


def guess_runtime(files: dict[str, str | bytes]) -> Runtime:
    """The framework that the program's own files import, or plain Python; PyTorch where both are."""
    names = {name for path, content in files.items() if path.endswith(".py") for name in imported_names(content)}
    return "pytorch" if "torch" in names else "tensorflow" if names & {"tensorflow", "keras"} else "python"
