"""Which paths of a model's files may stand in a project, and how they are written there."""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

LONGEST_PATH = 160
_SHOWN = 60
_HIDDEN_ALLOWED = {".gitignore"}
_ROOT_FILES = {"train.py", "main.py", "README.md", "pyproject.toml", "requirements.txt"}
_FOLDERS_THAT_STAY = {"tests", "data", "src", "scripts", "models"}


def tidy_path(path: str) -> str:
    """With forward slashes, without a leading "./" or doubled slashes; whether it may be used is another question."""
    path = path.strip(" \t")
    if re.match(r"[A-Za-z]:|\\", path):
        return path
    path = path.replace("\\", "/")
    return str(PurePosixPath(path)) if path and not path.endswith("/") and not path.startswith("/") else path


def why_refused(path: str, *, written: str | None = None) -> str | None:
    """One sentence where a tidied path may not be used, with the path as it was written; None where it may."""
    reason = _reason(path)
    if reason is None:
        return None
    shown = path if written is None else written
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    return f"The file {shown!r} was left out: its path {reason}; give paths inside the project, such as 'src/model.py'."


def _reason(path: str) -> str | None:
    parts = PurePosixPath(path).parts
    if not path or path == ".":
        return "is empty"
    if any(ord(char) < 32 or ord(char) == 127 for char in path):
        return "holds control characters"
    if len(path) > LONGEST_PATH:
        return f"is longer than {LONGEST_PATH} characters"
    if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path):
        return "is absolute"
    if path.startswith("~"):
        return "leads into a home folder"
    if ".." in parts:
        return "leads out of the project"
    if path.endswith("/"):
        return "names a folder"
    if any(part.startswith(".") and part not in _HIDDEN_ALLOWED for part in parts):
        return "is hidden"
    return "holds characters that not every system allows" if re.search(r'[<>:"|?*]', path) else None


def shared_folder(files: Mapping[str, str]) -> str | None:
    """The project's own folder, where every path begins with it; None where the folder is a part of the project.

    It is the project's own where it holds what stands at a project's root, and no file imports it as a package.
    """
    folders = {path.partition("/")[0] for path in files if "/" in path}
    if len(folders) != 1 or not all("/" in path for path in files):
        return None
    folder = folders.pop()
    roots = _ROOT_FILES & {path.partition("/")[2] for path in files}
    if folder in _FOLDERS_THAT_STAY or not (roots or "project" in folder.lower()):
        return None
    imported = re.compile(rf"^[ \t]*+(?:from|import)[ \t]++{re.escape(folder)}\b", re.MULTILINE)
    return None if any(imported.search(content) for content in files.values()) else folder


def strip_folder(files: Mapping[str, str]) -> dict[str, str]:
    """The files without the project's own folder in front of every path."""
    stripped = dict(files)
    while folder := shared_folder(stripped):
        stripped = {path.removeprefix(f"{folder}/"): content for path, content in stripped.items()}
    return stripped


def clashes(path: str, others: Iterable[str]) -> str | None:
    """The one of `others` that cannot stand beside `path`: equal but for case, or one a folder of the other."""
    key = path.casefold()
    for other in others:
        theirs = other.casefold()
        if other != path and (theirs == key or theirs.startswith(f"{key}/") or key.startswith(f"{theirs}/")):
            return other
    return None
