"""Imports of modules that the runtime does not have. Says nothing of what lies inside a module."""

import ast
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import PurePosixPath

from assistant.lint.guarded import guarded_statements
from assistant.python_source import parse_files
from assistant.schema import Diagnostic

SUCCESSORS = {
    "ai_edge_torch": ("litert_torch", "it is called litert-torch now"),
    "gym": ("gymnasium", "gym is not maintained; gymnasium goes on: reset returns (obs, info), step five values"),
    "imp": ("importlib", "Python 3.12 removed it; importlib does the same"),
    "keras_cv": ("keras_hub", "its models live in keras-hub now"),
    "keras_nlp": ("keras_hub", "it is called keras-hub now"),
    "pytorch_lightning": ("lightning", "it is called lightning now; a plain training loop needs neither"),
    "tensorflow_addons": ("keras", "it ended with 0.23; keras has its optimizers, losses and metrics by now"),
    "torchtext": ("tokenizers", "torchtext ended with 0.18; tokenizers splits text and builds vocabularies"),
}
"""Module that is dead or renamed -> the module to use instead, and why."""


def find_unknown_modules(files: Mapping[str, str | bytes], importable: frozenset[str]) -> list[Diagnostic]:
    """Each import whose top-level module is neither the project's own nor in `importable`.

    Imports that the code itself guards against failure, and those for type checkers only, are left alone.
    """
    own = _own_modules(files)
    return [
        _diagnose(module, importable | own, file=name, line=line)
        for name, tree in sorted(parse_files(files))
        for module, line in _imports(tree)
        if module not in importable and module not in own
    ]


def _own_modules(files: Mapping[str, str | bytes]) -> frozenset[str]:
    """Names under which a project could import its own files, from whichever folder its scripts are started."""
    paths = [PurePosixPath(name) for name in files if name.endswith(".py")]
    return frozenset(part for path in paths for part in (*path.parent.parts, path.stem))


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Top-level module and line of each import that must succeed."""
    guarded = guarded_statements(tree)
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno


def _diagnose(module: str, known: frozenset[str], *, file: str, line: int) -> Diagnostic:
    return Diagnostic(
        code="unknown-module",
        message=f"{module!r} is not installed where this runs",
        file=file,
        line=line,
        fix=_fix(module, known),
    )


def _fix(module: str, known: frozenset[str]) -> str | None:
    successor, why = SUCCESSORS.get(module, ("", ""))
    if successor in known:
        return f"Use {successor!r}: {why}."
    public = sorted(name for name in known if not name.startswith("_"))
    if near := get_close_matches(module, public, n=1, cutoff=0.8):
        return f"Did you mean {near[0]!r}?"
    return "Do without it: use what is installed."
