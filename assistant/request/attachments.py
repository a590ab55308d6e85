"""What the user attached: data files are profiled, code and the rest are carried along. Nothing is unpickled or run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from assistant.errors import RequestError
from assistant.request.arrays import ArraysProfile, profile_arrays
from assistant.request.table import TableProfile, profile_table

MAX_BYTES = 64 * 2**20
MAX_FILES = 200
CODE = {".py", ".ipynb", ".toml", ".cfg", ".yaml", ".yml"}
TABLES = {".csv", ".tsv"}
DATA_FOLDER = "data"
"""Where data files lie in a project."""
SKIPPED_FOLDERS = {"__pycache__", "node_modules", "venv"}


class Attachment(BaseModel):
    """One attached file."""

    name: str
    """File name; for a file of a folder, its path below the folder."""
    kind: Literal["csv", "npz", "code", "other"]
    content: bytes
    """What goes into the project: a table is always comma-separated UTF-8 here, whatever the file was."""
    profile: TableProfile | ArraysProfile | None = None

    @property
    def path(self) -> str:
        """Where it lies in the project."""
        return f"{DATA_FOLDER}/{self.name}"


def data_file(attachments: Sequence[Attachment], path: str | None) -> Attachment | None:
    """The attached file that lies at this path in the project."""
    return next((item for item in attachments if item.path == path), None)


def read_attachment(path: Path) -> Attachment:
    """Read one file; RequestError says in one sentence what is wrong with it and how to mend it."""
    if path.is_dir():
        raise RequestError(f"{str(path)!r} is a folder; attach the file that is meant inside it.")
    return _attachment(path, path.name)


def read_attachments(paths: Sequence[Path]) -> list[Attachment]:
    """Read files, and every file of folders; hidden files and caches are passed over."""
    named = [item for path in paths for item in (_files_below(path) if path.is_dir() else [(path, path.name)])]
    if len(named) > MAX_FILES:
        raise RequestError(f"{len(named)} files are attached; attach at most {MAX_FILES}, or a smaller folder.")
    seen: dict[str, Path] = {}
    for path, name in named:
        if name in seen and seen[name].resolve() != path.resolve():
            raise RequestError(f"Two attached files are both called {name!r}; rename one of them.")
        seen[name] = path
    attachments = [_attachment(path, name) for name, path in seen.items()]
    if sum(len(item.content) for item in attachments) > MAX_BYTES:
        raise RequestError(f"The attached files are larger than {MAX_BYTES >> 20} MiB together; attach fewer.")
    return attachments


def _files_below(folder: Path) -> list[tuple[Path, str]]:
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(part.startswith(".") or part in SKIPPED_FOLDERS for part in inside.parts) or path.is_symlink():
            continue
        if path.is_file():
            found.append((path, inside.as_posix()))
        if len(found) > MAX_FILES:
            raise RequestError(f"The folder {str(folder)!r} holds more than {MAX_FILES} files; attach a smaller one.")
    if not found:
        raise RequestError(f"The folder {str(folder)!r} holds no files; attach a file or another folder.")
    return found


def _attachment(path: Path, name: str) -> Attachment:
    content = _read(path, name)
    suffix = path.suffix.lower()
    if suffix in TABLES:
        profile, content = profile_table(content, name=name)
        return Attachment(name=str(Path(name).with_suffix(".csv")), kind="csv", content=content, profile=profile)
    if suffix == ".npz":
        return Attachment(name=name, kind="npz", content=content, profile=profile_arrays(content, name=name))
    return Attachment(name=name, kind="code" if suffix in CODE else "other", content=content)


def _read(path: Path, name: str) -> bytes:
    try:
        if not path.is_file():
            reason = "is not a regular file" if path.exists() else "does not exist"
            raise RequestError(f"The attached file {str(path)!r} {reason}; check its path.")
        if path.stat().st_size > MAX_BYTES:
            raise RequestError(f"{name!r} is larger than {MAX_BYTES >> 20} MiB; attach a part of its rows.")
        return path.read_bytes()
    except OSError as error:
        raise RequestError(
            f"The attached file {str(path)!r} cannot be read ({error.strerror}); check its permissions."
        ) from error
